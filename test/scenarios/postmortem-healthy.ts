import { appendFile, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { withoutCluster } from '../lab/etc.ts';
import { justStartedSeconds } from '../../src/facts/thresholds.ts';
import { aStandby, rowArrives, untilStreaming } from '../lab/pair.ts';
import { until } from '../lab/until.ts';
import { archiveOf, archiveOn, asServerUser, passSegments, untilArchived, untilReplayed } from '../lab/wal.ts';
import { untilSettled } from './until-settled.ts';
import { identityHealthyPairs } from './postmortem-identity.ts';
import type { HealthyPair, PairStage } from './postmortem.ts';

const socketOf = ({ folder, port }: ThrowawayServer): string =>
  `host=${folder} port=${port} user=postgres dbname=postgres`;

/** The primary cuts them, or replaces what is no ASCII in them; with an empty one it lists none. */
const names = ['n'.repeat(70), 'né deux\tà 3', `${'x'.repeat(62)}é`, '日本'.repeat(20), '', 'rack=3 row=2'];

/** Standbys in which nothing is wrong, however they look at first sight. */
export const healthyPairs: readonly HealthyPair[] = [
  { name: 'it streams' },
  { name: 'it streams, and nobody can look into the primary', admin: null },
  { name: 'it streams through a slot', pair: { standby: { slot: 'standby1' } } },
  {
    name: 'delayed on purpose',
    pair: { standby: { settings: { recovery_min_apply_delay: '10min' } } },
    prepare: async ({ primary }) => {
      await primary.server.psql('CREATE TABLE later AS SELECT generate_series(1, 10000) AS n');
      await pause(1500);
    },
  },
  {
    name: 'just restarted',
    prepare: async ({ primary, standby }) => {
      await standby.restart();
      await untilStreaming(standby);
      await rowArrives(primary.server, standby);
    },
  },
  {
    name: 'hot_standby is off, and its primary lists it',
    prepare: closed,
  },
  {
    name: 'hot_standby is off, and its process title says how far it has received',
    admin: null,
    options: ({ standby }) => ['--log', `${standby.folder}/no-such-log`],
    prepare: closed,
  },
  {
    name: 'an idle primary',
    prepare: async () => pause(2000),
  },
  {
    name: 'errors in its log that are healed',
    prepare: async ({ primary, standby }) => {
      await primary.server.stop();
      await pause(1500);
      await primary.server.start();
      await untilStreaming(standby, 30_000);
    },
  },
  {
    name: 'primary_conninfo in postgresql.conf',
    prepare: async ({ standby }) => {
      const text = await standby.psql('SHOW primary_conninfo');
      await standby.psql('ALTER SYSTEM RESET primary_conninfo');
      await appendFile(
        `${standby.dataDirectory}/postgresql.conf`,
        `\nprimary_conninfo = '${text.trim().replaceAll("'", "''")}'\n`,
      );
      await standby.restart();
      await untilStreaming(standby);
    },
  },
  {
    name: 'a cascade, from its middle',
    prepare: async (stage) => {
      const { primary, standby } = stage;
      const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${standby.port}`);
      stage.others.set('leaf', await aStandby({ ...primary, server: standby, conninfo }));
    },
  },
  {
    name: 'a cascade, from its end',
    prepare: async (stage) => {
      const { primary, standby } = stage;
      const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${standby.port}`);
      await standby.psql("ALTER SYSTEM SET wal_keep_size = '64MB'");
      await standby.reload();
      const leaf = await aStandby({ ...primary, server: standby, conninfo });
      return { ...stage, primary: { ...primary, admin: socketOf(standby) }, standby: leaf };
    },
  },
  {
    name: 'slowly catching up from its archive',
    pair: { settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      await standby.stop();
      await standby.configure({ restore_command: `sleep 3; cp ${archiveOf(primary.server)}/%f %p` });
      await passSegments(primary.server, 7);
      await untilArchived(primary.server);
      await standby.start();
      await until('two segments are restored', async () =>
        ((await standby.log()).match(/restored log file "[0-9A-F]{24}"/gu)?.length ?? 0) >= 2 ? true : null,
      );
      await untilSettled(standby);
    },
  },
  {
    name: 'from the archive alone',
    pair: { settings: { archive_mode: 'on', archive_command: 'cp %p %f.is-nowhere' } },
    prepare: async ({ primary, standby }) => {
      const archive = `${primary.server.folder}/archive`;
      await primary.server.run('mkdir', [archive]);
      await primary.server.psql(`ALTER SYSTEM SET archive_command = 'cp %p ${archive}/%f'`);
      await primary.server.reload();
      await standby.psql('ALTER SYSTEM RESET primary_conninfo');
      await standby.psql(`ALTER SYSTEM SET restore_command = 'cp ${archive}/%f %p'`);
      await standby.restart();
      await primary.server.psql('CREATE TABLE archived (n int); SELECT pg_switch_wal()');
      await until('the segment is archived and replayed', async () => {
        const [row] = await standby.query("SELECT to_regclass('archived') AS found");
        return row?.['found'] === 'archived' ? true : null;
      });
    },
  },
  {
    name: 'a primary that truncates, drops, rewrites and vacuums',
    prepare: async ({ primary: { server }, standby }) => {
      await server.psql('CREATE UNLOGGED TABLE unlogged AS SELECT generate_series(1, 20000) AS n');
      await server.psql('CREATE TABLE kept AS SELECT generate_series(1, 20000) AS n; CREATE INDEX ON kept (n)');
      await untilReplayed(server, standby);
      const round = ['DELETE FROM kept WHERE n > 10', 'VACUUM kept', 'TRUNCATE unlogged', 'REINDEX TABLE kept']
        .concat(
          'INSERT INTO kept SELECT generate_series(11, 20000)',
          'CREATE TABLE made AS TABLE kept',
          'DROP TABLE made',
        )
        .map((sql) => `-c '${sql}'`);
      await server.run('sh', [
        '-c',
        `{ for n in $(seq 1 40); do psql -q -h ${server.folder} -p ${server.port} -U postgres -d postgres ${round.join(' ')}; done >/dev/null 2>&1 & }`,
      ]);
    },
  },
  {
    // pages of an index that is built have no LSN of WAL yet, and those of a copied database the LSN of its template's
    name: 'a primary that builds an index and copies databases',
    pair: { settings: { shared_buffers: '1MB' } },
    prepare: async ({ primary: { server }, standby }) => {
      await server.psql(
        'CREATE TABLE boxes AS SELECT box(point(n, n % 1000), point(n + 1, n % 1000 + 1)) AS b FROM generate_series(1, 900000) AS n',
      );
      await untilReplayed(server, standby);
      const copy = server.release.major < 15 ? '' : ' STRATEGY file_copy';
      const round = ['CREATE INDEX boxed ON boxes USING gist (b) WITH (buffering = on)', 'DROP INDEX boxed']
        .concat(`CREATE DATABASE copied TEMPLATE template0${copy}`, 'DROP DATABASE copied')
        .map((sql) => `-c '${sql}'`);
      await server.run('sh', [
        '-c',
        `{ for n in $(seq 1 30); do psql -q -h ${server.folder} -p ${server.port} -U postgres -d postgres ${round.join(' ')}; done >/dev/null 2>&1 & }`,
      ]);
    },
  },
  {
    name: 'a synchronous standby',
    pair: { standby: { applicationName: 'sync1' } },
    prepare: async ({ primary, standby }) => {
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'sync1'");
      await primary.server.reload();
      await rowArrives(primary.server, standby);
    },
  },
  {
    name: 'WAL files that are there before they are written to',
    pair: { settings: { min_wal_size: '256MB', wal_keep_size: '0' }, standby: { slot: 'standby1' } },
    prepare: async ({ primary, standby }) => {
      for (let round = 0; round < 2; round += 1) {
        await passSegments(primary.server, 3);
        await untilReplayed(primary.server, standby);
        await standby.query('CHECKPOINT');
      }
    },
  },
  {
    name: 'it keeps WAL itself',
    pair: { standby: { settings: { wal_keep_size: '256MB' } } },
    prepare: async ({ primary, standby }) => {
      await passSegments(primary.server, 6);
      await untilReplayed(primary.server, standby);
      await standby.query('CHECKPOINT');
    },
  },
  ...identityHealthyPairs,
  ...names.map((applicationName) => ({
    name: `it reports itself as ${JSON.stringify(applicationName)}`,
    pair: { standby: { applicationName } },
  })),
  {
    name: 'its cluster_name has 70 letters that are not ASCII',
    pair: { standby: { settings: { cluster_name: 'é'.repeat(70) } } },
  },
  {
    name: 'its cluster_name was changed, and waits for a restart',
    prepare: async ({ standby }) => {
      await standby.configure({ cluster_name: 'later' });
      await standby.reload();
    },
  },
  {
    name: 'PGAPPNAME in the environment of its server names it',
    prepare: async ({ standby }) => {
      await standby.stop();
      const start = ['start', '-w', '-s', '-D', standby.dataDirectory, '-l', standby.logFile];
      await standby.run(standby.programPath('pg_ctl'), start, { environment: { PGAPPNAME: 'from_the_environment' } });
      await untilStreaming(standby);
    },
  },
  ...(process.getuid?.() === 0
    ? [
        {
          name: 'its configuration lies in /etc/postgresql, as Debian has it',
          prepare: outsideConfiguration,
          cleanUp: async (stage: PairStage) => withoutCluster(outside(stage)),
        },
      ]
    : []),
];

/** It lets nobody in, and has received WAL for longer than a refusal takes. */
async function closed({ primary, standby }: PairStage): Promise<void> {
  await standby.configure({ hot_standby: 'off' });
  await standby.stop();
  await standby.tryStart();
  await primary.server.psql('CREATE TABLE unseen AS SELECT 1 AS n');
  await until('a WAL receiver that is old enough has received all', async () => {
    const { stdout } = await standby.run('ps', ['-A', '-o', 'etimes=', '-o', 'args=']);
    const [row] = await primary.server.query('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    const line = stdout.split('\n').find((one) => one.includes(`walreceiver streaming ${row?.['lsn'] ?? 'nothing'}`));
    return Number.parseInt(line ?? '', 10) > justStartedSeconds ? true : null;
  });
}

const outside = ({ release, standby }: PairStage): string =>
  `/etc/postgresql/${release.major}/${basename(standby.folder)}`;

/** pg_createcluster: the three files there, and the server is started with config_file. */
async function outsideConfiguration(stage: PairStage): Promise<void> {
  const { standby } = stage;
  const folder = outside(stage);
  await standby.configure({
    data_directory: standby.dataDirectory,
    hba_file: join(folder, 'pg_hba.conf'),
    ident_file: join(folder, 'pg_ident.conf'),
  });
  await standby.stop();
  await mkdir(folder, { recursive: true });
  await asServerUser(standby, folder);
  for (const name of ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf']) {
    const file = join(folder, name);
    await standby.run('cp', [join(standby.dataDirectory, name), file]);
    await rename(join(standby.dataDirectory, name), join(standby.folder, name));
  }
  const options = ['-o', `-c config_file=${join(folder, 'postgresql.conf')}`, '-l', standby.logFile];
  await standby.program('pg_ctl', ['start', '-w', '-s', '-D', standby.dataDirectory, ...options]);
  await untilStreaming(standby);
}
