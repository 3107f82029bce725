import { unseen } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import type { Slot } from '../../src/facts/primary.ts';
import type { RunningStandby, StandbyProcesses, StandbySession, WalReceiver } from '../../src/facts/running-standby.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { conflicts } from '../../src/rules/streaming/conflicts.ts';
import { lag } from '../../src/rules/streaming/lag.ts';
import { nameNotUnique } from '../../src/rules/streaming/name-not-unique.ts';
import { notConnected } from '../../src/rules/streaming/not-connected.ts';
import { notSeenByPrimary } from '../../src/rules/streaming/not-seen-by-primary.ts';
import { replayStuck } from '../../src/rules/streaming/replay-stuck.ts';
import { stalled } from '../../src/rules/streaming/stalled.ts';
import { wrongUpstream } from '../../src/rules/streaming/wrong-upstream.ts';
import { testRule } from './rule-tester.ts';
import {
  runningWith,
  replaying,
  aConfiguration,
  aConninfo,
  aReceiver,
  aRunningStandby,
  aWalSender,
  healthyStandby,
} from './standby-world.ts';
import { aPrimary, lsn, now, someSettings } from './world.ts';

const messages = await messageCatalogue();

const aSlot = (change: Partial<Slot> = {}): Slot => ({
  name: 'standby1',
  type: 'physical',
  active: true,
  activePid: 901,
  temporary: false,
  restartLsn: lsn('0/3000000'),
  walStatus: 'reserved',
  safeWalBytes: undefined,
  retainedBytes: 0n,
  invalidationReason: undefined,
  ...change,
});

const promoted = { runningStandby: aRunningStandby({ inRecovery: false }) };
const noReceiver = { receiver: undefined } as const;
/** As an ordinary role sees it. */
const hidden = {
  runningStandby: aRunningStandby({
    receiver: undefined,
    receiverHidden: true,
    grant: 'GRANT pg_read_all_stats TO app;',
  }),
};
const notAsked = unseen('not-asked', 'no --admin connection was given');
const alone = { walSenders: notAsked };
const archiveOnly = {
  runningStandby: runningWith({ primary_conninfo: '' }, noReceiver),
  standbyConninfo: aConninfo({ text: undefined, hosts: [] }),
};
/** A server with hot_standby off, seen from outside. */
const processes = (receiver: Partial<NonNullable<StandbyProcesses['receiver']>> | undefined) => ({
  standbyProcesses: {
    receiver: receiver && { pid: 77, streamed: lsn('0/3000148'), ageSeconds: 60, ...receiver },
    startup: { pid: 76, doing: 'recovering', file: '000000010000000000000003', ageSeconds: 61 },
  } satisfies StandbyProcesses,
});
const followed = [['primary_conninfo', 'host=db1']] as const;
const closed = { runningStandby: unseen('connection', 'hot_standby is off'), ...processes({}) };
const aStreamingLog: ServerLog = (() => {
  const summary = logSummary();
  for (const record of readLogText('LOG:  started streaming WAL from primary at 0/3000000 on timeline 1\n'))
    summary.add(record, recognise(messages, record));
  return { files: [], summary: summary.result(), problems: [] };
})();
/** Two looks at a server without a receiver. */
const nothing = replaying({
  moves: false,
  again: { afterMs: 250, receivedLsn: undefined, replayedLsn: lsn('0/3000060'), receiverStatus: undefined },
});
const fleeting = (how: 'ended' | 'unanswered') =>
  replaying({
    moves: false,
    again: { afterMs: 250, receivedLsn: undefined, replayedLsn: undefined, receiverStatus: undefined, fleeting: how },
  });
const notStreaming = aRunningStandby({ ...noReceiver, replay: nothing });

testRule(
  notConnected,
  {
    passes: [
      {
        name: 'it was connecting at the first look',
        facts: {
          runningStandby: aRunningStandby({
            receiver: aReceiver({ status: 'starting' }),
            replay: replaying({
              moves: false,
              again: { afterMs: 250, receivedLsn: undefined, replayedLsn: undefined, receiverStatus: 'streaming' },
            }),
          }),
        },
      },
      {
        name: 'an ordinary role sees nothing, and the primary lists it',
        facts: { ...hidden, walSenders: [aWalSender()] },
        because: /the primary streams/,
      },
      { name: 'it lets nobody in, and its primary lists it', facts: closed, because: /the primary streams/ },
      {
        name: 'it lets nobody in, and its process title says what has come',
        facts: { ...closed, ...alone },
        because: /process 77 .* has received WAL up to 0\/3000148/,
      },
      {
        name: 'it lets nobody in and updates no title, and its log ends with the stream',
        facts: { ...closed, ...alone, ...processes({ streamed: undefined }), serverLog: aStreamingLog },
        because: /the log says that it/,
      },
      {
        name: 'its processes are not shown, and the slot is taken by one of its name',
        facts: {
          ...closed,
          standbyProcesses: notAsked,
          slots: [aSlot()],
          walSenders: [aWalSender({ pid: 901, applicationName: 'standby1' })],
          standbyConninfo: aConninfo({ applicationName: 'standby1', reportsAs: 'standby1' }),
          standbyConfiguration: aConfiguration([...followed, ['primary_slot_name', 'standby1']]),
        },
        because: /slot standby1/,
      },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      { name: 'archive only', facts: archiveOnly, because: /archive/ },
      {
        name: 'no server runs',
        facts: { runningStandby: { status: 'not-applicable', why: 'no server runs there' } as const },
      },
    ],
    unexamined: [
      {
        name: 'it lets nobody in, and only its default name is seen',
        facts: { ...closed, standbyProcesses: notAsked, standbyConninfo: aConninfo({ applicationName: undefined }) },
        because: /^hot_standby is off/,
      },
      {
        name: 'it lets nobody in, and its receiver has just come',
        facts: { ...closed, ...processes({ ageSeconds: 1 }) },
        because: /has just started, and/,
      },
      {
        name: 'it lets nobody in, and nothing tells that WAL has come',
        facts: { ...closed, ...alone, ...processes({ streamed: undefined }), serverLog: notAsked },
        because: /nothing shows that it has received WAL/,
      },
      {
        name: 'it has no receiver, and an archive may bring what is missing',
        facts: {
          ...closed,
          ...processes(undefined),
          standbyConfiguration: aConfiguration([...followed, ['restore_command', 'cp /archive/%f %p']]),
        },
        because: /archive/,
      },
      { name: 'an ordinary role', facts: { ...hidden, ...alone }, because: /only the process ID/ },
      {
        name: 'it was started two seconds ago',
        facts: {
          runningStandby: aRunningStandby({
            ...noReceiver,
            replay: nothing,
            startedAt: new Date(now.getTime() - 2_000),
          }),
        },
        because: /started 2 s ago/,
      },
      {
        name: 'the primary has not answered a receiver that has just come',
        facts: { runningStandby: aRunningStandby({ ...noReceiver, replay: fleeting('unanswered') }) },
        because: /had not answered its request for WAL/,
      },
    ],
    fails: [
      {
        name: 'it lets nobody in, and has no receiver',
        facts: { ...closed, ...processes(undefined) },
        severity: 'error',
        message: /has no WAL receiver/,
      },
      {
        name: 'a receiver that comes and is refused, on a server that has just been started',
        facts: {
          runningStandby: aRunningStandby({
            ...noReceiver,
            replay: fleeting('ended'),
            startedAt: new Date(now.getTime() - 2_000),
          }),
        },
        severity: 'error',
        message: /connects and ends again at once/,
      },
      {
        name: 'no receiver at two looks',
        facts: { runningStandby: notStreaming },
        severity: 'error',
        message: /No WAL receiver is running/,
      },
      {
        name: 'a receiver that waits for another timeline',
        facts: {
          runningStandby: aRunningStandby({
            receiver: aReceiver({ status: 'waiting' }),
            replay: replaying({
              moves: false,
              again: { afterMs: 250, receivedLsn: undefined, replayedLsn: undefined, receiverStatus: 'waiting' },
            }),
          }),
        },
        message: /is waiting/,
      },
      {
        name: 'it replays from its archive',
        facts: { runningStandby: aRunningStandby({ ...noReceiver, replay: { ...nothing, moves: true } }) },
        severity: 'info',
      },
    ],
  },
  healthyStandby,
);

const silent = (seconds: number, change: Partial<WalReceiver> = {}) =>
  aReceiver({ secondsSinceMessage: seconds, ...change });

testRule(
  stalled,
  {
    passes: [
      {
        name: 'an idle primary, between two signs of life',
        facts: { runningStandby: runningWith({}, { receiver: silent(35) }) },
      },
      {
        name: 'no timeout, and nothing to send',
        facts: {
          runningStandby: runningWith({ wal_receiver_timeout: '0' }, { receiver: silent(7_000) }),
          walSenders: [aWalSender()],
        },
        because: /so silence means nothing/,
      },
      {
        name: 'it has just connected',
        facts: { runningStandby: aRunningStandby({ receiver: aReceiver({ secondsSinceMessage: undefined }) }) },
      },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      { name: 'it does not stream', facts: { runningStandby: notStreaming } },
    ],
    unexamined: [{ name: 'an ordinary role', facts: hidden }],
    fails: [
      {
        name: 'no answer to the request for one',
        facts: { runningStandby: runningWith({}, { receiver: silent(45) }) },
        message: /nothing for 45 s.*gives up after wal_receiver_timeout, 60 s/,
        risk: 'disruptive',
        steps: ['kill 4250 && kill -CONT 4250'],
      },
      {
        name: 'no timeout, and the primary has more',
        facts: {
          runningStandby: runningWith({ wal_receiver_timeout: '0' }, { receiver: silent(300) }),
          walSenders: [aWalSender({ currentLsn: lsn('0/4000000') })],
        },
        message: /so it waits forever/,
      },
      {
        name: 'no timeout, and the primary has no WAL sender for it',
        facts: {
          runningStandby: runningWith({ wal_receiver_timeout: '0' }, { receiver: silent(300) }),
          walSenders: [],
        },
        severity: 'error',
        message: /db1 has no WAL sender for it any more.*so it waits forever/,
        risk: 'disruptive',
        steps: [
          "ALTER SYSTEM SET wal_receiver_timeout = '60s';",
          'SELECT pg_reload_conf();',
          '! kill -0 4250 2>/dev/null || kill 4250',
        ],
      },
      {
        name: 'a timeout, and the primary has no WAL sender for it',
        facts: { runningStandby: runningWith({}, { receiver: silent(45) }), walSenders: [] },
        severity: 'error',
        steps: ['kill 4250 && kill -CONT 4250'],
      },
    ],
  },
  healthyStandby,
);

const hourAgo = new Date(now.getTime() - 3_600_000);

testRule(
  lag,
  {
    passes: [
      {
        name: 'an idle primary: the last commit is an hour old, and nothing waits',
        facts: { runningStandby: aRunningStandby({ replay: replaying({ lastReplayedCommitAt: hourAgo }) }) },
        because: /has replayed everything/,
      },
      {
        name: 'an idle primary: a record came between the two',
        facts: {
          ...alone,
          runningStandby: aRunningStandby({
            replay: replaying({ receivedLsn: lsn('0/30000C8'), lastReplayedCommitAt: hourAgo, moves: true }),
          }),
        },
      },
      {
        name: 'a segment came in a burst after an idle hour, and was replayed by the second look',
        facts: {
          ...alone,
          runningStandby: aRunningStandby({
            replay: replaying({
              receivedLsn: lsn('0/5000060'),
              lastReplayedCommitAt: hourAgo,
              moves: true,
              again: {
                afterMs: 250,
                receivedLsn: lsn('0/6000000'),
                replayedLsn: lsn('0/5000060'),
                receiverStatus: 'streaming',
              },
            }),
          }),
        },
      },
      {
        name: 'the primary measures no age where there is no traffic',
        facts: {
          walSenders: [aWalSender({ replayLsn: lsn('0/3000000') })],
          runningStandby: aRunningStandby({ replay: replaying({ lastReplayedCommitAt: hourAgo }) }),
        },
      },
      {
        name: 'delayed on purpose',
        facts: {
          walSenders: [aWalSender({ replayLsn: lsn('0/1000000'), replayLagSeconds: 3_600 })],
          runningStandby: runningWith({ recovery_min_apply_delay: '3600000' }),
        },
        because: /has received everything that/,
      },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      { name: 'it does not stream', facts: { runningStandby: notStreaming } },
    ],
    unexamined: [{ name: 'an ordinary role', facts: { ...hidden, ...alone } }],
    fails: [
      {
        name: 'two hours in replay, as the primary measured it',
        facts: { walSenders: [aWalSender({ replayLsn: lsn('0/1000060'), replayLagSeconds: 7_200 })] },
        message: /32 MB of WAL, 2.*replayed: replay, which is a single process/,
      },
      {
        name: 'two gigabytes that were not sent',
        facts: { walSenders: [aWalSender({ currentLsn: lsn('0/83000060') })] },
        message: /send 2 GB, write 0 bytes.*it: the connection or the WAL sender/,
      },
      {
        name: 'seen from the standby alone: not received',
        facts: {
          ...alone,
          runningStandby: aRunningStandby({ receiver: aReceiver({ latestEndLsn: lsn('0/83000060') }) }),
        },
        message: /receive 2 GB/,
      },
      {
        name: 'seen from the standby alone: not replayed for an hour',
        facts: {
          ...alone,
          runningStandby: aRunningStandby({
            receiver: aReceiver({ flushedLsn: lsn('0/5000060'), latestEndLsn: lsn('0/5000060') }),
            replay: replaying({ receivedLsn: lsn('0/5000060'), lastReplayedCommitAt: hourAgo, moves: false }),
          }),
        },
        message: /32 MB of WAL, 60 min behind/,
      },
      {
        name: 'delayed on purpose, and the WAL does not arrive',
        facts: {
          walSenders: [aWalSender({ currentLsn: lsn('0/83000060'), replayLagSeconds: 3_600 })],
          runningStandby: runningWith({ recovery_min_apply_delay: '3600000' }),
        },
        message: /send 2 GB/,
      },
    ],
  },
  healthyStandby,
);

testRule(
  wrongUpstream,
  {
    notApplicable: [
      { name: 'promoted', facts: promoted },
      { name: 'it does not stream', facts: { runningStandby: notStreaming } },
      { name: 'archive only', facts: { standbyConninfo: aConninfo({ text: undefined, hosts: [] }) } },
    ],
    passes: [
      {
        name: 'the second of two hosts',
        facts: {
          standbyConninfo: aConninfo({
            hosts: [
              { host: 'db0', port: 5432 },
              { host: 'db1', port: 5432 },
            ],
          }),
        },
      },
    ],
    unexamined: [{ name: 'an ordinary role', facts: hidden }],
    fails: [
      {
        name: 'the file names another host',
        facts: { standbyConninfo: aConninfo({ hosts: [{ host: 'db2', port: 5432 }] }) },
        message: /streams from db1:5432.*names db2:5432/,
        steps: ['SELECT pg_reload_conf();'],
      },
    ],
  },
  healthyStandby,
);

const cancelled = (change: Partial<NonNullable<RunningStandby['conflicts']>>) => ({
  tablespace: 0,
  lock: 0,
  snapshot: 0,
  bufferpin: 0,
  deadlock: 0,
  logicalSlot: 0,
  ...change,
});

testRule(
  conflicts,
  {
    notApplicable: [{ name: 'promoted', facts: promoted }],
    unexamined: [{ name: 'not seen', facts: { runningStandby: aRunningStandby({ conflicts: undefined }) } }],
    fails: [
      {
        name: 'most for old row versions',
        facts: { runningStandby: aRunningStandby({ conflicts: cancelled({ snapshot: 40, lock: 2 }) }) },
        severity: 'warning',
        message: /42 queries on this standby: 40 for old row versions, 2 for a lock/,
        steps: ["ALTER SYSTEM SET hot_standby_feedback = 'on';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'most for locks',
        facts: { runningStandby: aRunningStandby({ conflicts: cancelled({ lock: 12 }) }) },
        severity: 'warning',
        steps: ["ALTER SYSTEM SET max_standby_streaming_delay = '5min';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'a few',
        facts: { runningStandby: aRunningStandby({ conflicts: cancelled({ bufferpin: 1 }) }) },
        severity: 'info',
        message: /1 query on this/,
      },
      {
        name: 'many, and the setting has been chosen',
        facts: {
          runningStandby: runningWith({ hot_standby_feedback: 'on' }, { conflicts: cancelled({ snapshot: 400 }) }),
        },
        severity: 'info',
      },
    ],
  },
  healthyStandby,
);

testRule(
  notSeenByPrimary,
  {
    passes: [
      { name: 'by its name', facts: { walSenders: [aWalSender(), aWalSender({ pid: 2, applicationName: 'other' })] } },
      {
        name: 'by its slot',
        facts: {
          runningStandby: runningWith({ primary_slot_name: 'standby1' }),
          slots: [aSlot()],
          walSenders: [aWalSender(), aWalSender({ pid: 901 })],
        },
        because: /slot standby1/,
      },
      { name: 'two have its name', facts: { walSenders: [aWalSender(), aWalSender({ pid: 2 })] } },
      {
        name: 'the primary was not asked, and it streams',
        facts: { walSenders: notAsked },
        because: /has a WAL sender/,
      },
      { name: 'it lets nobody in, and the primary lists it', facts: closed },
      {
        name: 'it lets nobody in and streams, and the primary was not asked',
        facts: { ...closed, ...alone },
        because: /has a WAL sender/,
      },
      {
        name: 'the login on the primary sees nothing in the rows',
        facts: {
          walSenders: [
            aWalSender({ applicationName: undefined, state: undefined, address: undefined, sentLsn: undefined }),
          ],
        },
      },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      { name: 'archive only', facts: archiveOnly },
      {
        name: 'it replays from its archive, and has no receiver yet',
        facts: {
          walSenders: [],
          runningStandby: aRunningStandby({ receiver: undefined, replay: replaying({ moves: true }) }),
        },
        because: /and connects after that/,
      },
      {
        name: 'one of its name is there, and it has no receiver',
        facts: { runningStandby: notStreaming },
        because: /is another standby, or/,
      },
      {
        name: 'it lets nobody in and has no receiver, and one of its name is there',
        facts: { ...closed, ...processes(undefined) },
        because: /is another standby, or/,
      },
      {
        name: 'it lets nobody in and streams, and the server that was asked does not list it',
        facts: { ...closed, walSenders: [] },
        because: /it follows another server/,
      },
      {
        name: 'a cascade, and --admin leads to the primary at the top',
        facts: {
          walSenders: [aWalSender({ applicationName: 'the standby above' })],
          runningStandby: aRunningStandby({ receiver: aReceiver({ senderHost: 'db2', senderPort: 5433 }) }),
        },
        because: /streams from db2:5433/,
      },
      {
        name: 'a cascade on one port, and only --admin has come to a server: the primary at the top',
        facts: {
          walSenders: [aWalSender({ applicationName: 'the standby above' })],
          primary: aPrimary({ overAdmin: true, name: 'db1', address: '10.0.0.1', port: 5432 }),
          runningStandby: aRunningStandby({ receiver: aReceiver({ senderHost: 'db2', senderPort: 5432 }) }),
        },
        because: /streams from db2:5432, which is not the server that was queried/,
      },
    ],
    unexamined: [
      {
        name: 'it does not stream, and the primary was not asked',
        facts: { runningStandby: notStreaming, walSenders: notAsked },
      },
    ],
    fails: [
      {
        name: 'it does not stream, and another standby is there',
        facts: {
          runningStandby: notStreaming,
          walSenders: [aWalSender({ applicationName: 'db9', address: '10.0.0.9' })],
        },
        severity: 'error',
        message: /has 1 row, none for this standby, which reports itself as walreceiver/,
      },
      {
        name: 'a base backup is not it',
        facts: { runningStandby: notStreaming, walSenders: [aWalSender({ state: 'backup' })], primary: aPrimary() },
        message: /has no row/,
      },
    ],
  },
  healthyStandby,
);

const aSession = (change: Partial<StandbySession> = {}): StandbySession => ({
  pid: 4711,
  user: 'reports',
  database: 'shop',
  applicationName: 'psql',
  state: 'idle in transaction',
  seconds: 900,
  blocksReplay: false,
  ...change,
});

const still = replaying({ receivedLsn: lsn('0/5000060'), moves: false });

testRule(
  replayStuck,
  {
    passes: [
      {
        name: 'replay moves',
        facts: {
          runningStandby: aRunningStandby({ replay: replaying({ receivedLsn: lsn('0/5000060'), moves: true }) }),
        },
      },
      {
        name: 'a record that takes a moment',
        facts: { runningStandby: aRunningStandby({ replay: still, startupWaits: 'IO/DataFileRead' }) },
        because: /was at the same/,
      },
      {
        name: 'it reads, and the primary measures two seconds',
        facts: {
          walSenders: [aWalSender({ replayLagSeconds: 2 })],
          runningStandby: aRunningStandby({
            replay: { ...still, lastReplayedCommitAt: hourAgo },
            startupWaits: 'IO/DataFileRead',
          }),
        },
      },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      { name: 'paused', facts: { runningStandby: aRunningStandby({ replay: { ...still, pauseState: 'paused' } }) } },
      {
        name: 'delayed on purpose',
        facts: { runningStandby: runningWith({ recovery_min_apply_delay: '3600000' }, { replay: still }) },
      },
    ],
    fails: [
      {
        name: 'a lock, and queries may hold up replay for ever',
        facts: {
          runningStandby: runningWith(
            { max_standby_streaming_delay: '-1' },
            {
              replay: still,
              startupWaits: 'Lock/relation',
              sessions: [aSession({ pid: 1, seconds: 5_000 }), aSession({ blocksReplay: true })],
            },
          ),
        },
        severity: 'warning',
        message: /32 MB of WAL were received.*is open for 15 min\)\. max_standby_streaming_delay is/,
        risk: 'disruptive',
        steps: ['SELECT pg_terminate_backend(4711);'],
      },
      {
        name: 'a snapshot, which the server resolves in 30 s',
        facts: {
          runningStandby: runningWith(
            { max_standby_streaming_delay: '30000' },
            { replay: still, startupWaits: 'IPC/RecoveryConflictSnapshot', sessions: [aSession()] },
          ),
        },
        severity: 'info',
        message: /30 s, ends that/,
      },
      {
        name: 'a buffer pin, and no session is seen',
        facts: {
          runningStandby: runningWith(
            { max_standby_streaming_delay: '-1' },
            { replay: still, startupWaits: 'BufferPin/BufferPin' },
          ),
        },
        severity: 'warning',
      },
      {
        name: 'one record for an hour',
        facts: {
          ...alone,
          runningStandby: aRunningStandby({ replay: { ...still, lastReplayedCommitAt: hourAgo }, startupWaits: '' }),
        },
        message: /has not progressed for 60 min:/,
      },
    ],
  },
  healthyStandby,
);

const named = aConninfo({ applicationName: 'db2', reportsAs: 'db2' });
const two = [
  aWalSender({ applicationName: 'db2' }),
  aWalSender({ applicationName: 'db2', pid: 901, address: '10.0.0.9' }),
];

testRule(
  nameNotUnique,
  {
    passes: [
      {
        name: 'one of that name',
        facts: { standbyConninfo: named, walSenders: [aWalSender({ applicationName: 'db2' })] },
      },
      {
        name: 'the default name, and nothing synchronous',
        facts: { walSenders: [aWalSender(), aWalSender({ pid: 2 })] },
        because: /default name/,
      },
      {
        name: 'the default name, and any of them counts',
        facts: {
          walSenders: [aWalSender(), aWalSender({ pid: 2 })],
          primarySettings: someSettings({ synchronous_standby_names: 'ANY 1 (*)' }),
        },
        because: /default name/,
      },
    ],
    unexamined: [
      {
        name: 'the primary was not asked',
        facts: { walSenders: notAsked },
      },
    ],
    fails: [
      {
        name: 'two of a given name',
        facts: { standbyConninfo: named, walSenders: two },
        severity: 'warning',
        message: /from 10\.0\.0\.7 \(process 900\), 10\.0\.0\.9 \(process 901\)/,
      },
      {
        name: 'the default name, and commits wait for it',
        facts: {
          walSenders: [aWalSender(), aWalSender({ pid: 2 })],
          primarySettings: someSettings({ synchronous_standby_names: 'walreceiver' }),
        },
        message: /synchronous_standby_names is 'walreceiver'/,
      },
    ],
  },
  healthyStandby,
);
