import { describe, expect, it } from 'vitest';

import { repeatedBreaks } from '../../../src/derived/repeated-breaks.ts';
import { seen } from '../../../src/facts/observed.ts';
import { breaksRepeatedly } from '../../../src/rules/streaming/breaks-repeatedly.ts';
import { readLogText } from '../../../src/postgres/log/read-log.ts';
import { aLogUntil, logPath } from '../a-log.ts';
import { testRule } from '../rule-tester.ts';
import { aConninfo, aRunningStandby, healthyStandby } from '../standby-world.ts';
import { aPrimary, now } from '../world.ts';

const begins = 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1';
const closed = 'FATAL:  could not receive data from WAL stream: server closed the connection unexpectedly';
const removed =
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000002 has already been removed';
const unreadable =
  'FATAL:  could not receive data from WAL stream: ERROR:  could not open file "pg_wal/000000010000000000000002": Permission denied';
const refused = 'FATAL:  could not connect to the primary server: Connection refused';
const ended = 'FATAL:  terminating walreceiver process due to administrator command';
const times = (count: number, ...lines: readonly string[]): readonly string[] =>
  Array.from({ length: count }, () => lines).flat();
const idle = times(60, 'LOG:  checkpoint starting: time');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const aMinuteAgo = new Date(now.getTime() - 60_000);

testRule(
  breaksRepeatedly,
  {
    // without a log nothing is known of it
    healthyIs: 'not-applicable',
    passes: [
      {
        name: 'the primary has read its configuration again since the last one, and it streams',
        facts: {
          primary: aPrimary({ loadedAt: ago(0.5) }),
          serverLog: aLogUntil(now, [...times(4, begins, closed), begins]),
        },
      },
      {
        name: 'the primary has removed what is asked for each time',
        facts: {
          runningStandby: aRunningStandby({ receiver: undefined }),
          serverLog: aLogUntil(now, times(4, begins, removed)),
        },
      },
      {
        name: 'the primary was restarted twice',
        facts: { serverLog: aLogUntil(now, [...times(2, begins, closed), begins]) },
      },
      {
        name: 'the primary was down for a while, and was never reached',
        facts: { serverLog: aLogUntil(now, [begins, closed, ...times(20, refused), begins]) },
      },
      {
        name: 'its own configuration was reloaded often',
        facts: { serverLog: aLogUntil(now, times(5, begins, ended)) },
      },
      {
        name: 'it was told to end each time, and reaches nobody since',
        facts: { serverLog: aLogUntil(now, times(4, begins, ended, refused)) },
      },
      {
        name: 'it cannot write what it received',
        facts: {
          serverLog: aLogUntil(
            now,
            times(4, begins, 'FATAL:  could not write to file "pg_wal/xlogtemp.7": File too large'),
          ),
        },
      },
      {
        name: 'its server was restarted each time, before it reached the primary again',
        facts: {
          serverLog: aLogUntil(
            now,
            times(4, begins, 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, 64-bit', refused),
          ),
        },
      },
      {
        name: 'it broke often, and its configuration was read again since',
        facts: {
          runningStandby: aRunningStandby({ loadedAt: now }),
          serverLog: aLogUntil(now, [...times(4, begins, closed), begins]),
        },
      },
      {
        name: 'it broke often, and has held for much longer since',
        facts: {
          serverLog: aLogUntil(now, [
            ...times(4, begins, closed),
            begins,
            ...times(20, 'LOG:  checkpoint starting: time'),
          ]),
        },
      },
      {
        name: 'it broke often, ten minutes ago',
        facts: { serverLog: aLogUntil(new Date(now.getTime() - 600_000), [...times(5, begins, closed), begins]) },
      },
    ],
    notApplicable: [{ name: 'a primary', facts: { runningStandby: aRunningStandby({ inRecovery: false }) } }],
    fails: [
      {
        name: 'it breaks each time, and does not stream now',
        facts: {
          runningStandby: aRunningStandby({ receiver: undefined }),
          serverLog: aLogUntil(now, times(4, begins, closed)),
        },
        severity: 'error',
        message: /4 times, each time after about 1 s: a timeout ends it/u,
      },
      {
        name: 'the primary read its configuration again, and it breaks all the same',
        facts: {
          primary: aPrimary({ loadedAt: ago(0.5) }),
          runningStandby: aRunningStandby({ receiver: undefined }),
          serverLog: aLogUntil(now, times(4, begins, closed)),
        },
        severity: 'error',
      },
      {
        name: 'the primary read its configuration again before that',
        facts: {
          primary: aPrimary({ loadedAt: ago(30) }),
          serverLog: aLogUntil(now, [...times(4, begins, closed), begins]),
        },
        severity: 'error',
      },
      {
        name: 'it streams at this moment, for a moment',
        facts: { serverLog: aLogUntil(now, [...times(4, begins, closed), begins]) },
        severity: 'error',
      },
      {
        name: 'it streams, and is cut off each minute',
        facts: { serverLog: aLogUntil(now, [...times(4, begins, ...idle, closed), begins]) },
        severity: 'warning',
        message: /about 61 s: a timeout/u,
      },
      {
        name: 'the primary ends each with an error',
        facts: {
          runningStandby: aRunningStandby({ receiver: undefined }),
          serverLog: aLogUntil(now, times(4, begins, unreadable)),
        },
        message: /the primary ends it with "could not open file "pg_wal\/00\w+": Permission denied"/u,
      },
      {
        name: 'an administrator of the primary ends each',
        facts: {
          runningStandby: aRunningStandby({ receiver: undefined }),
          serverLog: aLogUntil(
            now,
            times(
              4,
              begins,
              'FATAL:  could not receive data from WAL stream: FATAL:  terminating connection due to administrator command',
            ),
          ),
        },
        message: /the primary ends it with "terminating connection due to administrator command"/u,
      },
      ...[
        ['terminating walsender process due to replication timeout', /within wal_sender_timeout/u],
        ['unexpected EOF on standby connection', /the network between the two/u],
        ['could not send data to client: Connection reset by peer', /the network between the two/u],
        ['terminating connection because of crash of another server process', /the primary ends it: "terminating/u],
      ].map(([words, message]) => ({
        name: `the primary's log: ${String(words)}`,
        facts: {
          runningStandby: aRunningStandby({ receiver: undefined }),
          serverLog: aLogUntil(now, times(4, begins, closed)),
          senderLog: { source: logPath, records: readLogText(`2026-11-21 20:00:00 UTC [7] LOG:  ${String(words)}\n`) },
        },
        message: message as RegExp,
      })),
      {
        name: 'primary_conninfo itself sets the timeout',
        facts: {
          runningStandby: aRunningStandby({ receiver: undefined }),
          standbyConninfo: aConninfo({ text: "host=db1 options='-c wal_sender_timeout=5'" }),
          serverLog: aLogUntil(aMinuteAgo, times(3, begins, closed)),
        },
        message: /sets wal_sender_timeout=5/u,
      },
    ],
  },
  healthyStandby,
);

describe('a series of broken streams', () => {
  it('is regular where each held as long as the others', () => {
    const even = aLogUntil(now, times(3, begins, closed));
    const uneven = aLogUntil(now, [
      begins,
      closed,
      begins,
      ...times(9, 'LOG:  checkpoint starting: time'),
      closed,
      begins,
      closed,
    ]);
    expect(repeatedBreaks(seen(even, ''), now)).toMatchObject({ held: [1, 1], isRegular: true });
    expect(repeatedBreaks(seen(uneven, ''), now)).toMatchObject({ held: [1, 10], isRegular: false });
  });
});
