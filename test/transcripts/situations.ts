import { unseen, withoutAdmin } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import { parseTimelineHistory } from '../../src/postgres/timeline-history.ts';
import type { Changes } from '../rules/rule-tester.ts';
import { parseHbaText } from '../rules/hba-text.ts';
import {
  anArchive,
  aPrimaryWal,
  aControlFile,
  aFreshCopy,
  aLocalWal,
  aRunningStandby,
  aStoppedDirectory,
  directory,
} from '../rules/standby-world.ts';
import {
  aCluster,
  aBaseBackup,
  aDirectory,
  aPlan,
  aRefusal,
  aRefusedLogin,
  aRole,
  lsn,
  timeline,
} from '../rules/world.ts';
import type { Situation } from './run.ts';
import { bothAt } from '../rules/timelines-world.ts';

const hbaFile = '/etc/postgresql/15/main/pg_hba.conf';
const hbaRules = (...lines: readonly string[]) => ({
  file: hbaFile,
  lines: parseHbaText(hbaFile, lines.join('\n')),
  changedSinceLoad: false,
});
const noEntryFor = (user: string) =>
  aRefusedLogin(
    aRefusal(
      'no-hba-entry',
      '28000',
      `no pg_hba.conf entry for replication connection from host "10.0.0.7", user "${user}", SSL encryption`,
    ),
    aRefusal(
      'no-hba-entry',
      '28000',
      `no pg_hba.conf entry for replication connection from host "10.0.0.7", user "${user}", no encryption`,
      { encryption: 'none' },
    ),
  );

const notGiven = {
  status: 'unseen' as const,
  why: withoutAdmin(
    'not-asked',
    'no --admin connection was given',
    ', a connection as a superuser or as a member of pg_monitor',
  ),
};
/** Its server runs, and lets nobody in who asks. */
const refused = unseen(
  'permission',
  'the server on port 5433 refuses user root: role "root" does not exist',
  'add --standby CONNINFO, a connection as a superuser',
);

/** What only a superuser or a member of pg_monitor is shown. */
const adminNotGiven: Changes = {
  adminLogin: notGiven,
  adminServer: notGiven,
  primaryPaths: notGiven,
  hbaRules: notGiven,
  configFileProblems: notGiven,
  fileSettings: notGiven,
  walSenders: notGiven,
  primaryFiles: notGiven,
  serverTarget: notGiven,
  databases: notGiven,
  serverLibraries: notGiven,
  archiver: notGiven,
};

const command = 'pg_basebackup -h db1 -U replicator -D /var/lib/postgresql/15/standby -X stream -R -c fast';
const preflight = `standbylint preflight ${command} --admin "host=db1 user=postgres"`;
const postmortem = `standbylint postmortem -D ${directory}`;

const noRight: Changes = {
  replicationRole: aRole({ replication: false }),
  replicationLogin: aRefusedLogin(
    aRefusal('role-no-replication', '42501', 'must be superuser or replication role to start walsender'),
  ),
  walSenders: [],
};
const disconnected = aRunningStandby({ receiver: undefined, replay: { ...aRunningStandby().replay, moves: false } });
const stopped: Changes = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: unseen('connection', 'no server runs on this data directory'),
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/usr/lib/postgresql/15/bin' },
    running: false,
  },
  walSenders: [],
};
const archive = anArchive();

const two = timelineId(2) ?? timeline;
const promotion = parseTimelineHistory('1\t0/3000000\tno recovery target specified', two);
const historyOfTwo = promotion.ok ? promotion.value : [];
const promoted = bothAt('0/3400000', '0/3400000', {
  local: {
    timeline: two,
    history: historyOfTwo,
    position: lsn('0/3080000'),
    positionFrom: 'the WAL files',
    checkpoint: { location: lsn('0/3000028'), inLocalWal: true, inUpstreamWal: undefined },
    checkpointBeforeFork: { kind: 'found', location: lsn('0/2000060') },
  },
});

/** Names as an enemy would choose them: they recolour a terminal, forge a line, turn the reading direction, break a quote. */
const enemy = `rep\u001b[2J\nREADY  it's all fine\u202e"`;

/** Its log was found, and says nothing. */
const quietLog: ServerLog = {
  files: [{ path: '/var/log/postgresql/postgresql-15-standby.log', readBytes: 48_120, whole: true }],
  summary: logSummary().result(),
  problems: [],
};

export const situations: Readonly<Record<string, Situation>> = {
  ready: { command: 'preflight', words: preflight, facts: {}, verdict: 'ready' },
  'ready-without-admin': {
    command: 'preflight',
    words: `standbylint preflight ${command} --accept-unexamined needs-admin`,
    facts: adminNotGiven,
    accept: ['needs-admin'],
    verdict: 'ready',
  },
  unknown: {
    command: 'preflight',
    words: `standbylint preflight ${command}`,
    facts: adminNotGiven,
    verdict: 'unknown',
  },
  'unknown-standby': {
    command: 'postmortem',
    words: postmortem,
    facts: { serverLog: quietLog, runningStandby: refused, walSenders: notGiven },
    verdict: 'unknown',
  },
  'one-fault': {
    command: 'preflight',
    words: preflight,
    facts: {
      replicationLogin: noEntryFor('replicator'),
      hbaRules: hbaRules(
        'host all all 10.0.0.0/8 scram-sha-256',
        'host replication replicator 10.0.1.0/24 scram-sha-256',
      ),
    },
    verdict: 'blocked',
    errors: ['hba/no-replication-entry'],
  },
  'two-faults': {
    command: 'preflight',
    words: preflight,
    facts: {
      replicationLogin: noEntryFor('replicator'),
      hbaRules: hbaRules('host all all 10.0.0.0/8 scram-sha-256'),
      targetDirectory: aDirectory({
        entries: ['PG_VERSION', 'base', 'global'],
        cluster: aCluster(),
      }),
    },
    verdict: 'blocked',
    errors: ['target/not-empty', 'hba/no-replication-entry'],
  },
  'three-faults': {
    command: 'preflight',
    words: `standbylint preflight ${command} -S standby1 --admin "host=db1 user=postgres"`,
    facts: {
      baseBackup: aBaseBackup({
        slot: 'standby1',
        options: [],
      }),
      replicationLogin: noEntryFor('replicator'),
      hbaRules: hbaRules('host all all 10.0.0.0/8 scram-sha-256'),
      targetDirectory: aDirectory({ mode: 0o755 }),
      slots: [],
    },
    verdict: 'blocked',
    errors: ['target/permissions', 'hba/no-replication-entry', 'slot/missing'],
  },
  healthy: { command: 'postmortem', words: postmortem, facts: { serverLog: quietLog }, verdict: 'healthy' },
  degraded: {
    command: 'postmortem',
    words: postmortem,
    facts: {
      serverLog: quietLog,
      runningStandby: aRunningStandby({ replay: { ...aRunningStandby().replay, pauseState: 'paused', moves: false } }),
    },
    verdict: 'degraded',
  },
  'broken-two-faults': {
    command: 'postmortem',
    words: postmortem,
    facts: {
      serverLog: quietLog,
      ...stopped,
      dataDirectory: aFreshCopy({
        mode: 0o755,
        signals: { standby: false, recovery: false, misnamed: [], recoveryConf: undefined },
      }),
    },
    verdict: 'broken',
    recovery: 'mend',
    errors: ['standby/signal-missing', 'standby/permissions'],
  },
  'broken-catch-up': {
    command: 'postmortem',
    words: postmortem,
    facts: {
      serverLog: quietLog,
      ...noRight,
      runningStandby: disconnected,
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: aPrimaryWal('0/1000000'),
    },
    verdict: 'broken',
    recovery: 'catch-up',
    errors: ['role/no-replication'],
  },
  'broken-from-archive': {
    command: 'postmortem',
    words: postmortem,
    facts: {
      serverLog: quietLog,
      runningStandby: disconnected,
      walSenders: [],
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: aPrimaryWal('0/7000000'),
      primaryArchive: archive,
    },
    verdict: 'broken',
    recovery: 'from-archive',
    errors: ['wal/segment-removed'],
  },
  'broken-rewind': {
    command: 'postmortem',
    words: postmortem,
    facts: {
      serverLog: quietLog,
      ...stopped,
      timelines: promoted,
      controlFile: aControlFile({ state: 'shut down', minimumRecoveryPoint: null }),
      localWal: aLocalWal({ histories: [{ timeline: two, history: historyOfTwo }] }),
    },
    verdict: 'broken',
    recovery: 'rewind',
    errors: ['standby/already-primary'],
  },
  'broken-new-copy': {
    command: 'postmortem',
    words: postmortem,
    facts: {
      serverLog: quietLog,
      runningStandby: disconnected,
      walSenders: [],
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: aPrimaryWal('0/7000000'),
    },
    verdict: 'broken',
    recovery: 'new-copy',
    errors: ['wal/segment-removed'],
  },
  'crash-of-a-rule': {
    command: 'preflight',
    words: preflight,
    facts: {},
    rules: (rules) =>
      rules.map((rule) =>
        rule.id === 'hba/no-replication-entry'
          ? {
              ...rule,
              judge: () => {
                throw new TypeError("Cannot read properties of undefined (reading 'lines')");
              },
            }
          : rule,
      ),
    verdict: 'unknown',
  },
  'hostile-names': {
    command: 'preflight',
    words: 'standbylint preflight pg_basebackup -h db1 -U "$ROLE" -D "$DIRECTORY" -X stream -R',
    facts: {
      connectionPlan: aPlan({ user: enemy }),
      replicationRole: { exists: false, name: enemy, similar: [`${enemy} `] },
      replicationLogin: aRefusedLogin(
        aRefusal('password-refused', '28P01', `password authentication failed for user "${enemy}"`),
      ),
      targetDirectory: aDirectory(
        { entries: ['\u001b]0;title\u0007', '\n  READY'], realPath: `/srv/${enemy}` },
        { given: `/srv/${enemy}`, path: `/srv/${enemy}`, aside: `/srv/${enemy}.aside` },
      ),
    },
    verdict: 'blocked',
  },
};
