import { unseen } from '../../src/facts/observed.ts';
import { delayed } from '../../src/rules/recovery/delayed.ts';
import { hotStandbyOff } from '../../src/rules/recovery/hot-standby-off.ts';
import { replayPaused } from '../../src/rules/recovery/replay-paused.ts';
import { restoreCommandFails } from '../../src/rules/recovery/restore-command-fails.ts';
import { settingsLowerThanPrimary } from '../../src/rules/recovery/settings-lower-than-primary.ts';
import { targetSet } from '../../src/rules/recovery/target-set.ts';
import { timelineNotLatest } from '../../src/rules/recovery/timeline-not-latest.ts';
import { testRule } from './rule-tester.ts';
import {
  runningWith,
  replaying,
  aConfiguration,
  aControlFile,
  aRunningStandby,
  aWalSender,
  aStoppedDirectory,
  autoConf,
  configFile,
  directory,
  healthyStandby,
} from './standby-world.ts';
import { aPrimary, lsn, someSettings } from './world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const restart = `${bin}/pg_ctl restart -D ${directory} -w -m fast -l ${directory}/server.log`;
const start = `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`;
const copyOfAuto = `cp -p ${autoConf} ${autoConf}.before-2026-11-21T200000`;

const stopped = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: { status: 'not-applicable', why: 'no server runs there' } as const,
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: bin } as const,
    running: false,
  },
};

const files = (...settings: readonly (readonly [string, string])[]) =>
  aConfiguration(settings.map(([name, value], at) => [name, value, configFile, at + 1] as const));

const promoted = { runningStandby: aRunningStandby({ inRecovery: false }) };
const unreadable = unseen('permission', 'postgresql.conf: permission denied');

testRule(
  settingsLowerThanPrimary,
  {
    passes: [
      { name: 'higher than the primary', facts: { standbyConfiguration: files(['max_connections', '500']) } },
      {
        name: 'a cascade: the standby above has more, the primary at the top has not',
        facts: {
          primary: aPrimary({ inRecovery: true }),
          primarySettings: someSettings({ max_connections: '400' }),
        },
        because: /the control file/,
      },
      { name: 'a stopped one', facts: stopped },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      {
        name: 'hot_standby is off',
        facts: { ...stopped, standbyConfiguration: files(['hot_standby', 'off'], ['max_connections', '10']) },
      },
    ],
    unexamined: [
      {
        name: 'neither side shows what is needed',
        facts: {
          controlFile: unseen('permission', 'global/pg_control: permission denied'),
          primarySettings: unseen('connection', 'the login failed'),
        },
        because: /pg_control/,
      },
      { name: 'the files of a stopped one are not seen', facts: { ...stopped, standbyConfiguration: unreadable } },
    ],
    fails: [
      {
        name: 'two are lower in the files of a stopped one',
        facts: { ...stopped, standbyConfiguration: files(['max_connections', '20'], ['max_wal_senders', '3']) },
        severity: 'error',
        message: /max_connections is 20, but 100 on.*the primary\. The server does not start/,
        risk: 'disruptive',
        steps: [
          `${copyOfAuto} &&\nprintf '\\n%s' 'max_connections = '\\''100'\\''' 'max_wal_senders = '\\''10'\\''' '' >> ${autoConf}`,
          start,
        ],
      },
      {
        name: 'a default is lower than what the WAL says',
        facts: { ...stopped, controlFile: aControlFile({ maxPreparedTransactions: 5 }) },
        message: /max_prepared_transactions is 0, but 5 on the primary\. The server/,
      },
      {
        name: 'replay is paused because of it',
        facts: {
          runningStandby: runningWith({ max_connections: '100' }, { replay: replaying({ pauseState: 'paused' }) }),
          controlFile: aControlFile({ maxConnections: 200 }),
        },
        severity: 'error',
        message: /Do not resume replay:/,
        steps: ['ALTER SYSTEM SET max_connections = 200;', restart],
      },
      {
        name: 'the primary was raised, and the change has not arrived',
        facts: { primarySettings: someSettings({ max_connections: '200' }) },
        severity: 'error',
        message: /Replay pauses as soon as/,
      },
      {
        name: 'only the files are too low: the next start fails',
        facts: { standbyConfiguration: files(['max_connections', '50']) },
        severity: 'warning',
        message: /would not start again/,
      },
      {
        name: 'the files are right already: only the restart is missing',
        facts: {
          standbyConfiguration: files(['max_connections', '200']),
          controlFile: aControlFile({ maxConnections: 200 }),
          runningStandby: runningWith({}, { replay: replaying({ pauseState: 'paused' }) }),
        },
        steps: [restart],
      },
    ],
  },
  healthyStandby,
);

testRule(
  targetSet,
  {
    passes: [
      {
        name: 'recovery_target_action alone does nothing',
        facts: { standbyConfiguration: files(['recovery_target_action', 'promote']) },
      },
    ],
    notApplicable: [{ name: 'promoted', facts: promoted }],
    unexamined: [{ name: 'the files are not seen', facts: { ...stopped, standbyConfiguration: unreadable } }],
    fails: [
      {
        name: 'left over in a copied postgresql.auto.conf',
        facts: {
          ...stopped,
          standbyConfiguration: files(
            ['recovery_target_time', '2026-11-20 12:00'],
            ['recovery_target_action', 'promote'],
          ),
        },
        message: /server becomes a primary/,
        steps: [`${copyOfAuto} &&\nprintf '\\n%s\\n' 'recovery_target_time = '\\'''\\''' >> ${autoConf}`, start],
      },
      {
        name: 'it was reached, and replay is paused',
        facts: {
          runningStandby: runningWith(
            { recovery_target_lsn: '0/3000000' },
            { replay: replaying({ pauseState: 'paused' }) },
          ),
        },
        message: /Do not resume replay: that would promote/,
        steps: ["ALTER SYSTEM SET recovery_target_lsn = '';", restart],
      },
      {
        name: 'it stands in the files and in the server',
        severity: 'warning',
        facts: {
          runningStandby: runningWith({ recovery_target_xid: '900' }),
          standbyConfiguration: files(['recovery_target_xid', '900']),
        },
        steps: ["ALTER SYSTEM SET recovery_target_xid = '';", restart],
      },
      {
        name: 'two of them',
        facts: {
          ...stopped,
          standbyConfiguration: files(['recovery_target_xid', '900'], ['recovery_target', 'immediate']),
        },
        message: /more than one target/,
      },
    ],
  },
  healthyStandby,
);

testRule(
  timelineNotLatest,
  {
    notApplicable: [{ name: 'promoted', facts: promoted }],
    unexamined: [{ name: 'the files are not seen', facts: { ...stopped, standbyConfiguration: unreadable } }],
    fails: [
      {
        name: 'current',
        facts: { standbyConfiguration: files(['recovery_target_timeline', 'current']) },
        severity: 'warning',
        steps: ["ALTER SYSTEM SET recovery_target_timeline = 'latest';", restart],
      },
      {
        name: 'a timeline that the running server was not started with',
        facts: { standbyConfiguration: files(['recovery_target_timeline', '7']) },
        severity: 'warning',
      },
      {
        name: 'a timeline without a history file',
        facts: { ...stopped, standbyConfiguration: files(['recovery_target_timeline', '7']) },
        severity: 'error',
        message: /pg_wal has no history file of that timeline/,
      },
      {
        name: 'its word in another case, whatever the archive has',
        facts: {
          ...stopped,
          standbyConfiguration: files(['recovery_target_timeline', 'Latest'], ['restore_command', 'cp /a/%f %p']),
        },
        severity: 'error',
        message: /"Latest", which the server reads as timeline 0: it does not start/,
      },
      {
        name: 'a timeline whose history file may be in the archive',
        facts: {
          ...stopped,
          standbyConfiguration: files(['recovery_target_timeline', '7'], ['restore_command', 'cp /a/%f %p']),
        },
        severity: 'warning',
      },
    ],
  },
  healthyStandby,
);

const archive = (found: boolean, executable: boolean, name = '/usr/local/bin/fetch-wal') => ({
  command: `${name} %f %p`,
  program: { name, found, executable },
  directory: undefined,
  listed: false,
  segments: [],
  histories: [],
  more: false,
});

const byPgBackRest = (more: object) => ({
  archive: {
    ...archive(true, true, 'pgbackrest'),
    command: 'pgbackrest --stanza=shop archive-get %f "%p"',
    pgBackRest: {
      configuration: '/etc/pgbackrest.conf',
      stanza: 'shop',
      stanzas: ['shop'],
      encrypted: false,
      repository: '/srv/repo',
      state: 'there' as const,
      ...more,
    },
  },
});

testRule(
  restoreCommandFails,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'it can be run', facts: { archive: archive(true, true) } },
      { name: 'pgBackRest finds its repository', facts: byPgBackRest({}) },
    ],
    fails: [
      {
        name: 'a quote is not closed',
        facts: { archive: { ...archive(true, true), malformed: 'unclosed' } },
        severity: 'warning',
        message: /a quote or a bracket is not closed/,
        steps: ['Close the quote or the bracket in restore_command.', 'SELECT pg_reload_conf();'],
      },
      {
        name: 'it does not name the file',
        facts: { archive: { ...archive(true, true), namesNoFile: true } },
        severity: 'warning',
        message: /asks for the same file every time/,
      },
      {
        name: 'the archive is compressed, and the command copies',
        facts: {
          archive: {
            ...archive(true, true, 'cp'),
            directory: '/archive',
            packed: {
              packing: 'zstd',
              sample: '000000010000000000000005.zst',
              count: 2,
              unpacking: 'zstd -dc < /archive/%f.zst > "%p"',
              lacks: 'zstd',
            },
          },
        },
        severity: 'warning',
        message: /is compressed with zstd/,
        steps: [
          'Install zstd: this host does not have it, and restore_command needs it.',
          `ALTER SYSTEM SET restore_command = 'zstd -dc < /archive/%f.zst > "%p"';`,
          'SELECT pg_reload_conf();',
        ],
      },
      {
        name: 'the program is missing, and the standby can stream',
        facts: {
          archive: archive(false, false),
          standbyConfiguration: files(['restore_command', '/usr/local/bin/fetch-wal %f %p']),
        },
        severity: 'error',
        message: /127/,
        steps: ["ALTER SYSTEM SET restore_command = '';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'it may not be executed',
        severity: 'error',
        facts: { ...stopped, archive: archive(true, false) },
        message: /126/,
        steps: ['chmod u+x /usr/local/bin/fetch-wal', start],
      },
      {
        name: 'the program is missing, and nothing else feeds the standby',
        severity: 'error',
        facts: {
          ...stopped,
          archive: archive(false, false, 'fetch-wal'),
          standbyConninfo: { ...conninfoOf(), text: undefined },
        },
        message: /fetch-wal, which does not exist/,
      },
      {
        name: 'the repository of pgBackRest does not exist, and the standby streams',
        facts: byPgBackRest({ state: 'missing' }),
        severity: 'warning',
        message: /The repository of \/etc\/pgbackrest.conf, \/srv\/repo, does not exist on this machine/,
      },
      {
        name: 'the repository of pgBackRest has no such stanza, and its configuration another one',
        facts: byPgBackRest({ state: 'without-stanza', stanzas: ['store'] }),
        severity: 'warning',
        steps: [
          `ALTER SYSTEM SET restore_command = 'pgbackrest --stanza=store archive-get %f "%p"';`,
          'SELECT pg_reload_conf();',
        ],
      },
      {
        name: 'the repository of pgBackRest may not be read',
        facts: byPgBackRest({ state: 'closed', closed: '/srv/repo/archive' }),
        severity: 'warning',
        message: /may not read \/srv\/repo\/archive/,
      },
    ],
  },
  healthyStandby,
);

function conninfoOf() {
  const { standbyConninfo } = healthyStandby;
  if (standbyConninfo === undefined) throw new Error('the healthy standby has a primary_conninfo');
  return standbyConninfo;
}

testRule(
  hotStandbyOff,
  {
    notApplicable: [{ name: 'promoted', facts: promoted }],
    unexamined: [{ name: 'the files are not seen', facts: { ...stopped, standbyConfiguration: unreadable } }],
    fails: [
      {
        name: 'off, and so no session is let in',
        facts: {
          runningStandby: unseen('connection', 'the database system is not accepting connections'),
          standbyConfiguration: files(['hot_standby', 'off']),
        },
        severity: 'warning',
        steps: [`${copyOfAuto} &&\nprintf '\\n%s\\n' 'hot_standby = '\\''on'\\''' >> ${autoConf}`, restart],
      },
      {
        name: 'off, and it is seen from outside that it streams',
        facts: {
          runningStandby: unseen('connection', 'hot_standby is off'),
          standbyConfiguration: files(['hot_standby', 'off']),
          standbyProcesses: {
            receiver: { pid: 77, streamed: lsn('0/3000148'), ageSeconds: 60 },
            startup: { pid: 76, doing: 'recovering', file: '000000010000000000000003', ageSeconds: 61 },
          },
        },
        severity: 'info',
      },
    ],
  },
  healthyStandby,
);

const paused = replaying({ pauseState: 'paused', receivedLsn: lsn('0/5000060') });

testRule(
  replayPaused,
  {
    notApplicable: [{ name: 'promoted', facts: promoted }],
    fails: [
      {
        name: 'by hand',
        facts: { runningStandby: aRunningStandby({ replay: paused }) },
        severity: 'warning',
        message: /32 MB of WAL were received but not/,
        risk: 'safe',
        steps: ['SELECT pg_wal_replay_resume();'],
      },
      {
        name: 'by the server, for its settings',
        facts: {
          runningStandby: runningWith({}, { replay: paused }),
          controlFile: aControlFile({ maxConnections: 200 }),
        },
        severity: 'error',
        message: /Resuming would shut it down/,
        steps: ['ALTER SYSTEM SET max_connections = 200;', restart],
      },
      {
        name: 'at a recovery target',
        facts: {
          runningStandby: runningWith({ recovery_target_name: 'before_the_upgrade' }, { replay: paused }),
          standbyConfiguration: files(['recovery_target_name', 'before_the_upgrade']),
        },
        severity: 'error',
        message: /paused\. 32 MB of WAL were.*would end recovery and promote this server/,
        steps: ["ALTER SYSTEM SET recovery_target_name = '';", restart],
      },
      {
        name: 'requested a moment ago',
        facts: { runningStandby: aRunningStandby({ replay: replaying({ pauseState: 'pause requested' }) }) },
        severity: 'warning',
      },
    ],
  },
  healthyStandby,
);

testRule(
  delayed,
  {
    notApplicable: [{ name: 'promoted', facts: promoted }],
    unexamined: [{ name: 'the files are not seen', facts: { ...stopped, standbyConfiguration: unreadable } }],
    fails: [
      {
        name: 'an hour, in the running server',
        facts: { runningStandby: runningWith({ recovery_min_apply_delay: '3600000' }) },
        severity: 'info',
        message: /60 min/,
      },
      {
        name: 'commits on the primary wait for its replay',
        facts: {
          runningStandby: runningWith({ recovery_min_apply_delay: '7200000' }),
          walSenders: [aWalSender({ syncState: 'quorum' })],
          primarySettings: someSettings({ synchronous_commit: 'remote_apply' }),
        },
        severity: 'error',
        steps: ["ALTER SYSTEM SET synchronous_commit = 'on';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'five minutes, in the files of a stopped one',
        facts: { ...stopped, standbyConfiguration: files(['recovery_min_apply_delay', '5min']) },
        severity: 'info',
        message: /5 min/,
      },
    ],
  },
  healthyStandby,
);
