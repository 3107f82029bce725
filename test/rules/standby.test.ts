import { describe, expect, it } from 'vitest';

import { notApplicable, unseen } from '../../src/facts/observed.ts';
import { parseBackupLabel } from '../../src/postgres/backup-label.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import { meantBy } from '../../src/checks/data-directory/signal-files.ts';
import { alreadyPrimary } from '../../src/rules/standby/already-primary.ts';
import { archiveCommandCopied } from '../../src/rules/standby/archive-command-copied.ts';
import { bothSignals } from '../../src/rules/standby/both-signals.ts';
import type { ServerJudgement } from '../../src/facts/server-judgement.ts';
import { standbyConfigFileError } from '../../src/rules/standby/config-file-error.ts';
import { controlFileDamaged } from '../../src/rules/standby/control-file-damaged.ts';
import { extensionMissing } from '../../src/rules/standby/extension-missing.ts';
import { incompleteBackup } from '../../src/rules/standby/incomplete-backup.ts';
import { standbyLibraryMissing } from '../../src/rules/standby/library-missing.ts';
import { notADataDirectory } from '../../src/rules/standby/not-a-data-directory.ts';
import { dataDirectoryPermissions } from '../../src/rules/standby/permissions.ts';
import { rawCopy } from '../../src/rules/standby/raw-copy.ts';
import { recoveryConfPresent } from '../../src/rules/standby/recovery-conf-present.ts';
import { recoverySignalInstead } from '../../src/rules/standby/recovery-signal-instead.ts';
import { signalMisnamed } from '../../src/rules/standby/signal-misnamed.ts';
import { signalMissing } from '../../src/rules/standby/signal-missing.ts';
import { stalePidFile } from '../../src/rules/standby/stale-pid-file.ts';
import { tablespaceLinkBroken } from '../../src/rules/standby/tablespace-link-broken.ts';
import { versionMismatch } from '../../src/rules/standby/version-mismatch.ts';
import { walDirectoryMissing } from '../../src/rules/standby/wal-directory-missing.ts';
import { wrongOwner } from '../../src/rules/standby/wrong-owner.ts';
import type { StandbyConfiguration } from '../../src/facts/standby-configuration.ts';
import { aLogUntil } from './a-log.ts';
import { aPatroniMember } from './manager/managers.ts';
import { bothAt } from './timelines-world.ts';
import { testRule } from './rule-tester.ts';
import { tli } from './timelines-world.ts';
import type { RuleCases } from './rule-tester.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import {
  aBackupLabel,
  aCheckpoint,
  aConfiguration,
  aConninfo,
  aControlFile,
  aDataDirectory,
  aFreshCopy,
  aLocalWal,
  aPrimaryWal,
  aRunningStandby,
  aStoppedDirectory,
  anArchive,
  autoConf,
  configFile,
  directory,
  healthyStandby,
  typedConninfo,
} from './standby-world.ts';
import {
  aDirectory,
  aPlace,
  aPrimary,
  aRefusedLogin,
  aSession,
  aSystemIdentifier,
  anAdminServer,
  anAttempt,
  lsn,
  now,
  someSettings,
  timeline,
} from './world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const testStandbyRule = (rule: AnyRule, cases: RuleCases): void => testRule(rule, cases, healthyStandby);

/** What the server program says where it takes everything; change one thing. */
const judged = (change: Partial<ServerJudgement> = {}): ServerJudgement => ({
  program: `${bin}/postgres`,
  refused: [],
  stoppedEarly: false,
  sharedMemory: { bytes: 157_286_400, source: `${bin}/postgres -C shared_memory_size` },
  ...change,
});

const noSignal = { standby: false, recovery: false, misnamed: [], recoveryConf: undefined };
const down = {
  standbyControl: {
    control: { kind: 'pg_ctl' as const, dataDirectory: directory, binDirectory: '/usr/lib/postgresql/15/bin' },
    running: false,
  },
  runningStandby: unseen('connection', 'no server runs'),
};
const startStep = `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`;
const aNewCopy = [
  `mv ${directory} ${directory}.before-standby-2026-11-21`,
  `${bin}/pg_basebackup -d '${typedConninfo}' -D ${directory} -R -X stream -c fast -P`,
  `tar -C ${directory}.before-standby-2026-11-21 -cf - postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf | tar -C ${directory} -xpf -`,
  startStep,
];

const two = timelineId(2) ?? timeline;
const healthyTimelines = healthyStandby.timelines;
if (healthyTimelines === undefined) throw new Error('the standby has timelines');
const local = healthyTimelines.local;
const history = (end: string) => [
  { timeline, begin: null, end: lsn(end), reason: 'no recovery target specified' },
  { timeline: two, begin: lsn(end), end: null, reason: null },
];
/** Nobody looked into the primary's WAL. */
const unchecked = {
  ...healthyTimelines,
  local: { ...local, checkpoint: { ...local.checkpoint, inUpstreamWal: undefined } },
};
const asPrimary = aControlFile({ state: 'shut down', minimumRecoveryPoint: null });

testStandbyRule(notADataDirectory, {
  fails: [
    {
      name: 'absent',
      facts: { dataDirectoryPlace: aPlace({ path: directory }), dataDirectory: unseen('unreadable', 'no such file') },
      message: /does not exist/,
    },
    {
      name: 'a file',
      facts: {
        dataDirectoryPlace: aPlace({ path: directory, state: { kind: 'not-a-directory', is: 'file', at: directory } }),
        dataDirectory: unseen('unreadable', 'no directory'),
      },
      message: /is a file/,
    },
    {
      name: 'absent, and Patroni, which makes it, does not run',
      facts: {
        dataDirectoryPlace: aPlace({ path: directory }),
        dataDirectory: unseen('unreadable', 'no such file'),
        manager: aPatroniMember({ runs: false }),
      },
      message:
        /does not exist\. Patroni makes it, as member db2 of shop, by a base backup of the leader, but it is not running\.$/,
      steps: [
        'Start Patroni, which starts the server: systemctl start patroni as root, or as its user: patroni /etc/patroni/config.yml',
      ],
    },
    ...[
      {
        id: 'patroni-bootstrap-failed',
        text: 'pg_basebackup exited with code=1: FATAL: password authentication failed for user "rep"',
        first:
          'Correct postgresql.authentication.replication in /etc/patroni/config.yml: user name and password have to be those of the role on the leader, as on the other members.',
      },
      {
        id: 'patroni-bootstrap-failed',
        text: 'pg_basebackup exited with code=1: FATAL: no pg_hba.conf entry for replication connection from host "10.0.0.2"',
        first:
          'Let this member in: patronictl edit-config, an entry in postgresql.pg_hba for the role and the address that are named there.',
      },
      {
        id: 'patroni-dcs',
        text: 'Failed to get list of machines from http://db1:2380',
        first:
          'Make the configuration store reachable: check in /etc/patroni/config.yml that the host and port of its section (etcd3, etcd, consul, …) are those of the other members, and that the store is running.',
      },
      {
        id: 'patroni-same-name',
        text: "Can't start; there is already a node",
        first:
          'Give this member a name of its own in /etc/patroni/config.yml (name:). If an earlier Patroni of this member is still running (pgrep -af patroni), end that one instead.',
      },
      {
        id: 'patroni-rest-taken',
        text: "Couldn't start a service on",
        first:
          'End the program that has the address of restapi.listen (ss -ltnp shows it; it may be an earlier Patroni), or give another one in /etc/patroni/config.yml.',
      },
      {
        id: 'patroni-waiting-leader',
        text: 'waiting for leader to bootstrap',
        first:
          'Read what it and pg_basebackup print (journalctl -u patroni, or where its output goes), and whether the cluster has a leader: patronictl -c /etc/patroni/config.yml list.',
      },
    ].map(({ id, text, first }) => ({
      name: `empty, while Patroni says: ${text}`,
      facts: {
        dataDirectoryPlace: aDirectory({ entries: [] }, { path: directory }),
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
        manager: aPatroniMember(),
        managerLog: { by: 'patroni' as const, words: [{ id, text, since: undefined, repeatedly: true }] },
      },
      message: /is empty\. Patroni makes it, .*, but it says: /,
      steps: [
        first,
        ...(id === 'patroni-waiting-leader'
          ? []
          : ['Then restart Patroni: systemctl restart patroni as root, or end it and start it as its user.']),
      ],
    })),
    {
      name: 'absent, beside one that a fix moved aside',
      facts: {
        dataDirectoryPlace: aPlace({ path: directory }),
        dataDirectory: unseen('unreadable', 'no such file'),
        clustersNear: [
          {
            path: `${directory}.before-standby-2026-07-01`,
            release: '17',
            state: 'in archive recovery',
            pid: undefined,
          },
          { path: `${directory}.old`, release: '17', state: 'shut down', pid: undefined },
        ],
      },
      message: /was moved to .*before-standby-2026-07-01, and no new base backup/,
      steps: [`mv ${directory}.before-standby-2026-07-01 ${directory}`],
    },
    {
      name: 'the directory above the one that is meant',
      facts: {
        dataDirectoryPlace: aDirectory({ entries: ['main'] }, { path: directory }),
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
        clustersNear: [{ path: `${directory}/main`, release: '17', state: 'in archive recovery', pid: 17 }],
      },
      message: /no other file of a cluster/,
      steps: [`Use -D ${directory}/main, if that is the standby.`],
    },
    {
      name: 'one of several near it is meant',
      facts: {
        dataDirectoryPlace: aPlace({ path: directory }),
        dataDirectory: unseen('unreadable', 'no such file'),
        clustersNear: [
          { path: '/srv/a', release: '17', state: 'in archive recovery', pid: 17 },
          { path: '/srv/b', release: undefined, state: 'shut down', pid: undefined },
        ],
      },
      message: /does not exist/,
      steps: [
        'Use the one of these that is the standby for -D: /srv/a (PostgreSQL 17, in archive recovery, process 17 runs on it); /srv/b (shut down).',
      ],
    },
    {
      name: 'a link to nowhere',
      facts: {
        dataDirectoryPlace: aPlace({ path: directory, state: { kind: 'dangling-link', leadsTo: '/mnt/pg' } }),
        dataDirectory: unseen('unreadable', 'x'),
      },
      message: /\/mnt\/pg/,
    },
    {
      name: 'a base backup in tar files',
      facts: {
        dataDirectoryPlace: aDirectory(
          { entries: ['16400.tar', 'backup_manifest', 'base.tar', 'pg_wal.tar.lz4'] },
          { path: directory },
        ),
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
      },
      message: /contains base\.tar,/,
      steps: [
        `mkdir -m 0700 ${directory}-unpacked && tar -C ${directory}-unpacked -xpf ${directory}/base.tar && tar -I lz4 -C ${directory}-unpacked/pg_wal -xpf ${directory}/pg_wal.tar.lz4`,
        `Unpack 16400.tar into the directories that ${directory}-unpacked/tablespace_map gives for these numbers. Check it before its first start: standbylint postmortem -D ${directory}-unpacked`,
      ],
    },
    {
      name: 'empty, in a container whose command is to make the copy',
      facts: {
        dataDirectoryPlace: aDirectory({}),
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
        copyAttempt: {
          command: 'pg_basebackup -R -h primary -U replicator',
          said: 'pg_basebackup: error: connection to server at "primary" failed: FATAL:  role "replicator" does not exist',
          container: { engine: 'docker', name: 'db2' },
        },
      },
      message: /runs pg_basebackup\. Its output says last: .*role "replicator" does not exist/,
      steps: [`standbylint preflight pg_basebackup -R -h primary -U replicator -D docker:db2:${directory}`],
    },
    {
      name: 'empty, in a container that starts its server there',
      facts: {
        dataDirectoryPlace: aDirectory({}),
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
        standbyControl: {
          control: {
            ...{ kind: 'container', name: 'db2', engine: 'docker', dataDirectory: directory, pgdata: directory },
            ended: { exitCode: 1, outOfMemory: false, said: 'Error: Database is uninitialized.' },
          },
          running: false,
        },
      },
      message: /it is empty: no base backup was made into it\. The container's output says last: .*uninitialized\.$/,
      steps: [
        'Take a new base backup into it: standbylint clone -h PRIMARY -U ROLE -D docker:db2 -R --start, with the host of its primary and a role that may replicate. It says what has to go aside first.',
      ],
    },
    {
      name: 'empty, for a mount is missing',
      facts: {
        dataDirectoryPlace: aDirectory({}, { missingMount: directory }),
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
      },
      message: /is empty/,
      steps: [
        `As root: mount ${directory}`,
        "Use the standby's data directory for -D: SHOW data_directory; on the standby shows it.",
      ],
    },
    {
      name: 'PG_VERSION alone is gone',
      facts: { ...down, dataDirectory: aStoppedDirectory({ versionText: undefined, major: undefined }) },
      steps: [`echo 15 > ${directory}/PG_VERSION`, startStep],
    },
    {
      name: 'PG_VERSION is garbled',
      facts: {
        dataDirectory: aStoppedDirectory({ versionText: '\u0000x', major: undefined }),
        controlFile: { ok: false, absent: true },
      },
      message: /does not contain a release:/,
    },
  ],
  unexamined: [
    {
      name: 'PG_VERSION is closed to the user of the server',
      facts: {
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          versionUnread: 'permission denied',
          major: undefined,
        }),
      },
      because: /PG_VERSION: permission denied/,
    },
    {
      name: 'closed to this user',
      facts: { dataDirectory: unseen('permission', 'permission denied') },
      because: /permission denied/,
    },
  ],
});

const runsAsPrimary = {
  runningStandby: aRunningStandby({ inRecovery: false }),
  controlFile: aControlFile({ state: 'in production', minimumRecoveryPoint: null }),
};

const changesNothing = `On the server that primary_conninfo leads to, run SELECT status, sender_host, sender_port FROM pg_stat_wal_receiver; in psql. If that is this server, ${directory} is the data of the primary: run this with the data directory of the standby. If it is a third server, stop this one and make it a standby with standbylint clone, into another directory.`;

testStandbyRule(signalMissing, {
  passes: [],
  notApplicable: [
    {
      name: 'nothing says standby',
      facts: {
        dataDirectory: aDataDirectory({ signals: noSignal }),
        standbyConninfo: aConninfo({ text: undefined }),
        standbyConfiguration: aConfiguration([]),
      },
    },
    {
      name: 'a primary that is down',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        standbyConninfo: aConninfo({ text: undefined }),
        standbyConfiguration: aConfiguration([]),
        controlFile: asPrimary,
      },
    },
    {
      name: 'recovery.conf comes first',
      facts: {
        dataDirectory: aStoppedDirectory({
          signals: { ...noSignal, recoveryConf: { path: `${directory}/recovery.conf`, settings: [] } },
        }),
      },
    },
    {
      name: 'recovery.signal is there',
      facts: { ...down, dataDirectory: aStoppedDirectory({ signals: { ...noSignal, recovery: true } }) },
    },
    {
      name: 'a wrong name',
      facts: {
        ...down,
        dataDirectory: aFreshCopy({
          signals: { ...noSignal, misnamed: [{ name: 'standby.signal.txt', meant: 'standby.signal' }] },
        }),
      },
    },
    {
      name: 'it runs as the primary of a standby that its primary_conninfo leads to',
      facts: {
        ...runsAsPrimary,
        dataDirectory: aDataDirectory({ signals: noSignal }),
        timelines: { ...healthyTimelines, upstreamInRecovery: true },
      },
      because: /may follow this very server/,
    },
    {
      name: 'it was promoted',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        controlFile: asPrimary,
        timelines: { ...healthyTimelines, local: { ...local, timeline: two, history: history('0/3000000') } },
      },
      because: /promoted/,
    },
  ],
  fails: [
    {
      name: 'never started since the backup',
      facts: {
        ...down,
        dataDirectory: aFreshCopy({ signals: noSignal }),
        controlFile: aControlFile({ state: 'in production' }),
      },
      risk: 'safe',
      message: /No server has run on it since the backup/,
      steps: [`touch ${directory}/standby.signal`, startStep],
    },
    ...[aFreshCopy({ signals: noSignal }), aStoppedDirectory({ signals: noSignal })].map((dataDirectory) => ({
      name: dataDirectory.backupLabel === undefined ? 'its settings were lost' : 'made without -R',
      facts: {
        ...down,
        dataDirectory,
        standbyConninfo: aConninfo({ text: undefined, file: undefined }),
        standbyConfiguration: aConfiguration([]),
        controlFile: aControlFile({
          state: dataDirectory.backupLabel === undefined ? 'shut down in recovery' : 'in production',
        }),
      },
      message:
        dataDirectory.backupLabel === undefined
          ? /was a standby when its server last ran, but/
          : /is a base backup, but .* No server has run on it since the backup\.$/,
      steps: [`touch ${directory}/standby.signal`, startStep],
    })),
    {
      name: 'it is stopped, and may be the primary of the standby that its primary_conninfo leads to',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        controlFile: asPrimary,
        timelines: { ...healthyTimelines, upstreamInRecovery: true },
      },
      risk: 'safe',
      message: /is a standby on the same timeline, and may follow this very server\.$/,
      steps: [changesNothing],
    },
    {
      name: 'a link that leads nowhere',
      facts: { ...down, dataDirectory: aStoppedDirectory({ signals: { ...noSignal, deadLinks: ['standby.signal'] } }) },
      message: /standby\.signal is a link to a file that does not exist/,
      steps: [
        `mv ${directory}/standby.signal ${directory}/standby.signal.before-2026-11-21T200000`,
        `touch ${directory}/standby.signal`,
        startStep,
      ],
    },
    {
      name: 'its primary is a new cluster, as after pg_upgrade',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        primary: aPrimary({ systemIdentifier: aSystemIdentifier('7100000000000000009') }),
      },
      message: /only ever replayed its primary's WAL: with the file, it stays a standby\.$/,
    },
    {
      name: 'removed from under a running standby',
      facts: { dataDirectory: aDataDirectory({ signals: noSignal }) },
      risk: 'safe',
      steps: [`touch ${directory}/standby.signal`],
    },
    {
      name: 'stopped as a standby',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        controlFile: aControlFile({ state: 'shut down in recovery' }),
      },
      risk: 'safe',
    },
    {
      name: 'archive only',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        standbyConninfo: aConninfo({ text: undefined }),
        standbyConfiguration: aConfiguration([['restore_command', 'cp /a/%f %p']]),
      },
      message: /restore_command is set/,
    },
    {
      name: 'an old primary that stopped before the switch',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal, backupLabelOld: undefined }),
        controlFile: asPrimary,
        timelines: {
          ...healthyTimelines,
          upstream: { ...healthyTimelines.upstream, timeline: two, history: history('0/3000060') },
        },
      },
      risk: 'safe',
      message: /Nothing is lost yet/,
    },
    {
      name: 'ran as a primary on the same timeline',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        controlFile: asPrimary,
        timelines: unchecked,
      },
      risk: 'destructive',
      message: /Creating standby\.signal now would not.*wrongly report that no rewind is required/,
      steps: aNewCopy,
    },
    {
      name: 'runs as one now',
      facts: {
        dataDirectory: aDataDirectory({ signals: noSignal }),
        controlFile: aControlFile({ state: 'in production', minimumRecoveryPoint: null }),
        runningStandby: aRunningStandby({ inRecovery: false }),
      },
      risk: 'destructive',
      steps: [`${bin}/pg_ctl stop -D ${directory} -w -m fast`, ...aNewCopy],
    },
    {
      name: 'more WAL than the primary',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal, backupLabelOld: undefined }),
        controlFile: asPrimary,
        timelines: { ...healthyTimelines, local: { ...local, position: lsn('0/5000000') } },
      },
      message: /it wrote up to 0\/5000000/,
      risk: 'destructive',
    },
    {
      name: 'nothing is known of its primary',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ signals: noSignal }),
        controlFile: asPrimary,
        timelines: unseen('connection', 'refused'),
      },
      risk: 'safe',
      message: /is not known whether its WAL.*of its primary could not be read/,
    },
  ],
});

testStandbyRule(signalMisnamed, {
  notApplicable: [
    { name: 'no such file', facts: { dataDirectory: aDataDirectory({ signals: noSignal }) } },
    {
      name: 'too late',
      facts: {
        ...down,
        controlFile: asPrimary,
        timelines: unchecked,
        dataDirectory: aStoppedDirectory({
          signals: { ...noSignal, misnamed: [{ name: 'Standby.signal', meant: 'standby.signal' }] },
        }),
      },
      because: /file is not enough/,
    },
  ],
  fails: [
    {
      name: 'a blank at the end',
      facts: {
        ...down,
        dataDirectory: aFreshCopy({
          signals: { ...noSignal, misnamed: [{ name: 'standby.signal ', meant: 'standby.signal' }] },
        }),
      },
      steps: [`mv '${directory}/standby.signal ' ${directory}/standby.signal`, startStep],
    },
    {
      name: 'while it runs',
      facts: {
        dataDirectory: aDataDirectory({
          signals: { ...noSignal, misnamed: [{ name: 'Standby.signal', meant: 'standby.signal' }] },
        }),
      },
      risk: 'safe',
      steps: [`mv ${directory}/Standby.signal ${directory}/standby.signal`],
    },
  ],
});

describe('names like a signal file', () => {
  it.each([
    'standby.signal.txt',
    'Standby.signal',
    'standby.signal ',
    ' standby.signal',
    'STANDBY.SIGNAL',
    'standby_signal',
    'standby-signal',
    'standbysignal',
    'stanby.signal',
    'standby.singal',
    'standby.signa',
    'standby.signals',
  ])('%j is meant as standby.signal', (name) => {
    expect(meantBy(name)).toBe('standby.signal');
  });
  it.each([
    'standby.signal',
    'recovery.signal',
    'standby.signal.bak',
    'standby.signal.old',
    'standby.signal.before-x',
    'signal',
    'standby',
    'postgresql.conf',
    'recovery.conf',
    'backup_label',
    '',
    'x'.repeat(300),
  ])('%j is not', (name) => {
    expect(meantBy(name)).toBeUndefined();
  });
  it('recovery.signal has its own', () => expect(meantBy('Recovery.Signal')).toBe('recovery.signal'));
});

testStandbyRule(recoverySignalInstead, {
  notApplicable: [
    {
      name: 'both',
      facts: { dataDirectory: aDataDirectory({ signals: { ...noSignal, standby: true, recovery: true } }) },
    },
  ],
  fails: [
    {
      name: 'instead of standby.signal',
      facts: { ...down, dataDirectory: aStoppedDirectory({ signals: { ...noSignal, recovery: true } }) },
      steps: [`mv ${directory}/recovery.signal ${directory}/standby.signal`, startStep],
    },
    {
      name: 'recovers and promotes itself',
      facts: {
        dataDirectory: aDataDirectory({ signals: { ...noSignal, recovery: true } }),
        standbyConfiguration: aConfiguration([['restore_command', 'cp /a/%f %p']]),
      },
      risk: 'disruptive',
      message: /then promote itself/,
    },
  ],
});

testStandbyRule(bothSignals, {
  fails: [
    {
      name: 'both',
      facts: { dataDirectory: aDataDirectory({ signals: { ...noSignal, standby: true, recovery: true } }) },
      severity: 'warning',
      steps: [`mv ${directory}/recovery.signal ${directory}/recovery.signal.put-aside`],
    },
  ],
});

testStandbyRule(recoveryConfPresent, {
  fails: [
    {
      name: 'line by line, without a look at the password',
      facts: {
        ...down,
        standbyConninfo: aConninfo({ text: undefined }),
        standbyConfiguration: aConfiguration([]),
        dataDirectory: aStoppedDirectory({
          signals: {
            ...noSignal,
            recoveryConf: {
              path: `${directory}/recovery.conf`,
              settings: [
                { name: 'standby_mode', value: 'on', line: 1 },
                { name: 'primary_conninfo', value: 'host=db1 password=***', line: 2 },
                { name: 'trigger_file', value: '/tmp/t', line: 3 },
                { name: 'recovery_target_time', value: '2020-01-01', line: 4 },
              ],
            },
          },
        }),
      },
      steps: [
        `cp -p ${autoConf} ${autoConf}.before-2026-11-21T200000 &&\n{ echo; sed -n -e 2p -e '3s/^[[:space:]]*[Tt][Rr][Ii][Gg][Gg][Ee][Rr]_[Ff][Ii][Ll][Ee]/promote_trigger_file/p' ${directory}/recovery.conf; } >> ${autoConf}`,
        `mv ${directory}/recovery.conf ${directory}/recovery.conf.before-2026-11-21T200000`,
        `touch ${directory}/standby.signal`,
        startStep,
      ],
    },
    {
      name: 'of 16, where trigger_file is gone',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({
          major: 16,
          signals: {
            ...noSignal,
            standby: true,
            recoveryConf: {
              path: `${directory}/recovery.conf`,
              settings: [{ name: 'trigger_file', value: '/t', line: 1 }],
            },
          },
        }),
      },
      steps: [`mv ${directory}/recovery.conf ${directory}/recovery.conf.before-2026-11-21T200000`, startStep],
    },
  ],
});

function onCommandLine(name: string, value: string): StandbyConfiguration {
  const source = { kind: 'command line' as const, written: `-c ${name}=${value}` };
  const { files, ...rest } = aConfiguration([]);
  const one = { name, value, source };
  return { ...rest, files: { ...files, assignments: [one], settings: new Map([[name, { ...one, overridden: [] }]]) } };
}

testStandbyRule(standbyConfigFileError, {
  passes: [
    {
      name: 'the server takes what our table does not know',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['quantum_checkpointing', 'on', configFile, 5]]),
        serverJudgement: judged(),
      },
      because: /accepted by \/usr\/lib\/postgresql\/15\/bin\/postgres -C/,
    },
    {
      name: 'a slot name and a locale, of which other rules speak',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['primary_slot_name', 'Bad-Name']]),
        serverJudgement: judged({
          refused: [
            { words: 'invalid value for parameter "primary_slot_name": "Bad-Name"', settings: ['primary_slot_name'] },
          ],
        }),
      },
    },
    {
      name: 'a setting of an extension',
      facts: { standbyConfiguration: aConfiguration([['timescaledb.telemetry_level', 'off']]) },
    },
    {
      name: 'what 14 may define like 13, or like 15',
      facts: {
        dataDirectory: aDataDirectory({ major: 14, versionText: '14' }),
        standbyConfiguration: aConfiguration([['vacuum_cost_page_miss', 'lots']]),
      },
    },
    {
      name: 'a value that a later one replaces',
      facts: {
        standbyConfiguration: aConfiguration([
          ['max_connections', 'many'],
          ['max_connections', '100'],
        ]),
      },
    },
  ],
  fails: [
    {
      name: 'a value that a hook of the server refuses',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['timezone', 'Mars/Olympus', configFile, 9]]),
        serverJudgement: judged({
          refused: [{ words: 'invalid value for parameter "TimeZone": "Mars/Olympus"', settings: ['timezone'] }],
        }),
      },
      message:
        /\/var\/lib\/postgresql\/15\/standby\/postgresql\.conf, line 9: invalid value.*Mars\/Olympus"\. This keeps the server from starting/,
      steps: [
        `cp -p ${configFile} ${configFile}.before-2026-11-21T200000 &&\nsed -e '9s/^/# /' ${configFile}.before-2026-11-21T200000 > ${configFile}`,
        startStep,
      ],
    },
    {
      name: 'words that do not name the setting',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['synchronous_standby_names', 'FIRST 0 (a)', autoConf, 4]]),
        serverJudgement: judged({
          refused: [
            {
              words: 'number of synchronous standbys (0) must be greater than zero',
              settings: ['synchronous_standby_names'],
            },
          ],
        }),
      },
      message: /auto\.conf, line 4: synchronous_standby_names cannot be "FIRST 0 \(a\)": number of synchronous/,
    },
    {
      name: 'on the command line',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: onCommandLine('timezone', 'Mars'),
        serverJudgement: judged({
          refused: [{ words: 'invalid value for parameter "TimeZone": "Mars"', settings: ['timezone'] }],
        }),
      },
      message: /^the command line: invalid value/,
      steps: [
        'Remove -c timezone=Mars from the command that starts the server: it overrides timezone in every file.',
        startStep,
      ],
    },
    {
      name: 'on the command line that pg_ctl is given',
      facts: {
        ...down,
        standbyControl: {
          ...down.standbyControl,
          control: { ...down.standbyControl.control, options: ['-p', '5433', '-c', 'timezone=Mars', '-cwork_mem=7MB'] },
        },
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: onCommandLine('timezone', 'Mars'),
        serverJudgement: judged({
          refused: [{ words: 'invalid value for parameter "TimeZone": "Mars"', settings: ['timezone'] }],
        }),
      },
      steps: [`${startStep} -o '-p 5433 -cwork_mem=7MB'`],
    },
    {
      name: 'on the command line, and no program of the release can be asked',
      facts: {
        ...down,
        standbyControl: {
          ...down.standbyControl,
          control: { ...down.standbyControl.control, options: ['-c', 'wal_keep_segments=5', '-cwork_mem=7MB'] },
        },
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: onCommandLine('wal_keep_segments', '5'),
        serverJudgement: unseen('tool', 'no program of it is here'),
      },
      message: /^the command line: PostgreSQL 15 has no setting wal_keep_segments/,
      steps: [`${startStep} -o -cwork_mem=7MB`],
    },
    {
      name: 'a name that the server does not know for certain, and a value that it did not come to',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([
          ['quantum_checkpointing', 'on', configFile, 3],
          ['work_mem', 'lots', configFile, 4],
        ]),
        serverJudgement: judged({
          stoppedEarly: true,
          refused: [
            {
              words: `unrecognized configuration parameter "quantum_checkpointing" in file "${configFile}" line 3`,
              settings: [],
              file: configFile,
              line: 3,
            },
          ],
        }),
      },
      severity: 'error',
      message: /There is one more such error/,
    },
    {
      name: 'a name like no other, which a minor release may have brought',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['quantum_checkpointing', 'on']]),
      },
      severity: 'warning',
      message: /has no setting quantum_checkpointing\. This keeps.*from starting, unless its minor release added/,
    },
    {
      name: 'a name that is mistyped',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['max_conections', '100']]),
      },
      severity: 'error',
      message: /max_connections replaces it\. This keeps/,
    },
    {
      name: 'a line that does not parse',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([], {}, [
          { kind: 'syntax', file: configFile, line: 12, near: ',', expected: 'the end of the line' },
        ]),
      },
      message: /line 12: the end of the line is expected instead of/,
      steps: [
        `cp -p ${configFile} ${configFile}.before-2026-11-21T200000 &&\nsed -e '12s/^/# /' ${configFile}.before-2026-11-21T200000 > ${configFile}`,
        startStep,
      ],
    },
    {
      name: 'while it runs it is a warning',
      facts: { standbyConfiguration: aConfiguration([['wal_keep_segments', '10', configFile, 9]]) },
      severity: 'warning',
      message: /no setting wal_keep_segments; wal_keep_size/,
    },
    {
      name: 'gone since',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ major: 16, versionText: '16' }),
        standbyConfiguration: aConfiguration([['promote_trigger_file', '/t']]),
      },
      message: /15 was the last release/,
    },
    {
      name: 'what no file can set',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['block_size', '8192']]),
      },
      message: /block_size cannot be set/,
    },
    {
      name: 'a value of a setting that has nothing to do with replication',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['work_mem', 'lots']]),
      },
      message: /work_mem cannot be "lots": a whole number from 64 to 2147483647 \(in kB/,
    },
    {
      name: 'a value that it does not take',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['max_connections', 'many']]),
      },
      message: /max_connections cannot be "many/,
    },
    {
      name: 'an include that is not there',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([], {}, [
          {
            kind: 'not-read',
            path: '/etc/x.conf',
            what: 'file',
            problem: { status: 'absent' },
            includedFrom: { file: configFile, line: 3 },
          },
        ]),
      },
      message: /the file \/etc\/x\.conf, which it includes, does not exist/,
    },
    {
      name: 'no postgresql.conf at all',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([], {}, [
          { kind: 'not-read', path: configFile, what: 'file', problem: { status: 'absent' }, includedFrom: null },
        ]),
      },
      message: /the file does not exist/,
    },
  ],
});

testStandbyRule(dataDirectoryPermissions, {
  passes: [{ name: 'open to the group', facts: { dataDirectory: aDataDirectory({ mode: 0o750 }) } }],
  fails: [
    {
      name: '0755',
      facts: { ...down, dataDirectory: aStoppedDirectory({ mode: 0o755 }) },
      severity: 'error',
      steps: [`chmod 0700 ${directory}`, startStep],
    },
    {
      name: 'the group may write',
      facts: { ...down, dataDirectory: aStoppedDirectory({ mode: 0o770 }) },
      steps: [`chmod 0750 ${directory}`, startStep],
    },
    {
      name: 'while it runs',
      facts: { dataDirectory: aDataDirectory({ mode: 0o755 }) },
      severity: 'warning',
      steps: [`chmod 0700 ${directory}`],
    },
  ],
});

const closedBy = (name: string, uid: number) => ({
  dataDirectory: unseen('permission', `${directory}: permission denied`),
  dataDirectoryPlace: aPlace({
    path: directory,
    state: { kind: 'unreadable', message: 'permission denied', owner: { uid, name } },
  }),
});

const optionsOfRoot = [{ path: `${directory}/postmaster.opts`, owner: 'root', uid: 0 }];

testStandbyRule(wrongOwner, {
  passes: [
    {
      name: 'postmaster.opts of root, which a server that runs has written already',
      facts: { dataDirectory: aDataDirectory({ ofOthers: optionsOfRoot }) },
    },
  ],
  fails: [
    {
      name: 'root',
      facts: { ...down, dataDirectory: aStoppedDirectory({ owner: { uid: 0, gid: 0, name: 'root' } }) },
      message: /owned by root, and/,
      steps: [`As root: chown -R postgres: ${directory}`, startStep],
    },
    {
      name: 'files of root in it',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({
          ofOthers: [{ path: `${directory}/global/pg_control`, owner: 'root', uid: 0 }],
        }),
      },
      message: /global\/pg_control to root/,
    },
    {
      name: 'postmaster.opts of root, which each start writes',
      facts: { ...down, dataDirectory: aStoppedDirectory({ ofOthers: optionsOfRoot }) },
      message: /postmaster\.opts to root: the server does not start/,
    },
    {
      name: 'a number that no account has',
      facts: { ...down, dataDirectory: aStoppedDirectory({ owner: { uid: 4321, gid: 4321, name: '4321' } }) },
      message: /owned by user ID 4321, which no account of this machine has: the server does not start/,
      steps: [`As root: chown -R postgres: ${directory}`, startStep],
    },
    {
      name: 'root, who lets nobody look into it',
      facts: { ...down, ...closedBy('root', 0) },
      message: /owned by root and not accessible to other users/,
      steps: [
        `As root: chown -R postgres: ${directory}`,
        'Start the server as postgres, in the way that it is usually started.',
      ],
    },
  ],
  unexamined: [
    {
      name: 'another user, who lets nobody look into it',
      facts: closedBy('postgres', 105),
      because: /permission denied/,
    },
  ],
});

const anIncrementalLabel = () => {
  const text = `${aBackupLabel().text}INCREMENTAL FROM LSN: 0/2000028\nINCREMENTAL FROM TLI: 1\n`;
  const parsed = parseBackupLabel(text);
  return { text, label: parsed.ok ? parsed.value : undefined };
};

testStandbyRule(incompleteBackup, {
  passes: [
    {
      name: 'backup_label cannot be read, which is a fault of its owner',
      facts: { ...down, dataDirectory: aFreshCopy({ backupLabel: { text: '', label: undefined, isUnread: true } }) },
    },
  ],
  fails: [
    {
      name: 'pg_control is not there',
      facts: { ...down, dataDirectory: aFreshCopy(), controlFile: { ok: false, absent: true } },
      message: /did not finish: global\/pg_control/,
      risk: 'destructive',
      steps: aNewCopy,
    },
    {
      name: 'backup_label has the line ends of Windows',
      facts: {
        ...down,
        dataDirectory: aFreshCopy({
          backupLabel: {
            text: 'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\r\nCHECKPOINT LOCATION: 0/2000060\r\n',
            label: undefined,
          },
        }),
      },
      message: /its lines end in CR LF.*do not remove it/,
      risk: 'safe',
      steps: [
        `mv ${directory}/backup_label ${directory}/backup_label.before-2026-11-21T200000`,
        String.raw`tr -d '\r' < ${directory}/backup_label.before-2026-11-21T200000 > ${directory}/backup_label`,
        startStep,
      ],
    },
    {
      name: 'backup_label is empty',
      facts: { dataDirectory: aFreshCopy({ backupLabel: { text: '', label: undefined } }) },
      message: /it is empty/,
      risk: 'destructive',
    },
    {
      name: 'an incremental backup: no server is started on it',
      facts: { ...down, dataDirectory: aFreshCopy({ backupLabel: anIncrementalLabel() }) },
      message: /is an incremental backup/,
      risk: 'safe',
      steps: [
        `Run pg_combinebackup with the full backup, every incremental backup after it and ${directory}, in this order, and -o with a new directory.`,
        'Do not start the new directory yet: without standby.signal it would be a second primary. Run standbylint postmortem -D with the new directory, which says what it lacks, and how it is started.',
      ],
    },
    {
      name: 'the manifest is a draft',
      facts: { ...down, dataDirectory: aFreshCopy({ manifest: 'temporary' }) },
      message: /temporary name/,
    },
    {
      name: 'base is half there',
      facts: { ...down, dataDirectory: aFreshCopy({ missingDirectories: ['base/1', 'pg_notify'] }) },
      message: /base\/1 is missing/,
    },
    {
      name: 'an empty directory was lost',
      facts: { ...down, dataDirectory: aFreshCopy({ missingDirectories: ['pg_notify', 'pg_snapshots'] }) },
      severity: 'error',
      steps: [`mkdir -m 0700 ${directory}/pg_notify ${directory}/pg_snapshots`, startStep],
    },
    {
      name: 'one that is missed later',
      facts: { dataDirectory: aDataDirectory({ missingDirectories: ['pg_logical/snapshots'] }) },
      severity: 'warning',
      steps: [`mkdir -m 0700 ${directory}/pg_logical/snapshots`],
    },
  ],
  notApplicable: [
    { name: 'a server runs without its pg_control', facts: { controlFile: { ok: false, absent: true } } },
    {
      name: 'no data directory',
      facts: {
        dataDirectory: aStoppedDirectory({
          versionText: undefined,
          major: undefined,
          missingDirectories: ['global', 'base'],
        }),
      },
    },
  ],
});

testStandbyRule(controlFileDamaged, {
  notApplicable: [{ name: 'not there', facts: { controlFile: { ok: false, absent: true } } }],
  fails: [
    {
      name: 'its checksum',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        controlFile: { ok: false, absent: false, fault: { kind: 'crc-differs', stored: 1, computed: 2 } },
      },
      message: /does not match its checksum/,
      steps: aNewCopy,
    },
    {
      name: 'too short',
      facts: { controlFile: { ok: false, absent: false, fault: { kind: 'too-short', bytes: 0, needed: 296 } } },
      message: /has 0 bytes/,
    },
    {
      name: 'of 12',
      facts: {
        controlFile: {
          ok: false,
          absent: false,
          fault: { kind: 'unsupported-version', controlVersion: 1201, release: '12' },
        },
      },
      message: /PostgreSQL 12/,
    },
  ],
});

const only13 = {
  installedTools: {
    basebackups: [],
    onPath: undefined,
    servers: [
      {
        path: '/usr/lib/postgresql/13/bin/postgres',
        binDirectory: '/usr/lib/postgresql/13/bin',
        version: '13.21',
        major: 13,
      },
    ],
  },
};

testStandbyRule(versionMismatch, {
  passes: [{ name: 'its server runs, wherever its program is', facts: only13 }],
  fails: [
    {
      name: 'another release than the primary',
      facts: { primary: aPrimary({ major: 17, version: '17.4' }) },
      message: /physical standby must have the same major/,
      risk: 'destructive',
    },
    {
      name: 'the image of its container is of another release',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyControl: { control: { kind: 'container', name: 'pg1', dataDirectory: directory }, running: false },
        serverLog: aLogUntil(now, [
          'LOG:  starting PostgreSQL 18.1',
          'FATAL:  database files are incompatible with server',
          'DETAIL:  The data directory was initialized by PostgreSQL version 15, which is not compatible with this version 18.1.',
        ]),
      },
      message: /has a server of 18, which does not start on it/,
      steps: [
        'Create the container pg1 again with an image of PostgreSQL 15 in place of 18, and otherwise as it is: docker stop pg1 && docker rename pg1 pg1-old && docker update --restart no pg1-old, then docker run with the same volumes (--volumes-from pg1-old), network and options. A restart alone changes nothing.',
      ],
    },
    {
      name: 'PG_VERSION was changed by hand',
      facts: { ...down, dataDirectory: aStoppedDirectory({ versionText: '16', major: 16 }) },
      steps: [`echo 15 > ${directory}/PG_VERSION`, startStep],
    },
    {
      name: 'no server of its release is on this host',
      facts: { ...down, dataDirectory: aStoppedDirectory({ lastStart: undefined }), ...only13 },
      severity: 'warning',
      message: /the servers on this host are 13/,
    },
  ],
});

const withoutLockFile = {
  pid: 7,
  port: undefined,
  process: 'running',
  program: 'postgres',
  withoutLockFile: true,
} as const;

testStandbyRule(stalePidFile, {
  passes: [{ name: 'none', facts: { dataDirectory: aStoppedDirectory() } }],
  unexamined: [
    {
      name: 'a process that is not shown',
      facts: {
        dataDirectory: aDataDirectory({ postmaster: { pid: 7, port: 5433, process: 'unknown', program: undefined } }),
      },
      because: /process 7/,
    },
  ],
  fails: [
    {
      name: 'nobody has the number',
      facts: {
        ...down,
        dataDirectory: aDataDirectory({ postmaster: { pid: 7, port: 5433, process: 'gone', program: undefined } }),
      },
      severity: 'warning',
      steps: [startStep],
    },
    {
      name: 'its children still run',
      facts: {
        ...down,
        dataDirectory: aDataDirectory({
          postmaster: { pid: 7, port: 5433, process: 'gone', program: undefined, leftBehind: [11, 12] },
        }),
      },
      severity: 'error',
      message: /2 of its processes still use its shared memory/,
      risk: 'disruptive',
    },
    {
      name: 'another program of the same user',
      facts: {
        ...down,
        dataDirectory: aDataDirectory({
          postmaster: { pid: 7, port: 5433, process: 'another-program', program: 'cron', uid: 105 },
        }),
      },
      severity: 'error',
      message: /belongs to cron/,
      steps: [`mv ${directory}/postmaster.pid ${directory}/postmaster.pid.before-2026-11-21T200000`, startStep],
    },
    {
      name: 'of another user',
      facts: {
        ...down,
        dataDirectory: aDataDirectory({
          postmaster: { pid: 7, port: 5433, process: 'another-program', program: 'cron', uid: 0 },
        }),
      },
      severity: 'warning',
    },
    {
      name: 'empty',
      facts: { ...down, dataDirectory: aStoppedDirectory({ pidFileUnreadable: 'it is empty' }) },
      message: /it is empty/,
    },
    {
      name: 'gone, and the server runs',
      facts: { ...down, dataDirectory: aDataDirectory({ postmaster: withoutLockFile }) },
      message: /Process 7 is the server on .*postmaster\.pid does not exist/,
      steps: ['kill -INT 7; while kill -0 7 2>/dev/null; do sleep 1; done', startStep],
    },
    {
      name: 'empty, and the server runs in a container',
      facts: {
        standbyControl: { control: { kind: 'container', name: 'pg1', dataDirectory: directory }, running: true },
        dataDirectory: aDataDirectory({ postmaster: withoutLockFile, pidFileUnreadable: 'it is empty' }),
      },
      message: /\/var\/lib\/postgresql\/15\/standby\/postmaster\.pid contains no PID/,
      steps: [
        `mv ${directory}/postmaster.pid ${directory}/postmaster.pid.before-2026-11-21T200000`,
        'As root: docker restart pg1',
      ],
    },
  ],
});

testStandbyRule(walDirectoryMissing, {
  fails: [
    {
      name: 'not there',
      facts: { ...down, dataDirectory: aStoppedDirectory(), localWal: aLocalWal({ state: 'missing' }) },
      steps: [`mkdir -m 0700 ${directory}/pg_wal`, startStep],
    },
    {
      name: 'not there, and the primary has removed what was in it',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        localWal: aLocalWal({ state: 'missing' }),
        timelines: bothAt('0/3000060', '0/9000060'),
        primaryWal: aPrimaryWal('0/7000000'),
      },
      message: /lost 000000010000000000000003, which it needs next and its primary no longer has/u,
      steps: aNewCopy,
    },
    {
      name: 'not there, and the archive of the primary has what was in it',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        localWal: aLocalWal({ state: 'missing' }),
        timelines: bothAt('0/3000060', '0/9000060'),
        primaryWal: aPrimaryWal('0/7000000'),
        primaryArchive: anArchive({ command: 'cp /archive/%f "%p"' }),
      },
      message: /\/archive, where the primary archives to, has it/u,
      risk: 'safe',
    },
    {
      name: 'a link to nowhere',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        localWal: aLocalWal({ state: 'dangling-link', leadsTo: '/mnt/wal of 15' }),
      },
      message: /not mounted/,
      steps: ["mkdir -p -m 0700 '/mnt/wal of 15'", startStep],
    },
    {
      name: 'a link to nowhere, where root alone makes directories',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        localWal: aLocalWal({ state: 'dangling-link', leadsTo: '/mnt/wal', byRoot: true }),
      },
      steps: ['As root: install -d -m 0700 -o postgres /mnt/wal', startStep],
    },
    {
      name: 'a file',
      facts: { ...down, dataDirectory: aStoppedDirectory(), localWal: aLocalWal({ state: 'not-a-directory' }) },
    },
  ],
});

const aTablespace = {
  oid: 16_400,
  link: `${directory}/pg_tblspc/16400`,
  target: '/mnt/fast',
  state: 'directory' as const,
  empty: false,
  fromMap: false,
};
const putBack =
  'Mount the file system that belongs at /mnt/fast, or move the directory that was there back: it has PG_15_… in it.';

const createTablespace = aLogUntil(now, [
  'LOG:  starting PostgreSQL 15.18',
  'FATAL:  directory "/srv/ts" does not exist',
  'HINT:  Create this directory for the tablespace before restarting the server.',
  'LOG:  startup process (PID 8) exited with exit code 1',
]);

testStandbyRule(tablespaceLinkBroken, {
  passes: [
    {
      name: 'replay wanted one that was made since',
      facts: { ...down, dataDirectory: aStoppedDirectory(), serverLog: createTablespace },
    },
    { name: 'one that is there', facts: { dataDirectory: aDataDirectory({ tablespaces: [aTablespace] }) } },
    {
      name: 'in place, on purpose',
      facts: {
        dataDirectory: aDataDirectory({
          tablespaces: [{ ...aTablespace, state: 'not-a-link', target: undefined, empty: undefined }],
        }),
        standbyConfiguration: aConfiguration([['allow_in_place_tablespaces', 'on']]),
      },
    },
  ],
  fails: [
    {
      name: 'gone',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ tablespaces: [{ ...aTablespace, state: 'missing', empty: undefined }] }),
      },
      message: /\/mnt\/fast does not exist/,
      steps: [putBack, startStep],
      alternatives: [aNewCopy],
    },
    {
      name: 'a directory with its data, while the server runs',
      facts: {
        dataDirectory: aDataDirectory({
          tablespaces: [{ ...aTablespace, state: 'not-a-link', target: undefined, empty: false }],
        }),
      },
      severity: 'warning',
      message: /is a directory and no link.*the next start ends/,
      steps: ["ALTER SYSTEM SET allow_in_place_tablespaces = 'on';", 'SELECT pg_reload_conf();'],
    },
    {
      name: 'a directory with its data, and the server is down',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({
          tablespaces: [{ ...aTablespace, state: 'not-a-link', target: undefined, empty: false }],
        }),
      },
      severity: 'error',
      message: /the start ends when recovery becomes consistent/,
    },
    {
      name: 'its catalog has one without a link',
      facts: { runningStandby: { ...aRunningStandby(), lostTablespaces: ['16388'] } },
      message: /the tablespace 16388, which has no link in .*pg_tblspc/,
      risk: 'destructive',
    },
    {
      name: 'empty, beside one that must be moved aside',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({
          tablespaces: [
            { ...aTablespace, empty: true },
            { ...aTablespace, oid: 2, target: '/mnt/slow' },
          ],
        }),
      },
      steps: [putBack, startStep],
      alternatives: [[aNewCopy[0] ?? '', 'mv /mnt/slow /mnt/slow.before-standby-2026-11-21', ...aNewCopy.slice(1)]],
    },
    {
      name: 'a file is in its place',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({
          tablespaces: [{ ...aTablespace, state: 'not-a-directory', empty: undefined }],
        }),
      },
      steps: aNewCopy,
    },
    {
      name: 'replay of CREATE TABLESPACE stopped the server',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        serverLog: { ...createTablespace, missing: ['/srv/ts'] },
      },
      steps: [
        'As root: install -d -m 0700 -o postgres /srv/ts',
        `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
      ],
    },
  ],
});

const starting = unseen('connection', "the standby's server was not queried: the database system is starting up");

const knowsNoPrimary = {
  standbyConninfo: aConninfo({ text: undefined, file: undefined, line: undefined, hosts: [] }),
  standbyConfiguration: aConfiguration([]),
  primary: unseen('not-asked', 'no primary'),
  timelines: unseen('not-asked', 'no primary'),
};

testStandbyRule(alreadyPrimary, {
  passes: [
    {
      name: 'a base backup without WAL that waits for its first segment, with the state of its primary',
      facts: {
        runningStandby: starting,
        dataDirectory: aDataDirectory({ backupLabel: aBackupLabel(), backupLabelOld: undefined }),
        controlFile: aControlFile({ state: 'in production', minimumRecoveryPoint: null }),
      },
      because: /was never started/,
    },
  ],
  unexamined: [
    {
      name: 'a server that refuses sessions, with standby.signal and the state of a primary',
      facts: {
        runningStandby: starting,
        dataDirectory: aDataDirectory({ backupLabelOld: undefined }),
        controlFile: aControlFile({ state: 'in production', minimumRecoveryPoint: null }),
      },
    },
  ],
  fails: [
    {
      name: 'it runs as one',
      facts: {
        ...runsAsPrimary,
      },
      message: /accepts writes that its primary never receives/,
    },
    {
      name: 'it was promoted, and of the list in its primary_conninfo it is the one that is read-write',
      facts: {
        ...runsAsPrimary,
        timelines: notApplicable('primary_conninfo leads to this very server, which is a primary'),
        replicationLogin: {
          attempts: [],
          outcome: { accepted: true, session: aSession({ sameMachine: true, postmaster: 4242 }) },
        },
      },
      risk: 'safe',
      message: /leads to this server itself, so that no other primary is known\.$/,
      steps: [
        `If the promotion was intended, ${directory} is the data of the primary: run this with the data directory of a standby. If not, let primary_conninfo name the other primary alone, and run this again.`,
      ],
    },
    {
      name: 'it was promoted, and its former primary is silent',
      facts: {
        ...runsAsPrimary,
        dataDirectory: aDataDirectory({ backupLabelOld: aBackupLabel() }),
        controlFile: aControlFile({ state: 'in production', checkpoint: aCheckpoint({ timeline: tli(2) }) }),
        localWal: aLocalWal({ histories: [{ timeline: tli(2), history: undefined }] }),
        primary: unseen('connection', 'no login'),
        timelines: unseen('connection', 'no login'),
        replicationLogin: aRefusedLogin(
          anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
        ),
      },
      risk: 'safe',
      message: /was written since the promotion is on this server alone\.$/,
    },
    {
      name: 'it may be the primary of the standby that its primary_conninfo leads to',
      facts: { ...runsAsPrimary, timelines: { ...healthyTimelines, upstreamInRecovery: true } },
      risk: 'safe',
      message: /may follow this very server\.$/,
      steps: [changesNothing],
    },
    {
      name: 'a cluster that a package has made, and the primary that was meant is known by --admin',
      facts: {
        ...runsAsPrimary,
        ...knowsNoPrimary,
        adminServer: anAdminServer({
          systemIdentifier: aSystemIdentifier('7100000000000000009'),
          replicationRoles: [{ name: 'replicator', superuser: false }],
        }),
      },
      message: /differs from that of .* \(--admin\)/,
      steps: [
        `If this server is to follow db1:5432, take a base backup of that: standbylint clone -h db1 -U replicator -D ${directory} -R --start. It says what has to go aside first. If this server is a primary on its own, change nothing on it.`,
      ],
    },
    {
      name: 'a primary that never was anything else, and no other server is known',
      facts: {
        ...runsAsPrimary,
        ...knowsNoPrimary,
      },
      steps: [
        'If /var/lib/postgresql/15/standby is the primary, run this on the machine of the standby, with its data directory. If this server is to become a standby, use standbylint clone.',
      ],
    },
    {
      name: 'it was promoted',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        controlFile: asPrimary,
        timelines: { ...healthyTimelines, local: { ...local, timeline: two, history: history('0/3000000') } },
      },
      message: /It was promoted: it is on timeline 2/,
      risk: 'destructive',
    },
    {
      name: 'a trigger file promoted it, which promotes the next one too where it stays',
      facts: {
        runningStandby: aRunningStandby({ inRecovery: false }),
        controlFile: aControlFile({ state: 'in production', minimumRecoveryPoint: null }),
        standbyConfiguration: aConfiguration([['promote_trigger_file', 'go now']]),
      },
      steps: [
        `test ! -e '${directory}/go now' || mv '${directory}/go now' '${directory}/go now.before-2026-11-21'`,
        `${bin}/pg_ctl stop -D ${directory} -w -m fast`,
        `mv ${directory} ${directory}.before-standby-2026-11-21`,
        `${bin}/pg_basebackup -d 'user=replicator passfile=/var/lib/postgresql/.pgpass host=db1 port=5432' -D ${directory} -R -X stream -c fast -P`,
        `tar -C ${directory}.before-standby-2026-11-21 -cf - postgresql.conf pg_hba.conf pg_ident.conf | tar -C ${directory} -xpf -`,
        `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
      ],
    },
  ],
});

const noReceiver = aLogUntil(now, [
  'LOG:  starting PostgreSQL 15.18',
  'LOG:  database system is ready to accept read-only connections',
  'FATAL:  could not access file "libpqwalreceiver": No such file or directory',
]);

testStandbyRule(standbyLibraryMissing, {
  passes: [
    {
      name: 'the WAL receiver had no library, and streams now',
      facts: { serverLog: noReceiver, standbyConfiguration: aConfiguration([['dynamic_library_path', '/opt/lib']]) },
    },
    {
      name: 'one that is there',
      facts: {
        standbyConfiguration: aConfiguration([['shared_preload_libraries', 'pg_stat_statements, "$libdir/plpgsql"']]),
      },
    },
  ],
  notApplicable: [
    {
      name: 'more places',
      facts: {
        standbyConfiguration: aConfiguration([
          ['shared_preload_libraries', 'timescaledb'],
          ['dynamic_library_path', '/x:$libdir'],
        ]),
      },
    },
  ],
  fails: [
    {
      name: 'it is there, and does not load',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['shared_preload_libraries', 'pg_stat_statements']]),
        serverJudgement: judged({
          sharedMemory: undefined,
          refused: [{ words: 'incompatible library "pg_stat_statements.so": version mismatch', settings: [] }],
        }),
      },
      severity: 'error',
      message: /version mismatch/,
    },
    {
      name: 'missing',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyConfiguration: aConfiguration([['shared_preload_libraries', 'timescaledb']]),
      },
      severity: 'error',
      message: /timescaledb/,
    },
    {
      name: 'missing in a container, whose image has to have it',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory(),
        standbyControl: { control: { kind: 'container', name: 'pg1', dataDirectory: directory }, running: false },
        standbyConfiguration: aConfiguration([['shared_preload_libraries', 'timescaledb']]),
      },
      steps: [
        'Create the container pg1 again with an image of PostgreSQL 15 that has timescaledb.so, as that of the primary, and otherwise as it is: docker stop pg1 && docker rename pg1 pg1-old && docker update --restart no pg1-old, then docker run with the same volumes (--volumes-from pg1-old), network and options. A restart alone changes nothing.',
      ],
    },
    {
      name: 'while it runs',
      facts: { standbyConfiguration: aConfiguration([['shared_preload_libraries', 'timescaledb']]) },
      severity: 'warning',
    },
    {
      name: 'the WAL receiver cannot load its own, because of dynamic_library_path',
      facts: {
        runningStandby: aRunningStandby({ receiver: undefined }),
        serverLog: noReceiver,
        standbyConfiguration: aConfiguration([['dynamic_library_path', '/opt/lib']]),
      },
      severity: 'error',
      message: /could not access file "libpqwalreceiver".*without \$libdir/,
      steps: ["ALTER SYSTEM SET dynamic_library_path = '$libdir:/opt/lib';", 'SELECT pg_reload_conf();'],
    },
    {
      name: 'the WAL receiver cannot load its own, because of an empty dynamic_library_path',
      facts: {
        runningStandby: aRunningStandby({ receiver: undefined }),
        serverLog: noReceiver,
        standbyConfiguration: aConfiguration([['dynamic_library_path', '']]),
      },
      severity: 'error',
      steps: ["ALTER SYSTEM SET dynamic_library_path = '$libdir';", 'SELECT pg_reload_conf();'],
    },
    {
      name: 'the WAL receiver cannot load its own, which a package lacks',
      facts: { runningStandby: aRunningStandby({ receiver: undefined }), serverLog: noReceiver },
      severity: 'error',
      message: /could not access file "libpqwalreceiver"/,
    },
  ],
});

testStandbyRule(extensionMissing, {
  fails: [
    {
      name: 'postgis',
      facts: {
        serverLibraries: {
          preload: [],
          extensions: [{ name: 'postgis', library: '$libdir/postgis-3' }],
          database: 'gis',
        },
      },
      severity: 'warning',
      message: /Database gis uses postgis/,
    },
  ],
});

const archives = (command: string, mode = 'on') =>
  aConfiguration([
    ['archive_mode', mode],
    ['archive_command', command, configFile, 7],
  ]);
testStandbyRule(archiveCommandCopied, {
  passes: [
    {
      name: 'another command',
      facts: {
        standbyConfiguration: archives('cp %p /mine/%f'),
        primarySettings: someSettings({ archive_command: 'cp %p /archive/%f' }),
      },
    },
    {
      name: 'one that never overwrites',
      facts: {
        standbyConfiguration: archives('test ! -f /archive/%f && cp %p /archive/%f'),
        primarySettings: someSettings({ archive_command: 'test ! -f /archive/%f && cp %p /archive/%f' }),
      },
    },
    { name: 'nothing', facts: { standbyConfiguration: archives('/bin/true') } },
  ],
  notApplicable: [
    { name: 'a tool', facts: { standbyConfiguration: archives('pgbackrest --stanza=main archive-push %p') } },
  ],
  unexamined: [
    {
      name: 'the primary does not show it',
      facts: {
        standbyConfiguration: archives('cp %p /archive/%f'),
        primarySettings: someSettings({ archive_command: undefined }),
      },
    },
  ],
  fails: [
    {
      name: 'the same',
      facts: {
        standbyConfiguration: archives('cp %p /archive/%f'),
        primarySettings: someSettings({ archive_command: 'cp %p /archive/%f' }),
      },
      severity: 'warning',
      steps: ["ALTER SYSTEM SET archive_command = '/bin/true';", 'SELECT pg_reload_conf();'],
    },
    {
      name: 'always, now',
      facts: {
        standbyConfiguration: archives('cp -n %p /archive/%f', 'always'),
        primarySettings: someSettings({ archive_command: 'cp -n %p /archive/%f' }),
      },
      message: /writes into the same archive now/,
    },
  ],
});

const afterPromotion = {
  ...healthyTimelines,
  upstream: { ...healthyTimelines.upstream, history: history('0/5000000') },
};
const madeAt = new Date('2026-11-01T10:00:00Z');
const fileCopy = ({
  born = '2026-11-10T10:00:00Z',
  redo = '0/3000028',
  first = 'was interrupted; last known up at 2026-11-10 10:00:00 UTC',
} = {}) => ({
  dataDirectory: aDataDirectory({ backupLabelOld: undefined, manifest: 'absent', bornAt: new Date(born) }),
  controlFile: aControlFile({ systemIdentifier: aSystemIdentifier(String(BigInt(madeAt.getTime() / 1000) << 32n)) }),
  serverLog: aLogUntil(now, [
    'LOG:  starting PostgreSQL 15.18',
    `LOG:  database system ${first}`,
    'LOG:  entering standby mode',
    'LOG:  database system was not properly shut down; automatic recovery in progress',
    `LOG:  redo starts at ${redo}`,
    'LOG:  database system is ready to accept read-only connections',
  ]),
});
const raw = { backupLabel: undefined, backupLabelOld: undefined, lastStart: undefined };
const unreadLabel = { text: '', label: undefined, isUnread: true } as const;

testStandbyRule(rawCopy, {
  healthyIs: 'not-applicable',
  notApplicable: [
    { name: 'files as old as the cluster: an atomic snapshot', facts: fileCopy({ born: '2026-11-01T09:59:58Z' }) },
    { name: 'its last state was a clean end', facts: fileCopy({ first: 'was shut down at 2026-11-10 10:00:00 UTC' }) },
    {
      name: 'a standby that crashed',
      facts: fileCopy({ first: 'was interrupted while in recovery at log time 2026-11-10 10:00:00 UTC' }),
    },
    {
      name: 'a primary of before a promotion, which had crashed',
      facts: { ...fileCopy(), timelines: afterPromotion },
    },
    {
      name: 'its used label cannot be read',
      facts: { dataDirectory: aDataDirectory({ backupLabelOld: unreadLabel }) },
    },
  ],
  passes: [
    { name: 'a base backup', facts: { ...down, dataDirectory: aFreshCopy() } },
    {
      name: 'a base backup whose label cannot be read',
      facts: {
        ...down,
        dataDirectory: aFreshCopy({ ...raw, backupLabel: unreadLabel }),
        controlFile: aControlFile({ state: 'in production' }),
      },
    },
    {
      name: 'of a server at rest',
      facts: { ...down, dataDirectory: aFreshCopy(raw), controlFile: aControlFile({ state: 'shut down' }) },
    },
  ],
  fails: [
    {
      name: 'with the lock file of the original',
      facts: {
        ...down,
        dataDirectory: aFreshCopy({ ...raw, manifest: 'absent', lockFileOf: '/var/lib/postgresql/15/main' }),
        controlFile: aControlFile({ state: 'in production' }),
      },
      message: /without backup mode/,
      steps: aNewCopy,
    },
    {
      name: 'its label was deleted',
      facts: { ...down, dataDirectory: aFreshCopy(raw), controlFile: aControlFile({ state: 'in production' }) },
      message: /was deleted/,
    },
    {
      name: 'a base backup that was started without its label, and streams',
      facts: { dataDirectory: aDataDirectory({ backupLabelOld: undefined }) },
      severity: 'warning',
      message: /recovery began at the wrong place/,
    },
    {
      name: 'a file copy of its primary, and streams',
      facts: fileCopy(),
      severity: 'warning',
      message: /made by a file copy|from files of its primary while that was running/,
    },
    {
      name: 'the same, and its server stopped at damaged pages',
      facts: {
        ...down,
        dataDirectory: aStoppedDirectory({ backupLabelOld: undefined }),
        serverLog: aLogUntil(now, [
          'LOG:  starting PostgreSQL 15.18',
          'PANIC:  WAL contains references to invalid pages',
        ]),
      },
      severity: 'error',
    },
  ],
});
