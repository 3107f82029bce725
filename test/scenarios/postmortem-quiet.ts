import { appendFile, chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { execa } from 'execa';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { withoutCluster } from '../lab/etc.ts';
import { aStandby, rowArrives, untilStreaming } from '../lab/pair.ts';
import { until } from '../lab/until.ts';
import { asServerUser, passSegments, untilReplayed } from '../lab/wal.ts';
import { anAuthority } from '../live/certificates.ts';
import { changeConninfo, conninfoOf } from './pair-acts.ts';
import type { HealthyPair, PairStage } from './postmortem.ts';
import { turnOnSnakeoil } from './snakeoil.ts';

const archiving = { settings: { archive_mode: 'on', archive_command: 'true', wal_keep_size: '0' } } as const;

/** Pairs of the kinds that people really run: each has several things at once that are unusual and right. */
export const quietPairs: readonly HealthyPair[] = [
  {
    name: 'segments of 64 MB, checksums, German messages, serializable by default, a logical slot, quorum commit, two without names',
    pair: {
      initdb: ['--wal-segsize=64', '--data-checksums'],
      settings: {
        wal_level: 'logical',
        wal_compression: 'on',
        wal_keep_size: '128MB',
      },
    },
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await primary.server.psql("SELECT pg_create_logical_replication_slot('changes', 'test_decoding')");
      stage.others.set('second', await aStandby(primary, {}, 'file'));
      for (const server of [primary.server, standby]) await inGerman(server);
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'");
      await primary.server.reload();
      await untilStreaming(standby);
      await rowArrives(primary.server, standby);
      // from now on no session may ask this standby before it has set the level itself
      for (const server of [primary.server, standby]) {
        await server.psql("ALTER SYSTEM SET default_transaction_isolation = 'serializable'");
        await server.reload();
      }
    },
  },
  {
    name: 'a cluster that sorts by ICU, without checksums',
    from: 15,
    pair: { initdb: ['--locale-provider=icu', '--icu-locale=de'] },
    prepare: async ({ primary, standby }) => {
      await primary.server.psql("CREATE TABLE words AS SELECT 'Öl' AS word; CREATE INDEX ON words (word)");
      await untilReplayed(primary.server, standby);
    },
  },
  ...(process.getuid?.() === 0
    ? [
        {
          name: 'Debian: -D is the configuration directory, and the certificate that ssl-cert makes',
          prepare: asDebian,
          options: (stage: PairStage) => ['-D', configurationOf(stage)],
          cleanUp: async (stage: PairStage) => withoutCluster(configurationOf(stage)),
        },
      ]
    : []),
  {
    name: 'a slot, and -D is a directory with a postgresql.conf whose data_directory leads elsewhere',
    pair: { standby: { slot: 'standby1' }, settings: { wal_keep_size: '0' } },
    prepare: async (stage) => {
      const folder = join(stage.standby.folder, 'configuration');
      await outside(stage, folder, ['-D', folder]);
    },
    options: ({ standby }) => ['-D', join(standby.folder, 'configuration')],
  },
  {
    name: 'its configuration is in a directory that a relative -D names',
    prepare: async ({ standby }) => {
      await standby.stop();
      const data = standby.dataDirectory;
      await standby.run('sh', [
        '-c',
        `mkdir etc && mv data/postgresql.conf etc && printf "%s = '%s'\\n" data_directory ${data} hba_file ${data}/pg_hba.conf ident_file ${data}/pg_ident.conf >>etc/postgresql.conf && pg_ctl start -w -s -D etc -l server.log`,
      ]);
      await untilStreaming(standby);
    },
  },
  ...(process.getuid?.() === 0
    ? [
        {
          name: 'configuration management of root writes its files, which everybody may read, and its signal file',
          prepare: async ({ standby }: PairStage) => {
            await standby.stop();
            await execa('sh', [
              '-c',
              'cd "$1" && chown root postgresql.conf pg_hba.conf standby.signal && chmod 0644 postgresql.conf pg_hba.conf && chmod 0600 standby.signal',
              'sh',
              standby.dataDirectory,
            ]);
            await standby.start();
            await untilStreaming(standby);
          },
        },
      ]
    : []),
  {
    name: 'restored by an archive tool, which has no streaming',
    pair: archiving,
    prepare: async (stage) => {
      const { standby } = stage;
      await restoreBy(stage, 'exec cp "$2/archive/main/$3" "$4"', 'archive-get');
      await standby.psql('ALTER SYSTEM RESET primary_conninfo');
      await standby.restart();
      await passSegments(stage.primary.server, 1);
      await untilInArchive(stage);
    },
  },
  {
    name: 'it catches up from its archive, and is on its way',
    pair: archiving,
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await restoreBy(stage, 'sleep 0.4; exec cp "$2/archive/main/$3" "$4"', 'archive-get');
      await standby.stop();
      await passSegments(primary.server, 30);
      await standby.start();
    },
  },
  {
    name: 'its path has blanks, quotes and $',
    prepare: async ({ standby }) => {
      const odd = oddPath(standby);
      await standby.stop();
      await rename(standby.dataDirectory, odd);
      await symlink(odd, standby.dataDirectory);
      await standby.run(standby.programPath('pg_ctl'), ['start', '-w', '-s', '-l', standby.logFile], {
        environment: { PGDATA: odd },
      });
      await untilStreaming(standby);
    },
    options: ({ standby }) => ['-D', oddPath(standby)],
  },
  {
    name: 'the end of a cascade of three standbys, each a copy of the one before; --admin is the root',
    prepare: async (stage) => {
      const middle = await below(stage, stage.standby, 'middle');
      return { ...stage, standby: await below(stage, middle, 'leaf') };
    },
  },
  {
    name: 'failover slots',
    from: 17,
    pair: {
      settings: { wal_level: 'logical' },
      standby: { slot: 'standby1', settings: { hot_standby_feedback: 'on', sync_replication_slots: 'on' } },
    },
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await changeConninfo(stage, (text) => `${text} dbname=postgres`, false);
      await primary.server.psql("ALTER SYSTEM SET synchronized_standby_slots = 'standby1'");
      await primary.server.reload();
      await primary.server.psql(
        "SELECT pg_create_logical_replication_slot('orders', 'test_decoding', false, false, true)",
      );
      await rowArrives(primary.server, standby);
      await until('the slot is on the standby', async () => {
        const [row] = await standby.query("SELECT synced FROM pg_replication_slots WHERE slot_name = 'orders'");
        return row?.['synced'] === 't' ? true : null;
      });
    },
  },
  {
    name: 'IPv6 alone, and a certificate that lives a day, verified',
    prepare: async (stage) => {
      const { primary, standby } = stage;
      const { server } = primary;
      await server.configure({ listen_addresses: '::1' });
      const authority = await anAuthority('Daily CA', server.runAs);
      const { certificate, key } = await authority.issue('server', { commonName: 'localhost', days: 1 });
      await certify(server, certificate, key);
      const root = join(standby.folder, 'root.crt');
      await standby.run('install', ['-m', '0644', authority.certificate, root]);
      await server.restart();
      await changeConninfo(
        stage,
        (text) =>
          `${text.replace('host=127.0.0.1', 'host=localhost hostaddr=::1').replace(/ ?ssl(?:mode|rootcert)=\S+/gu, '')} sslmode=verify-full sslrootcert=${root}`,
        false,
      );
      await standby.restart();
      await untilStreaming(standby);
    },
  },
  {
    name: 'over the Unix socket',
    pair: {
      hba: ['local replication replicator scram-sha-256', 'host replication replicator 127.0.0.1/32 scram-sha-256'],
    },
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await changeConninfo(stage, (text) => text.replace('127.0.0.1', primary.server.folder), false);
      await standby.restart();
      await untilStreaming(standby);
    },
  },
  {
    name: 'as repmgr writes it: an included file, a slot, many parameters',
    pair: { standby: { slot: 'repmgr_slot_2' } },
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await primary.server.psql('CREATE DATABASE repmgr');
      await writeFile(join(standby.dataDirectory, 'postgresql.replication.conf'), 'max_wal_senders = 10\n');
      await asServerUser(standby, join(standby.dataDirectory, 'postgresql.replication.conf'));
      await appendFile(
        join(standby.dataDirectory, 'postgresql.conf'),
        "include 'postgresql.replication.conf'\nrecovery_target_timeline = 'latest'\n",
      );
      await changeConninfo(
        stage,
        (text) =>
          `${text} application_name=node2 connect_timeout=2 keepalives=1 keepalives_idle=5 fallback_application_name=repmgr dbname=replication`,
        false,
      );
      await standby.restart();
      await untilStreaming(standby);
    },
  },
  {
    name: 'as Patroni writes it: the connection in postgresql.conf, and what must be equal on the command line',
    pair: { standby: { slot: 'node2' } },
    prepare: asPatroni,
  },
  {
    name: 'its first second',
    prepare: async ({ standby }) => standby.restart(),
  },
  {
    name: 'neither side says anything by itself',
    pair: {
      settings: { wal_sender_timeout: '0' },
      standby: { settings: { wal_receiver_timeout: '0', wal_receiver_status_interval: '0' } },
    },
    prepare: async ({ primary, standby }) => rowArrives(primary.server, standby),
  },
];

/** The server finds its own locales, and says everything in German. */
async function inGerman(server: ThrowawayServer): Promise<void> {
  const folder = join(server.folder, 'locales');
  await mkdir(folder);
  await execa('localedef', ['-i', 'de_DE', '-f', 'UTF-8', join(folder, 'de_DE.UTF-8')]);
  await server.configure({ lc_messages: 'de_DE.UTF-8' });
  await server.stop();
  await server.run(
    server.programPath('pg_ctl'),
    ['start', '-w', '-s', '-D', server.dataDirectory, '-l', server.logFile],
    {
      environment: { LOCPATH: folder },
    },
  );
  const [row] = await server.query('SHOW lc_messages');
  if (row?.['lc_messages'] !== 'de_DE.UTF-8') throw new Error('It does not speak German.');
}

const configurationOf = ({ release, standby }: PairStage): string =>
  `/etc/postgresql/${release.major}/${basename(standby.folder)}`;

/** pg_createcluster and ssl-cert: CN is the name of the machine, without an authority; the standby asks for TLS where there is some. */
async function asDebian(stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  const { server } = primary;
  await turnOnSnakeoil(server);
  await changeConninfo(stage, (text) => text.replace(/ ?sslmode=\S+/u, ''), false);
  const folder = configurationOf(stage);
  await outside(stage, folder, [
    '-D',
    standby.dataDirectory,
    '-o',
    `-c config_file=${join(folder, 'postgresql.conf')}`,
  ]);
}

async function certify(server: ThrowawayServer, certificate: string, key: string): Promise<void> {
  await server.run('install', ['-m', '0644', certificate, join(server.dataDirectory, 'server.crt')]);
  await server.run('install', ['-m', '0600', key, join(server.dataDirectory, 'server.key')]);
  await server.configure({ ssl: 'on' });
}

/** The standby's three configuration files are in that directory, and it is started with these options. */
async function outside({ standby }: PairStage, folder: string, options: readonly string[]): Promise<void> {
  await standby.configure({
    data_directory: standby.dataDirectory,
    hba_file: join(folder, 'pg_hba.conf'),
    ident_file: join(folder, 'pg_ident.conf'),
  });
  await standby.stop();
  await mkdir(folder, { recursive: true });
  await asServerUser(standby, folder);
  for (const name of ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf'])
    await standby.run('mv', [join(standby.dataDirectory, name), join(folder, name)]);
  await standby.program('pg_ctl', ['start', '-w', '-s', ...options, '-l', standby.logFile]);
  await untilStreaming(standby);
}

const oddPath = ({ folder }: ThrowawayServer): string => join(folder, `it's "my" $HOME data`);

/** A program as pgBackRest and the like come with: `restore_command = 'tool --config=… archive-get %f "%p"'`. */
async function restoreBy({ primary: { server }, standby }: PairStage, does: string, verb: string): Promise<void> {
  const repository = join(server.folder, 'repository');
  const archive = join(repository, 'archive', 'main');
  await mkdir(archive, { recursive: true });
  for (const folder of [repository, join(repository, 'archive'), archive]) {
    await chmod(folder, 0o755);
    await asServerUser(server, folder);
  }
  const tool = join(standby.folder, 'pgarchive');
  await writeFile(
    tool,
    `#!/bin/sh\n# ${verb} REPOSITORY FILE TARGET\n[ -f "$2/archive/main/$3" ] || exit 1\n${does}\n`,
  );
  await chmod(tool, 0o755);
  await server.psql(`ALTER SYSTEM SET archive_command = 'cp %p ${archive}/%f'`);
  await server.reload();
  await standby.psql(`ALTER SYSTEM SET restore_command = '${tool} ${verb} ${repository} %f "%p"'`);
  await standby.reload();
}

async function untilInArchive({ primary, standby }: PairStage): Promise<void> {
  await primary.server.psql('CREATE TABLE archived (n int); SELECT pg_switch_wal()');
  await until('the segment is archived and replayed', async () => {
    const [row] = await standby.query("SELECT to_regclass('archived') AS found");
    return row?.['found'] === 'archived' ? true : null;
  });
}

async function below(stage: PairStage, upstream: ThrowawayServer, name: string): Promise<ThrowawayServer> {
  const { primary } = stage;
  const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${upstream.port}`);
  await upstream.psql("ALTER SYSTEM SET wal_keep_size = '64MB'");
  await upstream.reload();
  const standby = await aStandby({ ...primary, server: upstream, conninfo }, {}, 'file');
  stage.others.set(name, standby);
  return standby;
}

/** Patroni: postgresql.conf includes the file of before, and holds primary_conninfo with a password file of its own. */
async function asPatroni(stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  const passfile = join(standby.folder, 'pgpass0');
  await writeFile(passfile, `127.0.0.1:${primary.server.port}:*:replicator:${primary.password}\n`, { mode: 0o600 });
  await asServerUser(standby, passfile);
  const inData = (name: string): string => join(standby.dataDirectory, name);
  const conninfo = `user=replicator passfile=${passfile} host=127.0.0.1 port=${primary.server.port} sslmode=prefer application_name=node2 gssencmode=prefer channel_binding=prefer`;
  if ((await conninfoOf(standby)) === '') throw new Error('no primary_conninfo');
  await standby.stop();
  await rename(inData('postgresql.conf'), inData('postgresql.base.conf'));
  await writeFile(
    inData('postgresql.conf'),
    [
      '# Do not edit this file manually!',
      "include 'postgresql.base.conf'",
      "archive_command = 'true'",
      "cluster_name = 'batman'",
      "hot_standby = 'on'",
      "max_connections = '100'",
      "wal_log_hints = 'on'",
      `primary_conninfo = '${conninfo}'`,
      "primary_slot_name = 'node2'",
      "recovery_target_timeline = 'latest'",
      '',
    ].join('\n'),
  );
  await asServerUser(standby, inData('postgresql.conf'));
  await writeFile(inData('postgresql.auto.conf'), '');
  const options = `--config_file=${inData('postgresql.conf')} --cluster_name=batman --wal_level=replica --hot_standby=on --max_connections=100 --max_wal_senders=10 --max_prepared_transactions=0 --max_locks_per_transaction=64 --track_commit_timestamp=off --max_replication_slots=10 --max_worker_processes=8 --wal_log_hints=on`;
  await standby.program('pg_ctl', [
    'start',
    '-w',
    '-s',
    '-D',
    standby.dataDirectory,
    '-o',
    options,
    '-l',
    standby.logFile,
  ]);
  await untilStreaming(standby);
}
