import type { Archive } from '../../src/facts/standby-wal.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { unseen } from '../../src/facts/observed.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { messageFilter } from '../../src/postgres/messages/message-filter.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { restoreCommandFails } from '../../src/rules/recovery/restore-command-fails.ts';
import { testRule } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import {
  aPrimaryWal,
  aConfiguration,
  aRunningStandby,
  aStoppedDirectory,
  configFile,
  directory,
  healthyStandby,
} from './standby-world.ts';
import { bothAt } from './timelines-world.ts';

const messages = await messageCatalogue();

function aLog(...lines: readonly string[]): ServerLog {
  const summary = logSummary();
  const text = lines
    .map((line, at) => (line.startsWith('ERROR: ') ? `${line}\n` : `2026-11-21 20:00:0${at}.000 UTC [7] ${line}\n`))
    .join('');
  for (const record of readLogText(text, { filter: messageFilter(messages) }))
    summary.add(record, recognise(messages, record));
  return { files: [{ path: '/log', readBytes: 1, whole: true }], summary: summary.result(), problems: [] };
}

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const needed = '000000010000000000000003';
const refusal = `FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment ${needed} has already been removed`;
const stops = aLog(
  starting,
  `FATAL:  could not restore file "${needed}" from archive: command not found`,
  'LOG:  startup process (PID 7) exited with exit code 1',
  'LOG:  database system is shut down',
);
const killed = aLog(
  starting,
  `FATAL:  could not restore file "${needed}" from archive: child process was terminated by signal 9: Killed`,
  'LOG:  database system is shut down',
);
const unwritten = 'LOG:  could not stat file "pg_wal/RECOVERYXLOG": No such file or directory';
const nothing = aLog(starting, unwritten, 'DETAIL:  "restore_command" returned a zero exit status, but stat() failed.');
const noFile = aLog(starting, 'LOG:  entering standby mode', unwritten);

const command = '/usr/local/bin/fetch-wal %f %p';
const archive = (change: Partial<Archive> = {}): Archive => ({
  command,
  program: { name: '/usr/local/bin/fetch-wal', found: true, executable: true },
  directory: undefined,
  listed: false,
  segments: [],
  histories: [],
  more: false,
  ...change,
});
const packed = (change: Partial<NonNullable<Archive['packed']>> = {}): Archive =>
  archive({
    directory: '/archive',
    packed: {
      packing: 'gzip',
      sample: `${needed}.gz`,
      count: 2,
      unpacking: 'gzip -dc < /archive/%f.gz > "%p"',
      lacks: undefined,
      ...change,
    },
  });

/** The primary is in segment 9 and has nothing before 7; the standby needs 3. */
const removed: Changes = {
  runningStandby: aRunningStandby({
    receiver: undefined,
    replay: { ...aRunningStandby().replay, moves: false },
  }),
  timelines: bothAt('0/3000060', '0/9000060'),
  primaryWal: aPrimaryWal('0/7000000'),
};
const stopped: Changes = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: { status: 'not-applicable', why: 'no server runs there' },
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/usr/lib/postgresql/15/bin' },
    running: false,
  },
};
const set = (value: string): Changes => ({
  standbyConfiguration: aConfiguration([['restore_command', value, configFile, 1]]),
});
const closed: Changes = { runningStandby: unseen('connection', 'the database system is starting up') };
const alone: Changes = { standbyConninfo: withoutText() };
const streamsNext = { because: /exists and can be executed/u };

testRule(
  restoreCommandFails,
  {
    further: true,
    healthyIs: 'not-applicable',
    passes: [
      { name: 'the log is silent', facts: { archive: archive(), serverLog: aLog(starting) }, ...streamsNext },
      {
        name: 'the program was changed after the log’s last word',
        facts: { archive: archive({ changedAt: new Date('2026-11-21T21:00:00Z') }), serverLog: stops, ...stopped },
        ...streamsNext,
      },
      {
        name: 'an older release says nothing of a missing file',
        facts: { archive: archive(), serverLog: noFile },
        ...streamsNext,
      },
    ],
    fails: [
      {
        name: 'it ends with a success',
        facts: { ...set('cp /a/%f %p || true'), archive: archive({ command: 'cp /a/%f %p || true' }) },
        severity: 'warning',
        message: /^restore_command ends with "\|\| true"/u,
        steps: ["ALTER SYSTEM SET restore_command = 'cp /a/%f %p';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'its text shows it, and the WAL is gone',
        facts: { ...removed, archive: archive({ namesNoFile: true }) },
        severity: 'error',
        message: new RegExp(`no longer has ${needed}`, 'u'),
      },
      {
        name: 'it has no destination, and the WAL is gone',
        facts: { ...removed, archive: archive({ namesNoTarget: true }) },
        severity: 'error',
        message: new RegExp(`^restore_command uses %f but not %p.*no longer has ${needed}`, 'u'),
      },
      {
        name: 'it has no destination, which keeps nobody from opening',
        facts: { ...closed, archive: archive({ namesNoTarget: true, command: 'cp /archive/%f' }) },
        severity: 'warning',
        message: /copies nothing/u,
        steps: [
          `cp -p /var/lib/postgresql/15/standby/postgresql.auto.conf /var/lib/postgresql/15/standby/postgresql.auto.conf.before-2026-11-21T200000 &&\nprintf '\\n%s\\n' 'restore_command = '\\''cp /archive/%f "%p"'\\''' >> /var/lib/postgresql/15/standby/postgresql.auto.conf`,
          '/usr/lib/postgresql/15/bin/pg_ctl restart -D /var/lib/postgresql/15/standby -w -m fast -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: 'it copies in the wrong direction, and the WAL is gone',
        facts: { ...removed, archive: archive({ command: 'cp /archive/%p %f' }) },
        severity: 'error',
        message: new RegExp(`^restore_command copies from %p to %f.*no longer has ${needed}`, 'u'),
        steps: ["ALTER SYSTEM SET restore_command = 'cp /archive/%f %p';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'the paths of an archive_command, and what the primary keeps is not shown: the log says that the WAL is gone',
        facts: {
          ...removed,
          primaryWal: aPrimaryWal(undefined),
          serverLog: aLog(starting, refusal),
          archive: archive({ command: 'cp %p /archive/%f' }),
        },
        severity: 'error',
        message: new RegExp(`^restore_command copies from %p to %f.*no longer has ${needed}`, 'u'),
        steps: ["ALTER SYSTEM SET restore_command = 'cp /archive/%f %p';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'it unpacks in place, and the WAL is gone',
        facts: { ...removed, archive: archive({ command: 'gunzip /archive/%f.gz > %p' }) },
        severity: 'error',
        message: new RegExp(`left unpacked in the archive.*no longer has ${needed}`, 'u'),
        steps: [
          `ALTER SYSTEM SET restore_command = 'gunzip -c /archive/%f.gz > "%p" || cp /archive/%f "%p"';`,
          'SELECT pg_reload_conf();',
        ],
      },
      {
        name: 'it unpacks in place, and the standby streams',
        facts: { archive: archive({ command: 'gunzip /archive/%f.gz > %p' }) },
        severity: 'warning',
        risk: 'safe',
      },
      {
        name: 'its program does not exist, and the WAL is gone',
        facts: {
          ...removed,
          archive: archive({ program: { name: 'fetch-wal', found: false, executable: false } }),
        },
        severity: 'error',
        message: new RegExp(`does not exist.*no longer has ${needed}`, 'u'),
        steps: ['Install fetch-wal, or correct its path in restore_command.', 'SELECT pg_reload_conf();'],
      },
      {
        name: 'its text shows it, and the server does not open for it',
        facts: { ...closed, archive: archive({ namesNoFile: true }) },
        severity: 'error',
        message: /and does not open/u,
        risk: 'disruptive',
      },
      {
        name: 'a syntax error, which keeps nobody from opening',
        facts: { ...closed, archive: archive({ malformed: 'syntax' }) },
        severity: 'warning',
        message: /it has a syntax error/u,
      },
      {
        name: 'its log says that it stops the server, and the standby can stream',
        facts: { ...stopped, ...set(command), archive: archive(), serverLog: stops },
        severity: 'error',
        message: /status above 125 \(command not found\)/u,
        risk: 'disruptive',
      },
      {
        name: 'a signal stops the server, and nothing else feeds the standby',
        facts: { ...stopped, ...set(command), ...alone, archive: archive(), serverLog: killed },
        severity: 'error',
        message: /failed \(child process was terminated by signal 9: Killed\)/u,
        risk: 'disruptive',
      },
      {
        name: 'the program is missing by its bare name, while the server runs on the archive alone',
        facts: {
          ...alone,
          ...set('fetch-wal %f %p'),
          archive: archive({ program: { name: 'fetch-wal', found: false, executable: false } }),
        },
        severity: 'error',
        risk: 'disruptive',
      },
      {
        name: 'a bare name that cannot be executed',
        facts: { archive: archive({ program: { name: 'fetch-wal', found: true, executable: false } }) },
        severity: 'error',
        message: /cannot execute/u,
      },
      {
        name: 'success without a file, and the WAL is gone',
        facts: { ...removed, archive: archive(), serverLog: nothing },
        severity: 'error',
        message: new RegExp(`no longer has ${needed}`, 'u'),
        risk: 'safe',
      },
      {
        name: 'success without a file, while it streams',
        facts: { archive: archive(), serverLog: nothing },
        severity: 'warning',
        message: /so the standby gets nothing from the archive\.$/u,
      },
      {
        name: 'the archive is not compressed, and the command unpacks',
        facts: { archive: packed({ packing: undefined, sample: needed, unpacking: 'cp /archive/%f "%p"' }) },
        severity: 'warning',
        message: /is not compressed/u,
      },
      {
        name: 'a compressed archive whose directory would have to be quoted, and the WAL is gone',
        facts: { ...removed, archive: packed({ unpacking: undefined }) },
        severity: 'error',
        message: new RegExp(`no longer has ${needed}`, 'u'),
      },
      {
        name: 'an archive that is not compressed, and no command can be given',
        facts: { archive: packed({ packing: undefined, sample: needed, unpacking: undefined }) },
        severity: 'warning',
        risk: 'safe',
      },
      {
        name: 'the directory that it copies from is on a disk that is not mounted, while it streams',
        facts: { archive: archive({ directory: '/mnt/wal/shop', unreachable: { why: 'missing', path: '/mnt/wal' } }) },
        severity: 'warning',
        message: /\/mnt\/wal, above \/mnt\/wal\/shop, where restore_command reads the WAL, does not exist/u,
        risk: 'safe',
      },
      {
        name: 'the directory that it copies from is closed to the server, and the WAL is gone',
        facts: {
          ...removed,
          archive: archive({ directory: '/archive', unreachable: { why: 'closed', path: '/archive' } }),
        },
        severity: 'error',
        message: new RegExp(`may not read /archive.* no longer has ${needed}`, 'u'),
        risk: 'safe',
      },
      {
        name: 'the files of its archive are closed to the server, and the WAL is gone',
        facts: {
          ...removed,
          archive: archive({
            directory: '/archive',
            listed: true,
            unreachable: { why: 'closed', path: `/archive/${needed}` },
          }),
        },
        severity: 'error',
        message: new RegExp(`may list /archive, .*but may not read /archive/${needed}`, 'u'),
        risk: 'safe',
      },
      ...pgBackRest(),
    ],
  },
  healthyStandby,
);

/** What pgBackRest and Barman say, for each state of what they read from. */
function pgBackRest() {
  const asked = 'pgbackrest --stanza=shop archive-get %f "%p"';
  const says = (...lines: readonly string[]): ServerLog => aLog(starting, 'LOG:  entering standby mode', ...lines);
  const by = (change: Partial<NonNullable<Archive['pgBackRest']>>, command_ = asked): Changes => ({
    archive: archive({
      command: command_,
      program: { name: 'pgbackrest', found: true, executable: true },
      pgBackRest: {
        configuration: '/etc/pgbackrest.conf',
        stanza: 'shop',
        stanzas: ['shop'],
        encrypted: false,
        repository: '/srv/repo',
        state: 'there',
        ...change,
      },
    }),
    ...set(command_),
  });
  const complaint = pgBackRestSays('[037]: archive-get command requires option: pg1-path');
  return [
    {
      name: 'pg1-path is another directory, in a line that its user may not write',
      facts: { ...by({ dataDirectory: '/var/lib/pgsql', dataDirectoryLine: 4 }), serverLog: complaint },
      message: /pg1-path is \/var\/lib\/pgsql, and the data directory is/iu,
    },
    {
      name: 'pg1-path is another directory, by an option',
      facts: {
        ...by(
          { dataDirectory: '/var/lib/pgsql' },
          `pgbackrest --pg1-path=/var/lib/pgsql --stanza=shop archive-get %f "%p"`,
        ),
        serverLog: complaint,
      },
      message: /pg1-path is/iu,
    },
    {
      name: 'pg1-path is another directory, and the line may be written',
      facts: {
        ...by({
          dataDirectory: '/var/lib/pgsql',
          dataDirectoryLine: 1,
          written: { lines: ['pg1-path=/var/lib/pgsql'], crlf: false },
        }),
        serverLog: complaint,
      },
      message: /pg1-path is/iu,
    },
    {
      name: 'the stanza is another one, in a command that shows a secret',
      facts: by(
        { stanzas: ['store'], state: 'without-stanza' },
        'PGPASSWORD=*** pgbackrest --stanza=shop archive-get %f "%p"',
      ),
      message: /has no section for stanza shop, only for store/u,
    },
    {
      name: 'the repository has no such stanza, and the server is stopped',
      facts: { ...stopped, ...by({ state: 'without-stanza' }) },
      message: /has no archive of stanza shop/u,
    },
    {
      name: 'the repository is encrypted, and its configuration says nothing of it',
      facts: by({ isCipherText: true }),
      message: /repository \/srv\/repo is encrypted, but \/etc\/pgbackrest\.conf has no repo1-cipher-type/u,
    },
    {
      name: 'the repository is not encrypted, and its configuration has a cipher',
      facts: by({ encrypted: true, isCipherText: false }),
      message: /is not encrypted, but/u,
    },
    {
      name: 'the passphrase is another one',
      facts: {
        ...by({ encrypted: true, isCipherText: true }),
        serverLog: pgBackRestSays('[029]: cipher header invalid'),
      },
      message: /is not the passphrase of the repository/u,
    },
    {
      name: 'another error of pgBackRest, of an encrypted repository',
      facts: {
        ...by({ encrypted: true, isCipherText: true }),
        serverLog: pgBackRestSays('[103]: unable to find a valid repository'),
      },
      message: /unable to find a valid repository/u,
    },
    {
      name: 'another error of pgBackRest',
      facts: { ...by({}), serverLog: pgBackRestSays('[103]: unable to find a valid repository') },
      message: /unable to find a valid repository/u,
    },
    {
      name: 'Barman cannot log in by ssh',
      facts: {
        ...set('barman-wal-restore backup shop %f %p'),
        archive: archive({ command: 'barman-wal-restore backup shop %f %p' }),
        serverLog: says('ERROR: Impossible to invoke remote get-wal over ssh: exit code 255'),
      },
      message: /over ssh/u,
    },
  ];

  function pgBackRestSays(error: string): ServerLog {
    return says(`ERROR: ${error}`);
  }
}

function withoutText() {
  const { standbyConninfo } = healthyStandby;
  if (standbyConninfo === undefined) throw new Error('the healthy standby has a primary_conninfo');
  return { ...standbyConninfo, text: undefined };
}
