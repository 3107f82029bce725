import { describe, expect, it } from 'vitest';

import { measuresOf } from '../../src/derived/measures.ts';
import type { Facts } from '../../src/facts/facts.ts';
import type { Measure } from '../../src/findings/scene.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aConninfo, aDataDirectory, aReceiver, aRunningStandby, aWalSender } from '../rules/standby-world.ts';
import {
  aFileSystem,
  aPlace,
  aRefusal,
  aRefusedLogin,
  aSession,
  anAttempt,
  lsn,
  someSettings,
} from '../rules/world.ts';

const no = unseen('connection', 'it was not reached');
const bytes = (value: number): Measure => ({ name: 'replay-lag', unit: 'bytes', value });
const seconds = (value: number): Measure => ({ name: 'replay-delay', unit: 'seconds', value });
const free = (value: number, of: number): Measure => ({ name: 'free-wal-senders', unit: 'count', value, of });
const space = (value: number, of: number): Measure => ({ name: 'free-space', unit: 'bytes', value, of });
const login = seen(
  { attempts: [anAttempt()], outcome: { accepted: true as const, session: aSession() } },
  'the replication login',
);
const settings = (max: string | undefined) => seen(someSettings({ max_wal_senders: max }), 'pg_settings');
const senders = (...all: readonly ReturnType<typeof aWalSender>[]) => seen(all, 'pg_stat_replication');
const behind = aWalSender({
  currentLsn: lsn('0/3000060'),
  sentLsn: lsn('0/3000060'),
  writeLsn: lsn('0/3000060'),
  flushLsn: lsn('0/3000060'),
  replayLsn: lsn('0/3000040'),
  replayLagSeconds: 7,
});
const primary = (...all: readonly ReturnType<typeof aWalSender>[]): Partial<Facts> => ({
  walSenders: senders(...all),
  slots: seen([], 'pg_replication_slots'),
  standbyConninfo: seen(aConninfo(), 'its files'),
});
const running = (change: Parameters<typeof aRunningStandby>[0] = {}): Partial<Facts> => ({
  runningStandby: seen(aRunningStandby(change), 'it'),
});

describe('how far a standby is behind', () => {
  it.each<readonly [string, Partial<Facts>, readonly Measure[]]>([
    ['nothing was looked at', {}, []],
    ['as its primary shows it', { ...running(), ...primary(behind) }, [bytes(32), seconds(7)]],
    [
      'its primary shows it, where its own receiver is hidden',
      { ...running({ receiver: undefined, receiverHidden: true }), ...primary(behind) },
      [bytes(32), seconds(7)],
    ],
    ['its primary has measured no delay', { ...running(), ...primary(aWalSender()) }, [bytes(0)]],
    ['it streams, and its primary was not asked', running(), [bytes(0)]],
    ['its primary does not show it', { ...running(), ...primary() }, [bytes(0)]],
    [
      'two rows may be its own: its own words count',
      { ...running(), ...primary(behind, { ...behind, pid: 901 }) },
      [bytes(0)],
    ],
    [
      'the slots were not looked for: its own words count',
      { ...running(), walSenders: senders(behind), standbyConninfo: seen(aConninfo(), 'its files') },
      [bytes(0)],
    ],
    [
      'its own words, with a delay',
      running({
        receiver: aReceiver({ flushedLsn: lsn('0/5000000'), latestEndLsn: lsn('0/5000010') }),
        replay: {
          receivedLsn: lsn('0/5000000'),
          replayedLsn: lsn('0/3000000'),
          pauseState: 'not paused',
          lastReplayedCommitAt: new Date('2026-11-21T19:58:30Z'),
          moves: undefined,
        },
      }),
      [bytes(0x2_00_00_10), seconds(90)],
    ],
    ['it does not stream', running({ receiver: undefined }), []],
    ['its receiver waits', running({ receiver: aReceiver({ status: 'waiting' }) }), []],
    ['it is a primary', { ...running({ inRecovery: false }), ...primary(behind) }, []],
    ['it was not asked', { runningStandby: no, ...primary(behind) }, []],
    [
      'it streams, and knows no position',
      running({
        receiver: aReceiver({ flushedLsn: undefined, latestEndLsn: undefined }),
        replay: { ...aRunningStandby().replay, receivedLsn: undefined, replayedLsn: undefined },
      }),
      [],
    ],
  ])('%s', (_, facts, measures) => expect(measuresOf(facts)).toEqual(measures));
});

describe('WAL senders that are free', () => {
  const others = [aWalSender(), aWalSender({ pid: 901 })];
  const own = aWalSender({ pid: 902, applicationName: 'standbylint' });
  const exhausted = aRefusal(
    'wal-senders-exhausted',
    '53300',
    'number of requested standby connections exceeds "max_wal_senders" (currently 2)',
  );

  it.each<readonly [string, Partial<Facts>, readonly Measure[]]>([
    [
      'all but those of others',
      { primarySettings: settings('10'), replicationLogin: login, walSenders: senders(...others, own) },
      [free(8, 10)],
    ],
    ['none', { primarySettings: settings('2'), replicationLogin: login, walSenders: senders(...others) }, [free(0, 2)]],
    [
      'never fewer than none',
      { primarySettings: settings('1'), replicationLogin: login, walSenders: senders(...others) },
      [free(0, 1)],
    ],
    [
      'the refusal of a login names how many there are',
      {
        primarySettings: no,
        replicationLogin: seen(aRefusedLogin(exhausted), 'the replication login'),
        walSenders: senders(aWalSender()),
      },
      [free(1, 2)],
    ],
    [
      'how many there are is not shown',
      { primarySettings: settings(undefined), replicationLogin: login, walSenders: senders(...others) },
      [],
    ],
    ['who has one is not shown', { primarySettings: settings('10'), replicationLogin: login, walSenders: no }, []],
    ['who has one was not looked for', { primarySettings: settings('10'), replicationLogin: login }, []],
    ['the settings were not looked for', { replicationLogin: login, walSenders: senders(...others) }, []],
    ['no login was tried', { primarySettings: settings('10'), walSenders: senders(...others) }, []],
  ])('%s', (_, facts, measures) => expect(measuresOf(facts)).toEqual(measures));
});

describe('space that is free', () => {
  const small = { ...aFileSystem, freeBytes: 4096, totalBytes: 8192 };
  const directory = (fileSystem: ReturnType<typeof aDataDirectory>['fileSystem']) =>
    seen(aDataDirectory({ fileSystem }), 'it');

  it.each<readonly [string, Partial<Facts>, readonly Measure[]]>([
    ['on the disk of its data', { dataDirectory: directory(small) }, [space(4096, 8192)]],
    ['on the disk of the place for a copy', { targetDirectory: seen(aPlace(), 'it') }, [space(300e9, 500e9)]],
    [
      'its own disk comes first',
      { dataDirectory: directory(small), targetDirectory: seen(aPlace(), 'it') },
      [space(4096, 8192)],
    ],
    [
      'its own disk is not known',
      { dataDirectory: directory(undefined), targetDirectory: seen(aPlace({ fileSystem: small }), 'it') },
      [space(4096, 8192)],
    ],
    ['neither disk is known', { dataDirectory: no, targetDirectory: notApplicable('a standby exists') }, []],
  ])('%s', (_, facts, measures) => expect(measuresOf(facts)).toEqual(measures));
});

it('they come in one order', () => {
  const facts: Partial<Facts> = {
    dataDirectory: seen(aDataDirectory(), 'it'),
    replicationLogin: login,
    primarySettings: settings('10'),
    ...running(),
    ...primary(behind),
  };
  expect(measuresOf(facts)).toEqual([bytes(32), seconds(7), free(9, 10), space(300e9, 500e9)]);
});
