import { describe, expect, it } from 'vitest';

import { unexplainedStream } from '../../src/derived/unexplained-stream.ts';
import { notApplicable, seen } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { aLogUntil, logPath } from '../rules/a-log.ts';
import { aRunningStandby } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const title = 'The standby does not stream';
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const log = (secondsAgo: number, ...lines: readonly string[]) => seen(aLogUntil(ago(secondsAgo), lines), 'its log');
const streaming = 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1';
const reset =
  'FATAL:  could not receive data from WAL stream: could not receive data from server: Connection reset by peer';
const removed =
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed';
const look = `Read the messages of the WAL receiver at the end of ${logPath}, and what the primary's log says about this standby at the same time. standbylint explain - explains most messages.`;

describe('the words of the last attempt', () => {
  it.each<readonly [string, string, string | undefined]>([
    [
      'the primary’s, in the stream',
      removed,
      'requested WAL segment 000000010000000000000004 has already been removed',
    ],
    ['libpq’s', reset, 'could not receive data from server: Connection reset by peer'],
    [
      'the primary’s, at the login',
      'FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  the database system is shutting down',
      'the database system is shutting down',
    ],
    [
      'libpq’s at the connection, the first line alone',
      'FATAL:  streaming replication receiver "db2" could not connect to the primary server: connection to server at "10.0.0.1", port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
      'Connection refused',
    ],
    [
      'the primary’s, at the beginning of the stream',
      'FATAL:  could not start WAL streaming: ERROR:  replication slot "standby1" does not exist',
      'replication slot "standby1" does not exist',
    ],
    ['the receiver’s own', 'FATAL:  terminating walreceiver due to timeout', 'terminating walreceiver due to timeout'],
  ])('%s', (_, line, reason) => expect(unexplainedStream(title, undefined, log(60, line)).reason).toBe(reason));
});

describe('a stream that no other finding explains', () => {
  const mayBe = [
    'network/login-not-possible',
    'timeline/system-identifier-differs',
    'timeline/diverged',
    'wal/segment-removed',
    'slot/missing',
    'slot/in-use',
    'conninfo/not-applied',
    'conninfo/points-at-itself',
  ];

  it('its log is not there', () =>
    expect(unexplainedStream(title, aRunningStandby(), notApplicable('no log was found'))).toStrictEqual({
      title,
      reason: undefined,
      says: undefined,
      mayBe,
      look: look.replace(logPath, "the standby's log"),
    }));

  it('its log has no failure', () =>
    expect(unexplainedStream(title, aRunningStandby(), log(1, streaming))).toStrictEqual({
      title,
      reason: undefined,
      says: undefined,
      mayBe,
      look,
    }));

  it('a failure that the catalogue knows', () => {
    const { says, look: where } = unexplainedStream(title, undefined, log(60, removed));
    expect(says).toEqual({
      id: 'requested-wal-removed',
      variantOf: undefined,
      format: 'requested WAL segment %s has already been removed',
      text: 'requested WAL segment 000000010000000000000004 has already been removed',
    });
    expect(where).toBe(
      `If the segment is in an archive, set restore_command on the standby; else rebuild it with pg_basebackup. Then prevent it: use a physical slot (primary_slot_name) or raise wal_keep_size. ${look}`,
    );
  });

  it('a failure that it does not know', () => {
    const known = aLogUntil(ago(60), [reset]);
    const failure = known.summary.receiverFailure;
    if (failure === undefined) throw new Error('the receiver has failed');
    const unknown: ServerLog = {
      ...known,
      summary: { ...known.summary, receiverFailure: { ...failure, recognition: undefined } },
    };
    expect(unexplainedStream(title, undefined, seen(unknown, 'its log'))).toStrictEqual({
      title,
      reason: 'could not receive data from server: Connection reset by peer',
      says: undefined,
      mayBe,
      look,
    });
  });
});

describe('whether the next attempt may be the one that succeeds', () => {
  const soon = (seconds: number, every = 5) => ({
    kind: 'timed-out',
    because: `the standby tried to connect ${seconds} s ago, and tries again every ${every} s (wal_retrieve_retry_interval)`,
    remedy: 'run this again in a moment',
  });
  const retry = (value: string) =>
    new Map([['wal_retrieve_retry_interval', { value, pendingRestart: false, source: 'configuration file' }]]);

  it.each([
    ['it failed just now', aRunningStandby(), log(2, removed), soon(2)],
    ['the next attempt should be over', aRunningStandby(), log(6, removed), undefined],
    ['the next attempt is about to be over', aRunningStandby(), log(5.9, removed), soon(6)],
    ['it tries less often', aRunningStandby({ settings: retry('20s') }), log(20, removed), soon(20, 20)],
    ['it tries so seldom that nobody waits', aRunningStandby({ settings: retry('61s') }), log(2, removed), undefined],
    ['no server was seen', undefined, log(2, removed), undefined],
    [
      'it broke three times of late: a login says nothing',
      aRunningStandby(),
      log(2, streaming, reset, streaming, reset, streaming, reset),
      undefined,
    ],
    ['it broke twice', aRunningStandby(), log(2, streaming, reset, streaming, reset), soon(2)],
  ])('%s', (_, server, serverLog, ifOver) => {
    expect(unexplainedStream(title, server, serverLog).ifOver).toEqual(ifOver);
  });
});
