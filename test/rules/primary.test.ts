import { expect } from 'vitest';

import { unseen } from '../../src/facts/observed.ts';
import type { FileSetting, WalSender } from '../../src/facts/primary.ts';
import { archiveFailing } from '../../src/rules/primary/archive-failing.ts';
import { configFileError } from '../../src/rules/primary/config-file-error.ts';
import { endOfLife } from '../../src/rules/primary/end-of-life.ts';
import { fsyncOff } from '../../src/rules/primary/fsync-off.ts';
import { fullPageWritesOff } from '../../src/rules/primary/full-page-writes-off.ts';
import { isStandby } from '../../src/rules/primary/is-standby.ts';
import { minorReleaseOld } from '../../src/rules/primary/minor-release-old.ts';
import { noFreeSlot } from '../../src/rules/primary/no-free-slot.ts';
import { noWalSenders } from '../../src/rules/primary/no-wal-senders.ts';
import { pendingRestart } from '../../src/rules/primary/pending-restart.ts';
import { senderTimeout } from '../../src/rules/primary/sender-timeout.ts';
import { synchronousCommitBlocked } from '../../src/rules/primary/synchronous-commit-blocked.ts';
import { unboundedSlotRetention } from '../../src/rules/primary/unbounded-slot-retention.ts';
import { walLevelMinimal } from '../../src/rules/primary/wal-level-minimal.ts';
import { walRetention } from '../../src/rules/primary/wal-retention.ts';
import { walSendersExhausted } from '../../src/rules/primary/wal-senders-exhausted.ts';
import { testRule } from './rule-tester.ts';
import {
  aConfiguration,
  aControlFile,
  aRunningStandby,
  conninfo,
  directory,
  healthyStandby,
  typedConninfo,
} from './standby-world.ts';
import { aSlot, aBaseBackup, anAttempt, aPrimary, aRefusedLogin, aSession, lsn, now, someSettings } from './world.ts';

const restart = 'pg_ctlcluster 15 main restart';
const reload = 'SELECT pg_reload_conf();';

const withSettings = (settings: Readonly<Record<string, string>>) =>
  aRunningStandby({
    settings: new Map(
      Object.entries(settings).map(([name, value]) => [name, { value, pendingRestart: false, source: undefined }]),
    ),
  });

const inFile = (name: string, value: string, applied = false): FileSetting => ({
  name,
  value,
  file: '/etc/postgresql/15/main/postgresql.conf',
  line: 12,
  applied,
});

const aSender = (change: Partial<WalSender> = {}): WalSender => ({
  pid: 4711,
  user: 'replicator',
  applicationName: 'walreceiver',
  address: '10.0.0.9',
  state: 'streaming',
  syncState: 'async',
  sentLsn: lsn('0/3000060'),
  replayLsn: lsn('0/3000060'),
  ...change,
});

const refusedForSenders = (count: number) => {
  const attempt = anAttempt({
    outcome: {
      kind: 'server-refused',
      refusal: 'wal-senders-exhausted',
      error: {
        sqlstate: '53300',
        message: `number of requested standby connections exceeds "max_wal_senders" (currently ${count})`,
        detail: undefined,
        hint: undefined,
        routine: 'InitProcess',
      },
    },
  });
  return attempt;
};

const secondRefused = (count: number) => ({
  attempts: [anAttempt()],
  outcome: {
    accepted: true as const,
    session: aSession({ second: { accepted: false, attempt: refusedForSenders(count) } }),
  },
});

const notReached = unseen('connection', 'no connection to db1:5432');

const bin = '/usr/lib/postgresql/15/bin';
const aside = `${directory}.before-standby-2026-11-21`;
const aNewCopy = [
  `${bin}/pg_ctl stop -D ${directory} -w -m fast`,
  `mv ${directory} ${aside}`,
  `${bin}/pg_basebackup -d '${typedConninfo}' -D ${directory} -R -X stream -c fast -P`,
  expect.stringMatching(`^tar -C ${aside} .* -C ${directory} -xpf -$`),
  `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
];

testRule(
  walLevelMinimal,
  {
    passes: [
      {
        name: 'a standby that was promoted',
        facts: { controlFile: aControlFile({ state: 'in production', walLevel: 'minimal' }) },
      },
    ],
    fails: [
      {
        name: 'a new copy after it was raised',
        facts: { primarySettings: someSettings({ wal_level: 'minimal', max_wal_senders: '10' }) },
        message: /recovery stops where WAL of this level begins/,
        risk: 'destructive',
        steps: ["ALTER SYSTEM SET wal_level = 'replica';", restart, ...aNewCopy],
      },
      {
        name: 'it was so for a time',
        facts: { controlFile: aControlFile({ walLevel: 'minimal' }) },
        message: /now uses replica again/,
        risk: 'destructive',
        steps: aNewCopy,
      },
    ],
  },
  healthyStandby,
);

testRule(walLevelMinimal, {
  passes: [{ name: 'logical', facts: { primarySettings: someSettings({ wal_level: 'logical' }) }, because: /logical/ }],
  unexamined: [{ name: 'not shown', facts: { primarySettings: someSettings({ wal_level: undefined }) } }],
  fails: [
    {
      name: 'minimal, with which max_wal_senders must be 0',
      facts: { primarySettings: someSettings({ wal_level: 'minimal', max_wal_senders: '0' }) },
      steps: ["ALTER SYSTEM SET wal_level = 'replica';", 'ALTER SYSTEM SET max_wal_senders = 10;', restart],
      risk: 'disruptive',
    },
    {
      name: 'the files are right already',
      facts: {
        primarySettings: someSettings({ wal_level: 'minimal', max_wal_senders: '0' }),
        fileSettings: [inFile('wal_level', 'logical'), inFile('max_wal_senders', '5')],
      },
      message: /already say logical/,
      steps: [restart],
    },
    {
      name: 'set on the command line of the server',
      facts: {
        primarySettings: someSettings({ wal_level: { value: 'minimal', source: 'command line' } }),
        primaryControl: { kind: 'unknown' },
      },
      steps: [
        "Set wal_level to 'replica' in the command that starts the server, which overrides all configuration files. pg_ctl restart without -o keeps the old options.",
        'Restart the PostgreSQL server.',
      ],
    },
    {
      name: 'ALTER SYSTEM is not allowed',
      facts: { primarySettings: someSettings({ wal_level: 'minimal', allow_alter_system: 'off' }) },
      steps: ["Set wal_level = 'replica' in postgresql.conf, because allow_alter_system is off.", restart],
    },
  ],
});

testRule(noWalSenders, {
  passes: [
    {
      name: 'the refusal names another number',
      facts: { primarySettings: notReached, replicationLogin: aRefusedLogin(refusedForSenders(4)) },
      because: /is 4/,
    },
  ],
  unexamined: [
    {
      name: 'neither settings nor a refusal',
      facts: { primarySettings: notReached, replicationLogin: unseen('timed-out', 'no answer within 5 s') },
      because: /no connection to db1/,
    },
  ],
  fails: [
    {
      name: '0 in pg_settings',
      facts: { primarySettings: someSettings({ max_wal_senders: '0' }) },
      steps: ['ALTER SYSTEM SET max_wal_senders = 10;', restart],
      risk: 'disruptive',
    },
    {
      name: 'the refusal alone tells',
      facts: { primarySettings: notReached, replicationLogin: aRefusedLogin(refusedForSenders(0)) },
      steps: [
        "SELECT 'ALTER SYSTEM SET wal_level = replica' WHERE current_setting('wal_level') = 'minimal' \\gexec",
        'ALTER SYSTEM SET max_wal_senders = 10;',
        restart,
      ],
    },
    {
      name: 'the file is right already',
      facts: {
        primarySettings: someSettings({ max_wal_senders: '0' }),
        fileSettings: [inFile('max_wal_senders', '3')],
      },
      message: /already say 3/,
      steps: [restart],
    },
    {
      name: 'the file is right, and the command of the server is not',
      facts: {
        primarySettings: someSettings({ max_wal_senders: { value: '0', source: 'command line' } }),
        fileSettings: [inFile('max_wal_senders', '3')],
      },
      message: /refuses every replication connection/,
    },
  ],
});

testRule(walSendersExhausted, {
  passes: [
    {
      name: 'the login failed for another reason, and enough are free',
      facts: {
        replicationLogin: unseen('timed-out', 'no answer within 5 s'),
        walSenders: [aSender()],
        primarySettings: someSettings({ max_wal_senders: '3' }),
      },
      because: /2 of 3/,
    },
    {
      name: "this program's own connections do not count",
      facts: {
        replicationLogin: unseen('timed-out', 'no answer within 5 s'),
        walSenders: [aSender({ applicationName: 'standbylint' })],
        primarySettings: someSettings({ max_wal_senders: '2' }),
      },
    },
    {
      name: 'one is enough for -X fetch',
      facts: {
        baseBackup: aBaseBackup({ walMethod: 'fetch' }),
        replicationLogin: {
          attempts: [anAttempt()],
          outcome: { accepted: true, session: aSession({ second: undefined }) },
        },
        primarySettings: someSettings({ max_wal_senders: '1' }),
      },
    },
  ],
  notApplicable: [
    { name: 'max_wal_senders 0 is another fault', facts: { primarySettings: someSettings({ max_wal_senders: '0' }) } },
  ],
  unexamined: [
    {
      name: 'the login failed and the senders are not seen',
      facts: { replicationLogin: unseen('timed-out', 'no answer within 5 s'), walSenders: notReached },
    },
    {
      name: 'it was full for a moment: other looks have their places as well',
      facts: {
        replicationLogin: secondRefused(3),
        walSenders: [aSender()],
        primarySettings: someSettings({ max_wal_senders: '3' }),
      },
      because: /the ones in use leave enough/,
    },
  ],
  fails: [
    {
      name: 'max_wal_senders 1 is too few for -X stream',
      facts: { primarySettings: someSettings({ max_wal_senders: '1' }), replicationLogin: secondRefused(1) },
      message: /two replication connections at once; max_wal_senders is 1, and none is in use/,
      steps: ['ALTER SYSTEM SET max_wal_senders = 2;', restart],
    },
    {
      name: 'who holds them is named',
      facts: {
        primarySettings: someSettings({ max_wal_senders: '2' }),
        replicationLogin: secondRefused(2),
        walSenders: [aSender()],
      },
      message: /one is in use: process 4711 \(walreceiver, as replicator, from 10\.0\.0\.9, streaming\)/,
      steps: ['ALTER SYSTEM SET max_wal_senders = 3;', restart],
    },
    {
      name: 'the file allows enough already',
      facts: {
        primarySettings: someSettings({ max_wal_senders: '1' }),
        replicationLogin: secondRefused(1),
        fileSettings: [inFile('max_wal_senders', '8')],
      },
      steps: [restart],
    },
    {
      name: 'only the refusal is seen',
      facts: {
        primarySettings: notReached,
        walSenders: notReached,
        fileSettings: notReached,
        primaryControl: { kind: 'unknown' },
        replicationLogin: aRefusedLogin(refusedForSenders(4)),
      },
      steps: ['ALTER SYSTEM SET max_wal_senders = 6;', 'Restart the PostgreSQL server.'],
    },
  ],
});

testRule(pendingRestart, {
  passes: [
    {
      name: 'a setting that does not matter waits',
      facts: { primarySettings: someSettings({ shared_buffers: { value: '16384', pendingRestart: true } }) },
    },
    {
      name: 'the command line outranks the file, at the next start as well',
      facts: {
        primarySettings: someSettings({
          max_connections: { value: '300', pendingRestart: true, source: 'command line' },
        }),
        fileSettings: [inFile('max_connections', '100')],
      },
    },
  ],
  fails: [
    {
      name: 'the file would do, and the running value does not',
      facts: {
        primarySettings: someSettings({ max_wal_senders: { value: '0', pendingRestart: true } }),
        fileSettings: [inFile('max_wal_senders', '10')],
      },
      severity: 'error',
      message: /max_wal_senders is 0 and will be 10.*no further change/,
      steps: [restart],
      risk: 'disruptive',
    },
    {
      name: 'it works now, and changes at the next restart',
      facts: { primarySettings: someSettings({ max_connections: { value: '100', pendingRestart: true } }) },
      severity: 'warning',
      message: /max_connections is 100 until the restart/,
    },
    {
      name: 'the file does not mend it',
      facts: {
        primarySettings: someSettings({ wal_level: 'minimal', max_wal_senders: { value: '0', pendingRestart: true } }),
        fileSettings: [inFile('max_wal_senders', '10')],
      },
      severity: 'warning',
    },
  ],
});

testRule(configFileError, {
  unexamined: [
    {
      name: 'the view is a superuser’s, and all settings in force are seen',
      facts: {
        configFileProblems: unseen('permission', 'pg_file_settings: permission denied for view'),
        primarySettings: someSettings({ shared_preload_libraries: '' }),
      },
      severity: 'warning',
    },
    {
      name: 'nor are all settings in force seen',
      facts: {
        configFileProblems: unseen('permission', 'pg_file_settings: permission denied for view'),
        primarySettings: someSettings({ shared_preload_libraries: undefined }),
      },
    },
    {
      name: 'nothing is seen',
      facts: {
        configFileProblems: unseen('connection', 'no login succeeded'),
        primarySettings: unseen('connection', 'no login succeeded'),
      },
    },
  ],
  fails: [
    {
      name: 'a line that the server refuses',
      facts: {
        configFileProblems: [
          {
            file: '/etc/postgresql/15/main/postgresql.conf',
            line: 97,
            name: 'wal_keep_size',
            error: 'setting could not be applied',
          },
          { file: '/etc/postgresql/15/main/postgresql.conf', line: 99, name: undefined, error: 'syntax error' },
        ],
      },
      steps: [
        "cp -p /etc/postgresql/15/main/postgresql.conf /etc/postgresql/15/main/postgresql.conf.before-2026-11-21T200000 &&\nsed -e '97s/^/# /' -e '99s/^/# /' /etc/postgresql/15/main/postgresql.conf.before-2026-11-21T200000 > /etc/postgresql/15/main/postgresql.conf",
        reload,
      ],
    },
    {
      name: 'what ALTER SYSTEM wrote',
      facts: {
        configFileProblems: [
          {
            file: '/var/lib/postgresql/15/main/postgresql.auto.conf',
            line: 3,
            name: 'wal_keep_size',
            error: 'setting could not be applied',
          },
        ],
      },
      steps: ['ALTER SYSTEM RESET wal_keep_size;', reload],
    },
    {
      name: 'no line is known',
      facts: {
        configFileProblems: [
          { file: '/etc/extra.conf', line: undefined, name: undefined, error: 'could not open file "/etc/extra.conf"' },
        ],
      },
      steps: ['Correct /etc/extra.conf: could not open file "/etc/extra.conf"', reload],
    },
  ],
});

testRule(noFreeSlot, {
  passes: [
    { name: 'one is free', facts: { slots: [aSlot()], primarySettings: someSettings({ max_replication_slots: '2' }) } },
  ],
  notApplicable: [
    {
      name: 'the slot is there',
      facts: {
        baseBackup: aBaseBackup({ slot: 'standby1' }),
        slots: [aSlot()],
        primarySettings: someSettings({ max_replication_slots: '1' }),
      },
    },
    { name: '--no-slot', facts: { baseBackup: aBaseBackup({ noSlot: true }) } },
    { name: '-X fetch makes no temporary slot', facts: { baseBackup: aBaseBackup({ walMethod: 'fetch' }) } },
  ],
  unexamined: [{ name: 'the slots are not seen', facts: { slots: notReached } }],
  fails: [
    {
      name: 'no room for the temporary slot',
      facts: { primarySettings: someSettings({ max_replication_slots: '0' }) },
      message: /temporary slot/,
      steps: ['ALTER SYSTEM SET max_replication_slots = 10;', restart],
    },
    {
      name: 'no room for -C',
      facts: {
        baseBackup: aBaseBackup({ slot: 'two', createsSlot: true }),
        slots: [aSlot()],
        primarySettings: someSettings({ max_replication_slots: '1' }),
      },
      message: /standby1 \(inactive\)/,
      steps: ['ALTER SYSTEM SET max_replication_slots = 2;', restart],
    },
    {
      name: 'the file allows enough already',
      facts: {
        slots: [aSlot()],
        primarySettings: someSettings({ max_replication_slots: '1' }),
        fileSettings: [inFile('max_replication_slots', '4')],
      },
      steps: [restart],
    },
  ],
});

testRule(
  noFreeSlot,
  {
    fails: [
      {
        name: 'the slot of a standby has to be created',
        facts: {
          runningStandby: unseen('connection', 'no server runs'),
          standbyConfiguration: aConfiguration([
            ['primary_conninfo', conninfo],
            ['primary_slot_name', 'mine'],
          ]),
          slots: [aSlot()],
          primarySettings: someSettings({ max_replication_slots: '1' }),
        },
        message: /Slot mine of this standby has to be created/,
        steps: [
          'ALTER SYSTEM SET max_replication_slots = 2;',
          restart,
          "SELECT pg_create_physical_replication_slot('mine', true);",
        ],
      },
    ],
    passes: [
      {
        name: 'a standby that streams',
        facts: { slots: [aSlot()], primarySettings: someSettings({ max_replication_slots: '1' }) },
      },
    ],
  },
  healthyStandby,
);

testRule(walRetention, {
  passes: [
    {
      name: 'a slot is named',
      facts: { baseBackup: aBaseBackup({ slot: 'standby1' }), primarySettings: someSettings({ wal_keep_size: '0' }) },
    },
    {
      name: 'WAL is archived',
      facts: { primarySettings: someSettings({ wal_keep_size: '0', archive_mode: 'on', archive_command: '***' }) },
    },
  ],
  fails: [
    {
      name: 'nothing keeps it',
      facts: { primarySettings: someSettings({ wal_keep_size: '0' }) },
      severity: 'warning',
      steps: ["ALTER SYSTEM SET wal_keep_size = '1GB';", reload],
      risk: 'safe',
    },
    {
      name: 'archiving is on and no command is there',
      facts: { primarySettings: someSettings({ wal_keep_size: '0', archive_mode: 'on' }) },
    },
  ],
});

const keepsNone = { primarySettings: someSettings({ wal_keep_size: '0' }) };

testRule(
  walRetention,
  {
    passes: [
      {
        name: 'its slot, as the running server has it',
        facts: {
          ...keepsNone,
          runningStandby: withSettings({ primary_slot_name: 'standby1' }),
          standbyConfiguration: unseen('unreadable', 'postgresql.conf cannot be read'),
        },
        because: /the slot standby1/,
      },
      {
        name: 'it has an archive to read from',
        facts: { ...keepsNone, runningStandby: withSettings({ restore_command: 'fetch %f %p' }) },
        because: /restore_command/,
      },
    ],
    unexamined: [
      {
        name: 'what the standby is set to is not seen',
        facts: {
          ...keepsNone,
          runningStandby: unseen('connection', 'it was not queried'),
          standbyConfiguration: unseen('unreadable', 'postgresql.conf cannot be read'),
        },
      },
    ],
    fails: [
      {
        name: 'it has no slot',
        facts: { ...keepsNone, runningStandby: withSettings({ primary_slot_name: '', restore_command: '' }) },
        severity: 'warning',
      },
    ],
  },
  healthyStandby,
);

testRule(unboundedSlotRetention, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'a slot that was made a moment ago', facts: { slots: [aSlot()] } },
    { name: 'an active one', facts: { slots: [aSlot({ active: true, retainedBytes: 50_000_000_000n })] } },
    {
      name: 'a limit is set',
      facts: {
        slots: [aSlot({ retainedBytes: 50_000_000_000n })],
        primarySettings: someSettings({ max_slot_wal_keep_size: '20480' }),
      },
      because: /20 GB/,
    },
  ],
  fails: [
    {
      name: 'a forgotten slot',
      facts: { slots: [aSlot({ retainedBytes: 53_687_091_200n })] },
      severity: 'warning',
      message: /standby1 \(50 GB\)/,
      steps: ["ALTER SYSTEM SET max_slot_wal_keep_size = '100GB';", reload],
    },
  ],
});

testRule(isStandby, {
  unexamined: [{ name: '13, without --admin', facts: { primary: aPrimary({ inRecovery: undefined }) } }],
  fails: [
    { name: 'a cascade', facts: { primary: aPrimary({ inRecovery: true }) }, severity: 'info' },
    {
      name: 'its primary writes no full pages',
      facts: { primary: aPrimary({ inRecovery: true, checkpointFullPageWrites: false }) },
      severity: 'error',
      message: /refuses a base backup/,
    },
  ],
});

testRule(fullPageWritesOff, {
  fails: [
    {
      name: 'off',
      facts: { primarySettings: someSettings({ full_page_writes: 'off' }) },
      steps: ["ALTER SYSTEM SET full_page_writes = 'on';", reload],
    },
    {
      name: 'changed in the file and not loaded yet',
      facts: {
        primarySettings: someSettings({ full_page_writes: 'off' }),
        fileSettings: [inFile('full_page_writes', 'on', true)],
      },
      steps: [reload],
    },
  ],
});

testRule(fsyncOff, {
  fails: [
    {
      name: 'off',
      facts: { primarySettings: someSettings({ fsync: 'off' }) },
      steps: ["ALTER SYSTEM SET fsync = 'on';", reload],
    },
  ],
});

const archiving = someSettings({ archive_mode: 'on', archive_command: '***' });
const archiver = {
  archivedCount: 7n,
  failedCount: 3n,
  lastArchivedWal: '000000010000000000000002',
  lastArchivedAt: new Date(now.getTime() - 60 * 60_000),
  lastFailedWal: '000000010000000000000003',
  lastFailedAt: new Date(now.getTime() - 30_000),
};

testRule(archiveFailing, {
  healthyIs: 'not-applicable',
  passes: [
    {
      name: 'it succeeded since',
      facts: { primarySettings: archiving, archiver: { ...archiver, lastArchivedAt: new Date(now.getTime() - 1000) } },
      because: /after its last failure/,
    },
    {
      name: 'a failure long past',
      facts: {
        primarySettings: archiving,
        archiver: { ...archiver, lastArchivedAt: undefined, lastFailedAt: new Date(now.getTime() - 86_400_000) },
      },
    },
    { name: 'never failed', facts: { primarySettings: archiving } },
  ],
  fails: [
    {
      name: 'it fails now',
      facts: { primarySettings: archiving, archiver },
      message: /000000010000000000000003/,
    },
    {
      name: 'it fails now by the server’s clock, which is hours ahead',
      facts: {
        primarySettings: archiving,
        archiver: { ...archiver, lastArchivedAt: undefined, lastFailedAt: new Date(now.getTime() + 7_190_000) },
        serverClock: { offsetMs: 7_200_000, uncertaintyMs: 1 },
      },
      message: /it has never archived a file/,
    },
  ],
});

const synchronous = (names: string, more: Readonly<Record<string, string>> = {}) =>
  someSettings({ synchronous_standby_names: names, ...more });

testRule(synchronousCommitBlocked, {
  passes: [
    {
      name: 'it is there, whatever the case',
      facts: { primarySettings: synchronous('Standby1'), walSenders: [aSender({ applicationName: 'standby1' })] },
    },
    { name: 'commits wait for nobody', facts: { primarySettings: synchronous('s1', { synchronous_commit: 'local' }) } },
    { name: 'a star takes any', facts: { primarySettings: synchronous('*'), walSenders: [aSender()] } },
    {
      name: 'an ordinary role does not see the state',
      facts: {
        primarySettings: synchronous('ANY 1 (s1, s2)'),
        walSenders: [aSender({ applicationName: 's2', state: undefined })],
      },
    },
  ],
  notApplicable: [
    { name: 'a standby', facts: { primary: aPrimary({ inRecovery: true }), primarySettings: synchronous('s1') } },
  ],
  unexamined: [
    { name: 'the senders are not seen', facts: { primarySettings: synchronous('s1'), walSenders: notReached } },
  ],
  fails: [
    {
      name: 'nobody is there',
      facts: { primarySettings: synchronous('s1, s2') },
      message: /none is connected/,
      steps: ["ALTER SYSTEM SET synchronous_standby_names = '';", reload],
      risk: 'safe',
    },
    {
      name: 'Barman does not receive',
      facts: { primarySettings: synchronous('barman_receive_wal') },
      message: /a program that receives WAL for an archive/,
      steps: [
        'On the machine of Barman, as its user: barman cron starts receive-wal again, and barman check SERVER says what keeps it from that.',
        "ALTER SYSTEM SET synchronous_standby_names = '';",
        reload,
      ],
    },
    {
      name: 'pg_receivewal does not run',
      facts: { primarySettings: synchronous('pg_receivewal') },
      steps: [
        'On the machine that keeps the archive: start pg_receivewal again, with the options that it was started with.',
        "ALTER SYSTEM SET synchronous_standby_names = '';",
        reload,
      ],
    },
    {
      name: 'one of two',
      facts: {
        primarySettings: synchronous('FIRST 2 (s1, "Stand-by 2", s3)'),
        walSenders: [aSender({ applicationName: 's1' }), aSender({ applicationName: 's3', state: 'catchup' })],
      },
      message: /s1 is connected/,
      steps: [`ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (s1, "Stand-by 2", s3)';`, reload],
    },
    {
      name: 'a base backup confirms nothing',
      facts: {
        primarySettings: synchronous('*'),
        walSenders: [aSender({ applicationName: 'pg_basebackup' })],
      },
    },
    {
      name: 'changed in the file and not loaded yet',
      facts: {
        primarySettings: synchronous('s1'),
        fileSettings: [inFile('synchronous_standby_names', '', true)],
      },
      steps: [reload],
    },
  ],
});

testRule(senderTimeout, {
  fails: [
    {
      name: 'too short',
      facts: { primarySettings: someSettings({ wal_sender_timeout: '2000' }) },
      severity: 'warning',
      steps: ["ALTER SYSTEM SET wal_sender_timeout = '60s';", reload],
    },
    {
      name: 'so short that the running standby does not stay connected',
      facts: {
        primarySettings: someSettings({ wal_sender_timeout: '2' }),
        runningStandby: aRunningStandby({
          receiver: undefined,
          replay: { ...aRunningStandby().replay, moves: false },
        }),
      },
      severity: 'error',
    },
    { name: 'never', facts: { primarySettings: someSettings({ wal_sender_timeout: '0' }) }, severity: 'info' },
  ],
});

testRule(endOfLife, {
  unexamined: [{ name: 'an unknown release', facts: { primary: aPrimary({ major: 27, version: '27.1' }) } }],
  fails: [
    {
      name: 'over',
      facts: { primary: aPrimary({ major: 13, version: '13.16' }) },
      severity: 'warning',
      message: /13\.16.*2025-11-13/,
    },
    { name: 'soon', facts: { now: new Date('2027-10-01T00:00:00Z') }, severity: 'info' },
    { name: 'the day after', facts: { now: new Date('2027-11-12T00:00:00Z') }, severity: 'warning' },
    { name: 'the day itself', facts: { now: new Date('2027-11-11T12:00:00Z') }, severity: 'info' },
  ],
});

testRule(minorReleaseOld, {
  healthyIs: 'passed',
  unexamined: [{ name: 'an unknown release', facts: { primary: aPrimary({ major: 27, version: '27.1' }) } }],
  fails: [
    { name: 'an old one', facts: { primary: aPrimary({ version: '15.3' }) }, severity: 'info', message: /since 15\.3/ },
    { name: 'a beta', facts: { primary: aPrimary({ major: 18, version: '18beta1' }) } },
  ],
});
