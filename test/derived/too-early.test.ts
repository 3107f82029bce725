import { describe, expect, it } from 'vitest';

import { nextTry, tooEarly } from '../../src/derived/too-early.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import type { RunningStandby } from '../../src/facts/running-standby.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aRunningStandby } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const no = unseen('permission', 'the log is closed');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const words = 'FATAL:  could not connect to the primary server: connection refused';
const failedAt = (seconds: number) => seen(aLogUntil(ago(seconds), [words]), 'its log');
const withRetry = (value: string | undefined, change: Partial<RunningStandby> = {}) => {
  const setting = { value: value ?? '', pendingRestart: false, source: 'configuration file' };
  const settings = value === undefined ? [] : [['wal_retrieve_retry_interval', setting] as const];
  return aRunningStandby({ settings: new Map(settings), ...change });
};
const soon = (because: string) => ({ kind: 'timed-out', because, remedy: 'run this again in a moment' });

describe('it is too early to tell', () => {
  const started = (seconds: number) => soon(`the standby was started ${seconds} s ago and does not stream yet`);
  const loaded = (seconds: number, retry = 5) =>
    soon(
      `the standby reloaded its configuration ${seconds} s ago, and tries to connect every ${retry} s (wal_retrieve_retry_interval)`,
    );

  it.each<readonly [string, RunningStandby, Parameters<typeof tooEarly>[1], ReturnType<typeof soon> | undefined]>([
    ['started long ago', aRunningStandby(), no, undefined],
    ['started just now', withRetry(undefined, { startedAt: ago(4.4) }), no, started(4)],
    ['started as long ago as a try takes', withRetry(undefined, { startedAt: ago(5) }), no, undefined],
    ['started just now, and has failed', withRetry(undefined, { startedAt: ago(4) }), failedAt(2), started(4)],
    ['tries more often than the default', withRetry('1000', { startedAt: ago(4) }), no, started(4)],
    ['tries seldom', withRetry('30s', { startedAt: ago(29) }), no, started(29)],
    ['tries seldom, and could have', withRetry('30s', { startedAt: ago(30) }), no, undefined],
    ['tries so seldom that nobody waits', withRetry('10min', { startedAt: ago(59) }), no, started(59)],
    ['tries so seldom that nobody waits longer', withRetry('10min', { startedAt: ago(60) }), no, undefined],
    ['nobody knows when it was started', withRetry(undefined, { startedAt: undefined }), no, undefined],
    ['read its configuration just now', aRunningStandby({ loadedAt: ago(3) }), no, loaded(3)],
    ['read it, and a login would be over nearly', aRunningStandby({ loadedAt: ago(5.9) }), no, loaded(6)],
    ['read it, and a login would be over', aRunningStandby({ loadedAt: ago(6) }), no, undefined],
    ['read it, and tries seldom', withRetry('30s', { loadedAt: ago(30) }), no, loaded(30, 30)],
    ['read it, and tries so seldom that nobody waits', withRetry('10min', { loadedAt: ago(61) }), no, undefined],
    ['read it, and failed before that', aRunningStandby({ loadedAt: ago(3) }), failedAt(4), loaded(3)],
    ['read it, and failed in that moment', aRunningStandby({ loadedAt: ago(3) }), failedAt(3), undefined],
    ['read it, and has failed since', aRunningStandby({ loadedAt: ago(3) }), failedAt(1), undefined],
  ])('%s', (_, server, log, why) => expect(tooEarly(server, log)).toEqual(why));
});

describe('the next try may succeed', () => {
  const tried = (seconds: number, retry = 5) =>
    soon(
      `the standby tried to connect ${seconds} s ago, and tries again every ${retry} s (wal_retrieve_retry_interval)`,
    );

  it.each<readonly [string, RunningStandby, Parameters<typeof nextTry>[1], ReturnType<typeof soon> | undefined]>([
    ['failed just now', aRunningStandby(), failedAt(2), tried(2)],
    ['failed by a clock that is ahead', aRunningStandby(), failedAt(-2), tried(0)],
    ['the next login would be over nearly', aRunningStandby(), failedAt(5.9), tried(6)],
    ['the next login would be over', aRunningStandby(), failedAt(6), undefined],
    ['tries each minute', withRetry('60s'), failedAt(50), tried(50, 60)],
    ['tries so seldom that nobody waits', withRetry('61s'), failedAt(2), undefined],
    ['has not failed', aRunningStandby(), seen(aLogUntil(now, []), 'its log'), undefined],
    ['its log is closed', aRunningStandby(), no, undefined],
  ])('%s', (_, server, log, why) => expect(nextTry(server, log)).toEqual(why));
});
