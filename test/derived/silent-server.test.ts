import { describe, expect, it } from 'vitest';

import { serverBehind, streamedFrom } from '../../src/derived/silent-server.ts';
import type { ConnectionAttempt } from '../../src/facts/connection.ts';
import { notApplicable, seen } from '../../src/facts/observed.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aConninfo, aReceiver, aRunningStandby, someProcesses } from '../rules/standby-world.ts';
import { anAttempt, now } from '../rules/world.ts';

type Facts = Parameters<typeof serverBehind>[0];
const no = notApplicable('not in this setup');
const nothing: Facts = { upstreamProcesses: no, runningStandby: no, standbyConninfo: no, serverLog: no };
const processes = seen(someProcesses(), '/proc');
const receives = (change: Parameters<typeof aReceiver>[0] = {}): Partial<Facts> => ({
  runningStandby: seen(aRunningStandby({ receiver: aReceiver(change) }), 'it'),
});
const before = new Date(now.getTime() - 1);
const streamed: Facts['serverLog'] = seen(
  aLogUntil(now, ['LOG:  started streaming WAL from primary at 0/3000000 on timeline 1']),
  'its log',
);
const conninfo = (change: Parameters<typeof aConninfo>[0] = {}): Facts['standbyConninfo'] =>
  seen(aConninfo({ writtenAt: before, ...change }), 'the files');
const isConnected = 'is connected to db1, port 5432 (pg_stat_wal_receiver)';
const hasStreamed =
  'streamed from there at 2026-11-21 20:00:00 UTC (its log), and primary_conninfo has not changed since';

describe('that a standby has streamed from a host', () => {
  it.each<readonly [string, Partial<Facts>, string | undefined]>([
    ['nothing is seen', {}, undefined],
    ['it streams, by the name', receives(), isConnected],
    ['it streams, by the address', receives({ senderHost: '10.0.0.1' }), isConnected],
    ['it streams from another host', receives({ senderHost: 'db3' }), undefined],
    ['it streams from another port', receives({ senderPort: 5433 }), undefined],
    ['it is connected, and does not stream', receives({ status: 'waiting' }), undefined],
    ['it has no receiver', { runningStandby: seen(aRunningStandby({ receiver: undefined }), 'it') }, undefined],
    [
      'by its log, since what it connects to was written',
      { standbyConninfo: conninfo(), serverLog: streamed },
      hasStreamed,
    ],
    [
      'by its log, where it streams from another one now',
      { ...receives({ senderHost: 'db3' }), standbyConninfo: conninfo(), serverLog: streamed },
      hasStreamed,
    ],
    [
      'at the moment at which that was written',
      { standbyConninfo: conninfo({ writtenAt: now }), serverLog: streamed },
      undefined,
    ],
    [
      'when that was written is not known',
      { standbyConninfo: conninfo({ writtenAt: undefined }), serverLog: streamed },
      undefined,
    ],
    [
      'one of several hosts',
      {
        standbyConninfo: conninfo({
          hosts: [
            { host: 'db1', port: 5432 },
            { host: 'db3', port: 5432 },
          ],
        }),
        serverLog: streamed,
      },
      undefined,
    ],
    [
      'its log has no stream',
      { standbyConninfo: conninfo(), serverLog: seen(aLogUntil(now, []), 'its log') },
      undefined,
    ],
    ['its log is not seen', { standbyConninfo: conninfo() }, undefined],
    ['what it connects to is not seen', { serverLog: streamed }, undefined],
  ])('%s', (_, change, words) => expect(streamedFrom({ ...nothing, ...change }, anAttempt())).toBe(words));

  it('is not shown by a host that neither side tells', () => {
    const facts = { ...nothing, ...receives({ senderHost: undefined }) };
    expect(streamedFrom(facts, anAttempt({ address: undefined }))).toBeUndefined();
  });
});

describe('what is behind a connection on which nothing is said', () => {
  const timedOut = (phase: 'connect' | 'tls' | 'login'): ConnectionAttempt =>
    anAttempt({ outcome: { kind: 'timed-out', phase, message: 'no answer in 5 s' } });

  it.each<readonly [string, ConnectionAttempt, Partial<Facts>, ReturnType<typeof serverBehind>]>([
    ['nothing shows what is there', timedOut('login'), {}, undefined],
    [
      'processes of a server',
      timedOut('login'),
      { upstreamProcesses: processes },
      { processes: processes.value, streamed: undefined },
    ],
    ['a stream', timedOut('tls'), receives(), { processes: undefined, streamed: isConnected }],
    [
      'both',
      timedOut('login'),
      { ...receives(), upstreamProcesses: processes },
      { processes: processes.value, streamed: isConnected },
    ],
    ['no connection came about', timedOut('connect'), { ...receives(), upstreamProcesses: processes }, undefined],
    ['an answer came', anAttempt(), { ...receives(), upstreamProcesses: processes }, undefined],
    [
      'the connection was closed',
      anAttempt({ outcome: { kind: 'closed', phase: 'login', message: 'closed' } }),
      { ...receives(), upstreamProcesses: processes },
      undefined,
    ],
  ])('%s', (_, attempt, change, behind) => expect(serverBehind({ ...nothing, ...change }, attempt)).toEqual(behind));
});
