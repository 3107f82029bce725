import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { expect } from 'vitest';

import { literal } from '../../src/remedies/quoting.ts';
import { untilStreaming } from '../lab/pair.ts';
import { archiveOf, archiveOn, passSegments, untilArchived } from '../lab/wal.ts';
import { onlyRoot } from './here.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** A shell command in the data directory of the standby (`$1`), as the user that owns it. */
export const inside =
  (command: string) =>
  async ({ standby }: PairStage): Promise<void> => {
    const { exitCode, stderr } = await standby.run('sh', ['-c', `cd "$1" && ${command}`, 'sh', standby.dataDirectory]);
    if (exitCode !== 0) throw new Error(`${command}: ${stderr}`);
  };

/** The same with the server down. */
export const whileDown =
  (command: string) =>
  async (stage: PairStage): Promise<void> => {
    await stage.standby.stop();
    await inside(command)(stage);
  };

/** Starts it without its signal file; both go on writing. */
/** A file copy of the running primary takes the standby's place, with the standby's configuration. */
async function copyFiles(stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  await whileDown('cp -p postgresql.conf postgresql.auto.conf pg_hba.conf ..')(stage);
  await standby.run('rm', ['-r', standby.dataDirectory]);
  await standby.run('cp', ['-a', primary.server.dataDirectory, standby.dataDirectory]);
  await inside('rm postmaster.pid && mv ../*.conf . && touch standby.signal')(stage);
}

async function runsWithoutSignal(stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  await whileDown('rm standby.signal')(stage);
  await standby.start();
  await bothWrite(stage);
  expect((await primary.server.psql('SELECT pg_is_in_recovery()')).trim()).toBe('f');
}

async function bothWrite({ primary, standby }: PairStage): Promise<void> {
  await standby.psql('CREATE TABLE only_here AS SELECT generate_series(1, 1000) AS n');
  await primary.server.psql('CREATE TABLE only_there AS SELECT generate_series(1, 5000) AS n');
}

/** What pg_rewind says of two servers, without a change to either. */
async function rewindSays({ primary, standby }: PairStage): Promise<string> {
  const { stdout, stderr } = await standby.run(standby.programPath('pg_rewind'), [
    '--dry-run',
    `--target-pgdata=${standby.dataDirectory}`,
    `--source-server=${primary.admin}`,
  ]);
  return `${stdout}${stderr}`;
}

/** Ends the process whose number stands in the file `other`. */
async function endOther({ standby }: PairStage): Promise<void> {
  const { stdout } = await standby.run('cat', ['other']);
  if (/^\d+$/u.test(stdout)) await standby.run('sh', ['-c', `kill ${stdout}`]);
}

const hinted = { settings: { wal_log_hints: 'on' } };

/** A data directory that is not what a standby needs. */
export const dataDirectoryScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'standby/signal-missing',
    name: 'never started',
    pair: { standby: { started: false } },
    fault: inside('rm standby.signal'),
  },
  {
    rule: 'standby/signal-missing',
    name: 'removed from a standby that is down',
    fault: whileDown('rm standby.signal'),
  },
  {
    rule: 'standby/signal-missing',
    name: 'started without it and stopped: pg_rewind says that nothing is required',
    pair: hinted,
    fault: async (stage) => {
      await runsWithoutSignal(stage);
      await stage.standby.stop();
      expect(await rewindSays(stage)).toContain('no rewind required');
    },
  },
  { rule: 'standby/signal-missing', name: 'started without it, and it runs', fault: runsWithoutSignal },
  {
    rule: 'standby/signal-misnamed',
    name: 'standby.signal.txt',
    fault: whileDown('mv standby.signal standby.signal.txt'),
  },
  { rule: 'standby/signal-misnamed', name: 'Standby.signal', fault: whileDown('mv standby.signal Standby.signal') },
  { rule: 'standby/recovery-signal-instead', fault: whileDown('mv standby.signal recovery.signal') },
  { rule: 'standby/both-signals', severity: 'warning', fault: inside('touch recovery.signal') },
  {
    rule: 'standby/recovery-conf-present',
    name: 'of a release before 12, with all that it says',
    fault: whileDown(
      `rm standby.signal && { echo "standby_mode = 'on'"; grep '^primary_conninfo' postgresql.auto.conf; echo "recovery_target_timeline = 'latest'"; } > recovery.conf && sed -i '/^primary_conninfo/d' postgresql.auto.conf`,
    ),
  },
  {
    rule: 'standby/config-file-error',
    name: 'a file that is included and not there',
    fault: whileDown(`echo "include 'missing.conf'" >> postgresql.conf`),
  },
  {
    rule: 'standby/config-file-error',
    name: 'a name that is none in postgresql.auto.conf',
    fault: whileDown('echo "max_conections = 100" >> postgresql.auto.conf'),
  },
  {
    rule: 'standby/config-file-error',
    name: 'a value that is none',
    fault: whileDown(
      String.raw`printf '%s\n' 'hot_standby = perhaps' 'work_mem = lots' 'block_size = 8192' >> postgresql.conf`,
    ),
  },
  {
    rule: 'standby/config-file-error',
    name: 'while the server runs',
    severity: 'warning',
    fault: async (stage) => {
      await inside('echo "max_wal_senders = lots" >> postgresql.conf')(stage);
      await stage.standby.reload();
    },
  },
  { rule: 'standby/permissions', name: '0755', fault: whileDown('chmod 0755 .') },
  {
    rule: 'standby/permissions',
    name: 'of a server that was started with options of its own',
    fault: async (stage) => {
      const { standby } = stage;
      await whileDown("sed -i '/^port/d' postgresql.conf")(stage);
      const options = `-p ${standby.port} -c work_mem=7MB -c "log_line_prefix=it's %m "`;
      await standby.program('pg_ctl', [
        ...['start', '-w', '-s', '-D', standby.dataDirectory],
        ...['-l', standby.logFile, '-o', options],
      ]);
      await untilStreaming(standby);
      await whileDown('chmod 0755 .')(stage);
    },
    afterSteps: async ({ standby }) => {
      expect((await standby.psql('SHOW work_mem')).trim()).toBe('7MB');
      expect((await standby.psql('SHOW log_line_prefix')).trimEnd()).toBe("it's %m");
      expect((await standby.psql('SHOW port')).trim()).toBe(String(standby.port));
    },
  },
  {
    rule: 'standby/wrong-owner',
    notHere: onlyRoot('give files to another user'),
    asRoot: true,
    fault: async ({ standby }) => {
      await standby.stop();
      await execa('chown', ['-R', 'root:', standby.dataDirectory]);
    },
    byHand: async ({ text }) => execa('sh', ['-c', /^As root: (.*)$/su.exec(text)?.[1] ?? 'false']),
  },
  {
    rule: 'standby/wrong-owner',
    name: 'root, and the user of the server looks',
    notHere: onlyRoot('give files to another user'),
    fault: async ({ standby }) => {
      await standby.stop();
      await execa('chown', ['-R', 'root:', standby.dataDirectory]);
    },
    byHand: async ({ text }, { standby }) => {
      const command = /^As root: (.*)$/su.exec(text)?.[1];
      if (command === undefined) await standby.start();
      else await execa('sh', ['-c', command]);
    },
  },
  { rule: 'standby/incomplete-backup', name: 'no control file', fault: whileDown('rm global/pg_control') },
  { rule: 'standby/incomplete-backup', name: 'an empty directory is lost', fault: whileDown('rmdir pg_notify') },
  {
    rule: 'standby/incomplete-backup',
    name: 'an empty directory is lost, which its settings alone make it need',
    fault: async (stage) => {
      await whileDown('rmdir pg_dynshmem && echo "dynamic_shared_memory_type = mmap" >> postgresql.conf')(stage);
      await stage.standby.tryStart();
    },
    consequences: ['standby/not-running'],
  },
  {
    rule: 'standby/control-file-damaged',
    name: 'a byte is another one',
    fault: whileDown("printf 'x' | dd of=global/pg_control bs=1 seek=40 conv=notrunc status=none"),
  },
  { rule: 'standby/control-file-damaged', name: 'cut off', fault: whileDown('truncate -s 100 global/pg_control') },
  {
    rule: 'standby/control-file-damaged',
    name: 'a text in its place, which the server takes for another release',
    fault: whileDown('yes "of another program" | head -n 40 > global/pg_control'),
  },
  { rule: 'standby/version-mismatch', name: 'PG_VERSION of another release', fault: whileDown('echo 16 > PG_VERSION') },
  {
    rule: 'standby/stale-pid-file',
    name: 'its number belongs to another program',
    fault: async (stage) => {
      await inside('cp -p postmaster.pid ../lock')(stage);
      await stage.standby.stop();
      await inside(
        '{ sleep 300 >../sleep.log 2>&1 </dev/null & } && echo $! > ../other && { cat ../other; tail -n +2 ../lock; } > postmaster.pid && chmod 0600 postmaster.pid',
      )(stage);
    },
    cleanUp: endOther,
  },
  {
    rule: 'standby/stale-pid-file',
    name: 'its number is that of a process that nobody has waited for, as in a container',
    fault: async (stage) => {
      await inside('cp -p postmaster.pid ../lock')(stage);
      await stage.standby.stop();
      // sleep does not ask for the end of the child that the shell had before it became sleep
      await inside(
        `{ sh -c 'sleep 0 & echo $! > ../ended; exec sleep 300' >/dev/null 2>&1 </dev/null & } && echo $! > ../other && sleep 0.5 && { cat ../ended; tail -n +2 ../lock; } > postmaster.pid && chmod 0600 postmaster.pid`,
      )(stage);
    },
    cleanUp: endOther,
  },
  { rule: 'standby/wal-directory-missing', name: 'it is gone', fault: whileDown('mv pg_wal ../away') },
  {
    rule: 'standby/wal-directory-missing',
    name: 'a link that leads nowhere',
    fault: whileDown('mv pg_wal ../away && ln -s "${PWD%/*}/wal" pg_wal'),
  },
  {
    rule: 'standby/wal-directory-missing',
    name: 'a link that leads nowhere, where root alone makes directories',
    notHere: onlyRoot('makes directories of root'),
    fault: async (stage) => {
      await execa('sh', ['-c', 'mkdir -m 0755 "$1"', 'sh', join(stage.standby.folder, 'mnt')]);
      await whileDown('mv pg_wal ../away && ln -s "${PWD%/*}/mnt/wal/15" pg_wal')(stage);
    },
    byHand: async ({ text }) => execa('sh', ['-c', text.replace(/^As root: /u, '')]),
  },
  {
    rule: 'standby/tablespace-link-broken',
    fault: async (stage) => {
      await withTablespace(stage);
      await whileDown('mv ../space ../not-mounted')(stage);
    },
    byHand: async (_step, stage) => inside('mv ../not-mounted ../space')(stage),
  },
  {
    rule: 'standby/tablespace-link-broken',
    name: 'its data is lost',
    fault: async (stage) => {
      await withTablespace(stage);
      await whileDown('mv ../space ../not-mounted')(stage);
    },
    follow: 'alternative',
  },
  {
    rule: 'standby/tablespace-link-broken',
    name: 'its data is moved within the directory, and the standby streams',
    fault: async (stage) => {
      await withTablespace(stage);
      await whileDown('mkdir ../space/old && mv ../space/PG_* ../space/old')(stage);
      await stage.standby.start();
      await untilStreaming(stage.standby);
    },
    byHand: async (_step, stage) => inside('mv ../space/old/PG_* ../space')(stage),
  },
  {
    rule: 'standby/already-primary',
    name: 'promoted, without a write',
    fault: async ({ standby }) => standby.program('pg_ctl', ['promote', '-w', '-D', standby.dataDirectory]),
  },
  {
    rule: 'standby/already-primary',
    name: 'promoted, with writes on both sides',
    fault: async (stage) => {
      const { standby } = stage;
      await standby.program('pg_ctl', ['promote', '-w', '-D', standby.dataDirectory]);
      await bothWrite(stage);
    },
  },
  {
    rule: 'standby/library-missing',
    fault: whileDown(`echo "shared_preload_libraries = 'no_such_library'" >> postgresql.conf`),
    byHand: async (step, stage) => {
      expect(step.text).toContain('no_such_library.so');
      // the programs are those of every other test: there is no place for a library of this one
      await inside("sed -i '/no_such_library/d' postgresql.conf")(stage);
    },
  },
  {
    rule: 'standby/library-missing',
    name: 'of session_preload_libraries, while it streams',
    severity: 'warning',
    fault: inside(`echo "session_preload_libraries = 'no_such_library'" >> postgresql.conf`),
    byHand: async (step, stage) => {
      expect(step.text).toContain('no_such_library.so');
      await inside("sed -i '/no_such_library/d' postgresql.conf")(stage);
    },
  },
  {
    rule: 'standby/library-missing',
    name: 'of archive_library, while it archives',
    from: 15,
    severity: 'warning',
    pair: { standby: { settings: { archive_mode: 'always' } } },
    fault: inside(`echo "archive_library = 'no_such_library'" >> postgresql.conf`),
    byHand: async (step, stage) => {
      expect(step.text).toContain('no_such_library.so');
      await inside("sed -i '/no_such_library/d' postgresql.conf")(stage);
    },
  },
  { rule: 'standby/raw-copy', fault: copyFiles },
  {
    rule: 'standby/raw-copy',
    name: 'it was started, and streams',
    severity: 'warning',
    fault: async (stage) => {
      // files of the second in which the cluster was made are the cluster's own
      await pause(2_500);
      await copyFiles(stage);
      await stage.standby.start();
      await untilStreaming(stage.standby);
    },
  },
  { rule: 'standby/not-a-data-directory', name: 'PG_VERSION is gone', fault: whileDown('rm PG_VERSION') },
  {
    rule: 'standby/not-a-data-directory',
    name: 'it is somewhere else',
    fault: whileDown('mv "$1" ../elsewhere && mkdir -m 0700 "$1"'),
    byHand: async (_step, { standby }) => {
      await standby.run('sh', ['-c', 'rmdir data && mv elsewhere data']);
      await standby.start();
    },
  },
  {
    rule: 'standby/path-missing',
    name: "the primary's certificate",
    fault: whileDown(
      `printf "ssl = on\\nssl_cert_file = '/nowhere/db1.crt'\\nssl_key_file = '/nowhere/db1.key'\\n" >> postgresql.conf`,
    ),
  },
  {
    rule: 'standby/path-missing',
    name: 'a key that others may read',
    fault: whileDown(
      `echo 'ssl = on' >> postgresql.conf && openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 -subj /CN=db1 -out server.crt -keyout server.key 2>&1 && chmod 0644 server.key`,
    ),
  },
  {
    rule: 'standby/path-missing',
    name: 'a directory for Unix sockets, as after a restart of the machine',
    fault: whileDown(`sed -i "s#^unix_socket_directories = '#&/nowhere/run, #" postgresql.conf`),
  },
  {
    rule: 'standby/path-missing',
    name: 'the directory of its logs',
    fault: whileDown(`printf "logging_collector = on\\nlog_directory = '/nowhere/log'\\n" >> postgresql.conf`),
  },
  {
    rule: 'standby/path-missing',
    name: 'pg_hba.conf under /etc',
    fault: whileDown(`echo "hba_file = '/nowhere/pg_hba.conf'" >> postgresql.conf`),
  },
  {
    rule: 'standby/path-missing',
    name: 'the data directory of another host',
    fault: whileDown(`echo "data_directory = '/nowhere/data'" >> postgresql.conf`),
  },
  {
    rule: 'standby/path-missing',
    name: 'the data directory of its primary, on one machine',
    fault: async (stage) =>
      whileDown(`echo "data_directory = '${stage.primary.server.dataDirectory}'" >> postgresql.conf`)(stage),
    told: async ({ findings }) =>
      expect(findings[0]?.title).toBe('data_directory is not the directory of this standby'),
  },
  {
    rule: 'standby/path-missing',
    name: 'the path of its socket is too long',
    from: 18,
    fault: whileDown(
      `mkdir -p "$1/../${'s'.repeat(100)}" && echo "unix_socket_directories = '$1/../${'s'.repeat(100)}'" >> postgresql.conf`,
    ),
  },
  {
    rule: 'standby/cannot-listen',
    name: 'the address of the primary',
    fault: whileDown(`echo "listen_addresses = '192.0.2.7'" >> postgresql.conf`),
  },
  {
    rule: 'standby/cannot-listen',
    name: 'the port of the primary on one machine',
    fault: async (stage) => whileDown(`echo 'port = ${stage.primary.server.port}' >> postgresql.conf`)(stage),
    told: async ({ findings }, { primary }) =>
      expect(findings[0]?.message).toContain(`The port belongs to the server on ${primary.server.dataDirectory}`),
  },
  {
    rule: 'standby/locale-missing',
    fault: whileDown(`echo "lc_messages = 'xx_YY.UTF-8'" >> postgresql.conf`),
  },
  {
    rule: 'standby/config-file-error',
    name: 'a value that only the server itself can judge',
    fault: whileDown(`echo "timezone = 'Mars/Olympus'" >> postgresql.conf`),
  },
  {
    rule: 'standby/config-file-error',
    name: 'settings that exclude each other',
    from: 15,
    fault: whileDown('echo "superuser_reserved_connections = 200" >> postgresql.conf'),
  },
  {
    rule: 'standby/config-file-error',
    name: 'a value that a hook refuses, in words that do not name its setting',
    fault: whileDown(`echo "synchronous_standby_names = 'FIRST 0 (a)'" >> postgresql.auto.conf`),
  },
  {
    rule: 'standby/config-file-error',
    name: 'a byte order mark before primary_conninfo',
    fault: whileDown(
      String.raw`cp postgresql.auto.conf ../conf && { printf '\357\273\277'; grep '^primary_conninfo' ../conf; } > postgresql.auto.conf`,
    ),
    told: async ({ findings }) => expect(findings[0]?.message).toContain('begins with a byte order mark'),
  },
  {
    rule: 'standby/config-file-error',
    name: 'postgresql.auto.conf is all zeros after a power failure',
    fault: whileDown(
      'grep "^primary_conninfo" postgresql.auto.conf >> postgresql.conf; head -c 300 /dev/zero > postgresql.auto.conf',
    ),
    told: async ({ findings }) => expect(findings[0]?.title).toBe('postgresql.auto.conf is filled with zeros'),
  },
  {
    rule: 'standby/subscriber-unfinished',
    from: 17,
    fault: async ({ primary, standby }) => {
      await standby.stop();
      // what pg_createsubscriber appends (setup_recovery()), and how it starts the server
      const appended = [
        `primary_conninfo = '${primary.conninfo.replace(/user=\S+/u, 'user=postgres')}'`,
        "recovery_target = ''",
        "recovery_target_timeline = 'latest'",
        'recovery_target_inclusive = false',
        'recovery_target_action = promote',
        "recovery_target_lsn = 'F/0'",
      ];
      await standby.run('sh', [
        '-c',
        'printf "%s\\n" "$@" >> "$0/postgresql.auto.conf"',
        standby.dataDirectory,
        ...appended,
      ]);
      const options = `-c sync_replication_slots=off -c listen_addresses='' -c unix_socket_permissions=0700 -c unix_socket_directories='${standby.folder}' -c max_logical_replication_workers=0`;
      await standby.program('pg_ctl', [
        'start',
        '-w',
        '-s',
        '-D',
        standby.dataDirectory,
        '-l',
        standby.logFile,
        '-o',
        options,
      ]);
      await standby.stop();
    },
    told: async (report) => {
      const steps = report.findings[0]?.remedy?.steps.map(({ text }) => text) ?? [];
      expect(steps.at(-1)).not.toContain('listen_addresses');
    },
  },
  {
    rule: 'standby/config-file-error',
    name: 'a byte order mark, as editors on Windows write it',
    fault: whileDown(
      String.raw`cp postgresql.conf ../conf && { printf '\357\273\277# edited\n'; cat ../conf; } > postgresql.conf`,
    ),
  },
  {
    rule: 'standby/hba-file-error',
    name: 'a byte order mark',
    fault: whileDown(
      String.raw`cp pg_hba.conf ../hba && { printf '\357\273\277# edited\n'; cat ../hba; } > pg_hba.conf`,
    ),
  },
  {
    rule: 'standby/hba-file-error',
    name: 'a type that is none',
    fault: whileDown("echo 'hots all all 10.0.0.0/8 scram-sha-256' >> pg_hba.conf"),
  },
  {
    rule: 'standby/hba-file-error',
    name: 'it includes a file that is not there',
    from: 16,
    fault: async (stage) => {
      await whileDown("printf '%s\\n' 'include_if_exists none.conf' 'include hba.d/office.conf' >> pg_hba.conf")(stage);
      await stage.standby.tryStart();
    },
    consequences: ['standby/not-running'],
  },
  {
    rule: 'standby/hba-file-error',
    name: 'it is empty',
    fault: whileDown(': > pg_hba.conf'),
    // who asks it here is another user of the system than the role
    afterSteps: async ({ standby }) => {
      await standby.writeHba([]);
      await standby.reload();
    },
  },
  {
    rule: 'standby/hba-file-error',
    name: 'there is none',
    fault: async (stage) => {
      await whileDown('mv pg_hba.conf ../hba')(stage);
      // what the copy of a primary whose file is a link comes to: it was tried
      await stage.standby.tryStart();
    },
    // who asks it here is another user of the system than the role
    afterSteps: async ({ standby }) => {
      await standby.writeHba([]);
      await standby.reload();
    },
  },
  {
    rule: 'standby/memory-too-small',
    name: 'the settings of a bigger primary, with the logging collector on',
    fault: async (stage) => {
      await whileDown(String.raw`printf '%s\n' 'shared_buffers = 4TB' 'logging_collector = True' >> postgresql.conf`)(
        stage,
      );
      // pg_ctl of 18 ends with status 0 where a standby's start fails
      await stage.standby.tryStart();
      expect(await stage.standby.isRunning()).toBe(false);
    },
  },
  { rule: 'standby/not-running', name: 'stopped', fault: async ({ standby }) => standby.stop() },
  {
    rule: 'standby/not-running',
    name: 'stopped, and the second directory of its restore_command has what the primary has removed',
    pair: { settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      const first = join(standby.folder, 'first');
      await standby.run('mkdir', [first]);
      await standby.configure({ restore_command: `cp ${first}/%f %p || cp ${archiveOf(primary.server)}/%f %p` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
    },
    way: 'from-archive',
  },
  {
    rule: 'standby/not-running',
    name: 'stopped, and -D of its last start named the directory of its configuration',
    fault: async (stage) => {
      const folder = await configurationOutside(stage);
      await startedWith(stage, ['-D', folder, '-o', '-c work_mem=5MB']);
      await stage.standby.stop();
    },
    told: async (report, { standby }) =>
      expect(report.findings[0]?.remedy?.steps.map(({ text }) => text)).toEqual([
        expect.stringMatching(`pg_ctl start -D '?${standby.folder}/conf'? .*work_mem=5MB`),
      ]),
  },
  {
    rule: 'standby/not-running',
    name: 'stopped, and its last start named another configuration file',
    fault: async (stage) => {
      const folder = await configurationOutside(stage);
      const { standby } = stage;
      await startedWith(stage, ['-D', standby.dataDirectory, '-o', `-c config_file=${folder}/postgresql.conf`]);
      await standby.stop();
    },
  },
  {
    rule: 'standby/not-running',
    name: 'killed',
    fault: async ({ standby }) => {
      const pid = await standby.processId();
      // its children notice it a moment later, and hold the shared memory until then
      const ended =
        'while kill -0 "$1" 2>/dev/null || ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -q -- "-> $2$"; do sleep 0.1; done';
      await standby.run('sh', ['-c', `kill -9 "$1"; ${ended}`, 'sh', String(pid), standby.dataDirectory]);
    },
  },
  {
    rule: 'standby/not-running',
    name: 'what its last start complained of is over',
    fault: async (stage) => {
      await whileDown(`echo 'work_mem = lots' >> postgresql.conf`)(stage);
      // the status of pg_ctl tells nothing: that of 18 takes "shut down in recovery" for a recovery target that was reached
      await stage.standby.tryStart();
      expect(await stage.standby.logTail(2)).toContain('contains errors');
      await inside(`sed -i '/work_mem = lots/d' postgresql.conf`)(stage);
    },
  },
];

/** Its configuration is outside of its data directory (manual: File Locations), and the server is stopped. Gives the folder. */
async function configurationOutside({ standby }: PairStage): Promise<string> {
  const folder = `${standby.folder}/conf`;
  await standby.configure({
    data_directory: standby.dataDirectory,
    hba_file: `${folder}/pg_hba.conf`,
    ident_file: `${folder}/pg_ident.conf`,
  });
  await standby.stop();
  const move = 'mkdir ../conf && mv postgresql.conf pg_hba.conf pg_ident.conf ../conf';
  await standby.run('sh', ['-c', `cd "$1" && ${move}`, 'sh', standby.dataDirectory]);
  return folder;
}

async function startedWith({ standby }: PairStage, options: readonly string[]): Promise<void> {
  await standby.program('pg_ctl', ['start', '-w', '-s', '-l', standby.logFile, ...options]);
  await untilStreaming(standby);
}

/** The standby is made again, with a tablespace of its primary in a folder of its own. */
async function withTablespace(stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  const [theirs, ours] = [`${primary.server.folder}/space`, `${standby.folder}/space`];
  await standby.stop();
  await primary.server.run('mkdir', [theirs]);
  await primary.server.psql(`CREATE TABLESPACE space LOCATION ${literal(theirs)}`);
  await primary.server.psql('CREATE TABLE in_space (n int) TABLESPACE space');
  await standby.run('rm', ['-r', standby.dataDirectory]);
  await standby.copyFrom(primary.server, {
    conninfo: `${primary.conninfo} password='${primary.password}'`,
    more: [`--tablespace-mapping=${theirs}=${ours}`],
  });
  await standby.start();
  await untilStreaming(standby);
}
