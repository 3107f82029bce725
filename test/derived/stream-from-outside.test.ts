import { describe, expect, it } from 'vitest';

import { fromOutside, streamsNow } from '../../src/derived/stream-from-outside.ts';
import type { FromOutside, OutsideFacts } from '../../src/derived/stream-from-outside.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Slot } from '../../src/facts/primary.ts';
import type { StandbyProcesses } from '../../src/facts/running-standby.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logRecord } from '../../src/postgres/log/log-record.ts';
import { aLogUntil, logPath } from '../rules/a-log.ts';
import {
  aConfiguration,
  aConninfo,
  aDataDirectory,
  aReceiver,
  aRunningStandby,
  aWalSender,
  directory,
  standardSettings,
} from '../rules/standby-world.ts';
import { lsn, now } from '../rules/world.ts';

const closed = unseen('connection', 'the database system is not accepting connections');
const no = notApplicable('not in this setup');
const processes = (
  receiver: Partial<NonNullable<StandbyProcesses['receiver']>> | undefined,
  ageSeconds: number | undefined = 60,
): Pick<OutsideFacts, 'standbyProcesses'> => ({
  standbyProcesses: seen(
    {
      receiver: receiver === undefined ? undefined : { pid: 4250, streamed: undefined, ageSeconds: 60, ...receiver },
      startup: { pid: 4243, doing: 'recovering', file: '000000010000000000000003', ageSeconds },
    },
    '/proc',
  ),
});
const unlisted: OutsideFacts = {
  runningStandby: closed,
  ...processes({}),
  walSenders: seen([], 'pg_stat_replication'),
  slots: seen([], 'pg_replication_slots'),
  standbyConninfo: seen(aConninfo(), 'the files'),
  standbyConfiguration: seen(aConfiguration(), 'the files'),
  dataDirectory: seen(aDataDirectory(), directory),
  serverLog: no,
};
const listed = (...change: Parameters<typeof aWalSender>): Pick<OutsideFacts, 'walSenders'> => ({
  walSenders: seen([aWalSender(...change)], 'pg_stat_replication'),
});
const withSettings = (...more: readonly (readonly [string, string])[]): Pick<OutsideFacts, 'standbyConfiguration'> => ({
  standbyConfiguration: seen(aConfiguration([...standardSettings, ...more]), 'the files'),
});
const named = { standbyConninfo: seen(aConninfo({ applicationName: 'db2', reportsAs: 'db2' }), 'the files') };
const slot: Slot = {
  name: 'standby1',
  type: 'physical',
  active: true,
  activePid: 900,
  temporary: false,
  restartLsn: lsn('0/3000000'),
  walStatus: 'reserved',
  safeWalBytes: undefined,
  retainedBytes: 96n,
  invalidationReason: undefined,
};
const streamingLog = (change: Partial<ServerLog['summary']> = {}): ServerLog => {
  const log = aLogUntil(now, ['LOG:  started streaming WAL from primary at 0/3000000 on timeline 1']);
  return { ...log, summary: { ...log.summary, ...change } };
};
const withLog = (log: ServerLog) => ({ serverLog: seen(log, 'its log') });
const removed =
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed';

const streams = (by: string): FromOutside['stream'] => ({ kind: 'streams', by });
const unknown = (seenOfIt?: string, remedy?: string): FromOutside['stream'] => ({
  kind: 'unknown',
  why: {
    kind: 'connection',
    because: `the database system is not accepting connections${seenOfIt === undefined ? '' : `; ${seenOfIt}`}`,
    ...(remedy === undefined ? {} : { remedy }),
  },
});
const byName = 'the primary streams to this standby (application_name walreceiver, pg_stat_replication)';
const nothingShows = 'its WAL receiver is running (process 4250), but nothing shows that it has received WAL';
const again = 'run this again in a moment';
const admin = 'add --admin CONNINFO, a connection to its primary as a superuser or as a member of pg_monitor';

describe('a WAL receiver that runs', () => {
  const byTitle =
    'process 4250 of the standby is a WAL receiver that has received WAL up to 0/3000060 (its process title)';
  const byLog = `the WAL receiver is running (process 4250), and its last message in the log says that it streams (${logPath})`;
  const justStarted = 'its WAL receiver has just started, and the primary may still refuse it';

  it.each<readonly [string, Partial<OutsideFacts>, FromOutside['stream']]>([
    ['nothing else shows anything', {}, unknown(nothingShows)],
    ['the primary lists it', listed(), streams(byName)],
    [
      'the primary lists it in its slot',
      { ...listed(), ...withSettings(['primary_slot_name', 'standby1']), slots: seen([slot], 'pg_replication_slots') },
      streams('the primary streams to this standby (slot standby1, pg_stat_replication)'),
    ],
    ['the primary lists it, and it does not stream yet', listed({ state: 'catchup' }), unknown(nothingShows)],
    ['its title says what it has received', processes({ streamed: lsn('0/3000060') }), streams(byTitle)],
    ['the list comes before its title', { ...processes({ streamed: lsn('0/3000060') }), ...listed() }, streams(byName)],
    ['its log says that it streams', withLog(streamingLog()), streams(byLog)],
    [
      'a log whose file is not known',
      withLog({ ...streamingLog(), files: [] }),
      streams(byLog.replace(logPath, 'its log')),
    ],
    [
      'its log says that it streamed',
      withLog(aLogUntil(now, ['LOG:  started streaming WAL from primary at 0/3000000 on timeline 1', removed])),
      unknown(nothingShows),
    ],
    [
      'its log goes on in a language of which not all is known',
      withLog(streamingLog({ unrecognised: anUnrecognised(1) })),
      unknown(nothingShows),
    ],
    [
      'its log was in such a language before that',
      withLog(streamingLog({ unrecognised: anUnrecognised(0) })),
      streams(byLog),
    ],
    [
      'it has just come, whoever lists it',
      { ...processes({ ageSeconds: 4.9 }), ...listed() },
      unknown(justStarted, again),
    ],
    ['it has been there for 5 s', { ...processes({ ageSeconds: 5 }), ...listed() }, streams(byName)],
    ['when it came is not known', { ...processes({ ageSeconds: undefined }), ...listed() }, streams(byName)],
  ])('%s', (_, change, stream) => expect(fromOutside({ ...unlisted, ...change }).stream).toEqual(stream));

  function anUnrecognised(count: number): NonNullable<ServerLog['summary']['unrecognised']> {
    return { count: 1, now: count, last: logRecord({ message: 'x', line: 1 }) };
  }
});

describe('no WAL receiver', () => {
  const none: FromOutside['stream'] = { kind: 'none', startup: 4243 };
  const justStarted = 'the standby has just been started, and has no WAL receiver yet';

  it.each<readonly [string, Partial<OutsideFacts>, FromOutside['stream']]>([
    ['it runs without one', processes(undefined), none],
    ['it runs without one, whoever has its name on the primary', { ...processes(undefined), ...listed() }, none],
    ['it has just been started', processes(undefined, 4.9), unknown(justStarted, again)],
    ['it has run for 5 s', processes(undefined, 5), none],
    [
      'an empty restore_command brings nothing',
      { ...processes(undefined), ...withSettings(['restore_command', '']) },
      none,
    ],
    [
      'an archive may bring what is missing',
      { ...processes(undefined), ...withSettings(['restore_command', 'cp /archive/%f %p']) },
      unknown('no WAL receiver is running; whether an archive has the missing WAL could not be checked'),
    ],
    [
      'its settings are not seen, and may name an archive',
      { ...processes(undefined), standbyConfiguration: no },
      unknown('no WAL receiver is running; whether an archive has the missing WAL could not be checked'),
    ],
  ])('%s', (_, change, stream) => expect(fromOutside({ ...unlisted, ...change }).stream).toEqual(stream));
});

describe('its processes are not seen', () => {
  const hidden = { standbyProcesses: no };

  it.each<readonly [string, Partial<OutsideFacts>, FromOutside['stream']]>([
    [
      'the primary lists a name of its own',
      { ...named, ...listed({ applicationName: 'db2' }) },
      streams('the primary streams to this standby (application_name db2, pg_stat_replication)'),
    ],
    ['the primary lists the name that all have', listed(), unknown()],
    ['the primary does not list its name', { ...named, ...listed() }, unknown()],
    ['its log proves nothing then', { ...named, ...withLog(streamingLog()) }, unknown()],
    ['what it connects to is not seen', { ...listed(), standbyConninfo: no }, unknown()],
  ])('%s', (_, change, stream) => expect(fromOutside({ ...unlisted, ...hidden, ...change }).stream).toEqual(stream));
});

describe('what would show it', () => {
  const remedy = 'add --standby CONNINFO';

  it.each<readonly [string, Partial<OutsideFacts>, FromOutside['stream']]>([
    ['a look at the primary', { walSenders: unseen('permission', 'no') }, unknown(nothingShows, admin)],
    [
      'what the session asks for',
      { runningStandby: unseen('connection', closed.why.because, remedy) },
      unknown(nothingShows, remedy),
    ],
    [
      'either',
      { walSenders: no, runningStandby: unseen('connection', closed.why.because, remedy) },
      unknown(nothingShows, `${admin}; or ${remedy}`),
    ],
    [
      'time alone',
      {
        walSenders: no,
        runningStandby: unseen('connection', closed.why.because, remedy),
        ...processes({ ageSeconds: 1 }),
      },
      unknown('its WAL receiver has just started, and the primary may still refuse it', again),
    ],
    [
      'the server was not asked',
      { runningStandby: no },
      { kind: 'unknown', why: { kind: 'not-asked', because: `the standby's server was not queried; ${nothingShows}` } },
    ],
    [
      'the reason of the session keeps its kind',
      { runningStandby: unseen('permission', 'no role is known') },
      { kind: 'unknown', why: { kind: 'permission', because: `no role is known; ${nothingShows}` } },
    ],
  ])('%s', (_, change, stream) => expect(fromOutside({ ...unlisted, ...change }).stream).toStrictEqual(stream));
});

describe('what the primary says of it', () => {
  const senderOf = (change: Partial<OutsideFacts>): FromOutside['sender'] =>
    fromOutside({ ...unlisted, ...change }).sender;

  it.each<readonly [string, Partial<OutsideFacts>, FromOutside['sender']]>([
    ['its row', listed(), { kind: 'found', sender: aWalSender(), by: 'application_name walreceiver' }],
    ['nothing', {}, { kind: 'absent', all: [], name: 'walreceiver' }],
    ['it was not seen', { walSenders: closed }, { kind: 'unseen', why: closed.why }],
    [
      'the row in a slot that its files do not name',
      { ...listed({ applicationName: 'db3' }), slots: seen([slot], 'pg_replication_slots') },
      { kind: 'absent', all: [aWalSender({ applicationName: 'db3' })], name: 'walreceiver' },
    ],
  ])('%s', (_, change, sender) => expect(senderOf(change)).toEqual(sender));
});

describe('whether it streams now', () => {
  const running = (...change: Parameters<typeof aRunningStandby>) => ({
    runningStandby: seen(aRunningStandby(...change), 'it'),
  });

  it.each<readonly [string, Partial<OutsideFacts>, boolean]>([
    ['by its own word', running(), true],
    ['its own word comes before all others', { ...running({ receiver: undefined }), ...listed() }, false],
    ['it waits', running({ receiver: aReceiver({ status: 'waiting' }) }), false],
    ['from outside', listed(), true],
    ['nothing shows it', {}, false],
    ['it has no receiver', processes(undefined), false],
    ['there is no server', { ...listed(), runningStandby: no }, false],
  ])('%s', (_, change, isStreaming) => expect(streamsNow({ ...unlisted, ...change })).toBe(isStreaming));
});
