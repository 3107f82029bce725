import { access, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { freePort } from '../../src/throwaway/free-port.ts';
import { asUser, serverUser } from '../../src/throwaway/os-user.ts';
import { until } from './until.ts';

/** Debian's pg_auto_failover is for the release of Debian. */
const bin = '/usr/lib/postgresql/15/bin';

/** Why pg_auto_failover cannot be run here; undefined where it can. */
export const noAutoFailover: string | undefined = await Promise.all(
  ['/usr/bin/pg_autoctl', `${bin}/postgres`, '/usr/share/postgresql/15/extension/pgautofailover.control'].map(
    async (file) => access(file),
  ),
).then(
  () => undefined,
  () => "Debian's pg-auto-failover-cli and postgresql-15-auto-failover are not installed",
);

export type AutoFailoverNode = 'db1' | 'db2';

/** A monitor and two nodes, db1 the primary. */
export interface AutoFailoverPair {
  readonly admin: string;
  readonly directory: (node: AutoFailoverNode | 'monitor') => string;
  /** A line in a shell of the user of the servers. */
  typed(line: string): Promise<string>;
  /** On a node, as a superuser, without waiting for the other one; `typed` is what psql reads behind it. */
  psql(node: AutoFailoverNode, statement: string, typed?: string): Promise<string>;
  run(node: AutoFailoverNode | 'monitor'): Promise<void>;
  stop(node: AutoFailoverNode | 'monitor'): Promise<void>;
  /** The node streams, and the monitor calls it a secondary. */
  streams(): Promise<void>;
  end(): Promise<void>;
}

export const autoFailoverPassword = 'Of-auto-failover-7';

export async function anAutoFailoverPair(): Promise<AutoFailoverPair> {
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-autoctl-'));
  if (user !== null) await chown(folder, user.uid, user.gid);
  const file = (name: string): string => join(folder, name);
  const ports = { monitor: await freePort(), db1: await freePort(), db2: await freePort() };
  const options = {
    ...asUser(user),
    cwd: folder,
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, LC_ALL: 'C.UTF-8', PGPASSWORD: autoFailoverPassword },
    extendEnv: false,
    stdin: 'ignore',
  } as const;
  const running = new Map<string, { end: () => Promise<void> }>();
  const run = async (node: AutoFailoverNode | 'monitor'): Promise<void> => {
    const child = execa('/usr/bin/pg_autoctl', ['run', '--pgdata', file(node)], {
      ...options,
      reject: false,
      stdout: 'ignore',
      stderr: 'ignore',
    });
    running.set(node, {
      end: async () => {
        child.kill('SIGTERM');
        await child;
      },
    });
  };
  const typed = async (line: string): Promise<string> =>
    (await execa('sh', ['-c', line], { ...options, timeout: 60_000 })).stdout;
  const socket = '/var/run/postgresql';
  const psql = async (node: AutoFailoverNode, statement: string, more = ''): Promise<string> => {
    const { stdin: _, ...others } = options;
    const way = `host=${socket} port=${ports[node]} user=postgres dbname=postgres options='-c synchronous_commit=local'`;
    return (
      await execa(join(bin, 'psql'), ['-XAtqd', way], { ...others, input: `${statement}\n${more}`, timeout: 20_000 })
    ).stdout;
  };
  const autoctl = async (...words: readonly string[]): Promise<string> =>
    (await execa('/usr/bin/pg_autoctl', words, { ...options, timeout: 60_000 })).stdout;
  const streams = async (): Promise<void> => {
    await until(
      'the node is a secondary that streams',
      async () => {
        if ((await psql('db1', 'SELECT state FROM pg_stat_replication')) !== 'streaming') return null;
        const state = await autoctl('show', 'state', '--pgdata', file('monitor'), '--json').catch(() => '');
        return state === '' || /"current_group_state": "secondary"/u.test(state) ? true : null;
      },
      60_000,
    );
  };
  const common = ['--hostname', '127.0.0.1', '--ssl-self-signed'];
  await autoctl(
    'create',
    'monitor',
    '--pgdata',
    file('monitor'),
    '--pgport',
    String(ports.monitor),
    ...common,
    '--auth',
    'trust',
  );
  await run('monitor');
  const uri = await until('the monitor answers', async () => {
    const found = await autoctl('show', 'uri', '--pgdata', file('monitor'), '--formation', 'monitor');
    await execa(join(bin, 'psql'), ['-XAtqc', 'SELECT 1', found.trim()], { ...options, timeout: 5_000 });
    return found.trim();
  });
  for (const node of ['db1', 'db2'] as const) {
    await autoctl(
      ...['create', 'postgres', '--pgdata', file(node), '--pgport', String(ports[node]), '--name', node],
      ...[...common, '--auth', 'scram-sha-256', '--monitor', uri],
    );
    await autoctl('config', 'set', '--pgdata', file(node), 'replication.password', autoFailoverPassword);
    if (node === 'db1') {
      // initdb lets everybody of this machine in
      const hba = await readFile(file('db1/pg_hba.conf'), 'utf8');
      await writeFile(file('db1/pg_hba.conf'), hba.replaceAll(/^(host .*)trust$/gmu, '$1scram-sha-256'));
    }
    await run(node);
    if (node === 'db1')
      await until('the primary has a password for its standbys', () =>
        psql('db1', `ALTER ROLE pgautofailover_replicator PASSWORD '${autoFailoverPassword}'`).then(() => true),
      );
  }
  const pair: AutoFailoverPair = {
    admin: `host=${socket} port=${ports.db1} user=postgres`,
    directory: (node) => file(node),
    typed,
    psql,
    run,
    stop: async (node) => running.get(node)?.end(),
    streams,
    end: async () => {
      for (const node of ['db2', 'db1', 'monitor'] as const) await running.get(node)?.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await streams();
  return pair;
}
