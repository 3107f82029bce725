import { access, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { freePort } from '../../src/throwaway/free-port.ts';
import { asUser, serverUser } from '../../src/throwaway/os-user.ts';
import { until } from './until.ts';

/** Debian's repmgr is for the release of Debian. */
export const repmgrBin = '/usr/lib/postgresql/15/bin';

/** Why repmgr cannot be run here; undefined where it can. */
export const noRepmgr: string | undefined = await access(join(repmgrBin, 'repmgrd')).then(
  () => undefined,
  () => "Debian's repmgr and postgresql-15-repmgr are not installed",
);

export type NodeName = 'db1' | 'db2';

/** Two registered nodes, db1 the primary, each with its repmgrd; replication logs in as `repmgr` with a password. */
export interface RepmgrPair {
  readonly admin: string;
  readonly directory: (node: NodeName | '') => string;
  readonly configuration: (node: NodeName) => string;
  /** A line in a shell of the user of the servers. */
  typed(line: string): Promise<string>;
  psql(node: NodeName, statement: string, typed?: string): Promise<string>;
  start(node: NodeName): Promise<void>;
  stop(node: NodeName): Promise<void>;
  startDaemon(node: NodeName): Promise<void>;
  stopDaemon(node: NodeName): Promise<void>;
  streams(): Promise<void>;
  end(): Promise<void>;
}

export const repmgrPassword = 'Of-repmgr-3';

export async function aRepmgrPair(): Promise<RepmgrPair> {
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-repmgr-'));
  const file = (name: string): string => join(folder, name);
  const ports = { db1: await freePort(), db2: await freePort() };
  if (user !== null) await chown(folder, user.uid, user.gid);
  const options = {
    ...asUser(user),
    cwd: folder,
    env: { PATH: `${repmgrBin}:/usr/bin:/bin`, HOME: folder, LC_ALL: 'C.UTF-8' },
    extendEnv: false,
  };
  const run = async (program: string, words: readonly string[], input = ''): Promise<string> =>
    (await execa(program, words, { ...options, input, timeout: 60_000 })).stdout;
  const typed = (line: string): Promise<string> => run('sh', ['-c', line]);
  const own = async (name: string, text: string): Promise<void> => {
    await writeFile(file(name), text, { mode: 0o600 });
    if (user !== null) await chown(file(name), user.uid, user.gid);
  };
  const conninfo = (node: NodeName): string =>
    `host=127.0.0.1 port=${ports[node]} user=repmgr dbname=repmgr connect_timeout=2 passfile=${file('pgpass')}`;
  const number = { db1: 1, db2: 2 } as const;
  const psql = (node: NodeName, statement: string, more = ''): Promise<string> =>
    run('psql', ['-XAtd', `host=${folder} port=${ports[node]} user=postgres dbname=postgres`], `${statement}\n${more}`);
  const start = async (node: NodeName): Promise<void> => {
    await run('pg_ctl', ['start', '-w', '-D', file(node), '-l', file(`${node}.log`)]);
  };
  const stop = async (node: NodeName): Promise<void> => {
    await run('pg_ctl', ['stop', '-m', 'fast', '-D', file(node)]);
  };
  const daemonPid = (node: NodeName): Promise<string> => readFile(file(`${node}.repmgrd.pid`), 'utf8').catch(() => '');
  const monitors = async (node: NodeName): Promise<number> =>
    (await readFile(file(`${node}.repmgrd.log`), 'utf8').catch(() => '')).split('starting monitoring of node').length;
  const stopDaemon = async (node: NodeName): Promise<void> => {
    const pid = Number(await daemonPid(node));
    if (pid > 0) process.kill(pid, 'SIGTERM');
    await until('repmgrd is gone', async () => ((await daemonPid(node)) === '' ? true : null), 20_000);
  };
  const streams = async (): Promise<void> => {
    await until(
      'the node streams',
      async () =>
        (await psql('db1', 'SELECT state FROM pg_stat_replication').catch(() => '')) === 'streaming' ? true : null,
      60_000,
    );
  };
  const pair: RepmgrPair = {
    admin: `host=${folder} port=${ports.db1} user=postgres`,
    directory: (node) => file(node),
    configuration: (node) => file(`repmgr-${node}.conf`),
    typed,
    psql,
    start,
    stop,
    // one whose node is stopped before it has logged in there ends
    startDaemon: async (node) => {
      const before = await monitors(node);
      await run(join(repmgrBin, 'repmgrd'), [
        '-f',
        file(`repmgr-${node}.conf`),
        '-d',
        '-p',
        file(`${node}.repmgrd.pid`),
      ]);
      await until('repmgrd monitors', async () => ((await monitors(node)) > before ? true : null), 60_000);
    },
    stopDaemon,
    streams,
    end: async () => {
      for (const node of ['db2', 'db1'] as const) {
        await stopDaemon(node).catch(() => undefined);
        await stop(node).catch(() => undefined);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  await own('pgpass', `127.0.0.1:*:*:repmgr:${repmgrPassword}\n`);
  for (const node of ['db1', 'db2'] as const) {
    await own(
      `repmgr-${node}.conf`,
      `node_id=${number[node]}
node_name='${node}'
conninfo='${conninfo(node)}'
data_directory='${file(node)}'
passfile='${file('pgpass')}'
failover=automatic
promote_command='repmgr -f ${file(`repmgr-${node}.conf`)} standby promote'
follow_command='repmgr -f ${file(`repmgr-${node}.conf`)} standby follow --upstream-node-id=%n'
pg_bindir='${repmgrBin}'
log_file='${file(`${node}.repmgrd.log`)}'
reconnect_attempts=30
reconnect_interval=2
`,
    );
  }
  await run('initdb', ['-D', file('db1'), '-U', 'postgres', '-A', 'trust', '--no-sync']);
  await writeFile(
    file('db1/postgresql.conf'),
    `
listen_addresses = '127.0.0.1'
unix_socket_directories = '${folder}'
port = ${ports.db1}
shared_buffers = 16MB
wal_log_hints = on
wal_keep_size = 64MB
shared_preload_libraries = 'repmgr'
logging_collector = off
`,
    { flag: 'a' },
  );
  await own(
    'db1/pg_hba.conf',
    'local all all trust\nhost all repmgr 127.0.0.1/32 scram-sha-256\nhost replication repmgr 127.0.0.1/32 scram-sha-256\n',
  );
  await start('db1');
  await psql('db1', `CREATE ROLE repmgr SUPERUSER REPLICATION LOGIN PASSWORD '${repmgrPassword}'; `);
  await psql('db1', 'CREATE DATABASE repmgr OWNER repmgr');
  const repmgr = (node: NodeName, ...words: readonly string[]): Promise<string> =>
    run('repmgr', ['-f', file(`repmgr-${node}.conf`), ...words]);
  await repmgr('db1', 'primary', 'register');
  await repmgr('db2', '-d', conninfo('db1'), 'standby', 'clone', '--fast-checkpoint');
  await writeFile(file('db2/postgresql.conf'), `port = ${ports.db2}\n`, { flag: 'a' });
  await start('db2');
  await repmgr('db2', 'standby', 'register', '--wait-sync=20');
  for (const node of ['db1', 'db2'] as const) await pair.startDaemon(node);
  await pair.streams();
  return pair;
}
