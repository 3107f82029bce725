import { access, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect } from 'vitest';

import { freePort } from '../../src/throwaway/free-port.ts';
import { asUser, serverUser } from '../../src/throwaway/os-user.ts';
import { expectValidReport } from '../report/valid-report.ts';
import { runStandbylint } from './standbylint.ts';
import type { StandbylintResult } from './standbylint.ts';
import { until } from './until.ts';

/** Why Patroni cannot be run here; undefined where it can. */
export const noPatroni: string | undefined = await (async () => {
  for (const program of ['/usr/bin/patroni', '/usr/bin/etcd'])
    if (
      !(await access(program).then(
        () => true,
        () => false,
      ))
    )
      return `${program} is not installed (Debian's patroni and etcd-server)`;
  return undefined;
})();

export type MemberName = 'db1' | 'db2' | 'db3';

/** Two members of a cluster `shop`, or three, db1 the leader, and their etcd. */
export interface PatroniCluster {
  readonly admin: string;
  readonly directory: (member: MemberName) => string;
  readonly configuration: (member: MemberName) => string;
  /** A line in a shell of the user of the servers. */
  typed(line: string): Promise<string>;
  /** On the leader, as a superuser; `typed` is what psql reads behind it. */
  psql(statement: string, typed?: string): Promise<string>;
  startMember(member: MemberName): Promise<void>;
  /** Ends Patroni of a member, and with it the server; or etcd. */
  stopMember(member: MemberName | 'etcd'): Promise<void>;
  startStore(): Promise<void>;
  /** Waits until all members but the leader stream. */
  streams(): Promise<void>;
  end(): Promise<void>;
}

export const passwords = { postgres: 'Of-the-superuser-1', replicator: 'Of-the-replicator-2' } as const;

export async function aPatroniCluster(
  bin: string,
  members: readonly [MemberName, ...MemberName[]] = ['db1', 'db2'],
): Promise<PatroniCluster> {
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-patroni-'));
  const file = (name: string): string => join(folder, name);
  const ports = { etcd: await freePort(), peer: await freePort() };
  const servers = { db1: await freePort(), db2: await freePort(), db3: await freePort() };
  const rest = { db1: await freePort(), db2: await freePort(), db3: await freePort() };
  if (user !== null) await chown(folder, user.uid, user.gid);
  const options = {
    ...asUser(user),
    cwd: folder,
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, LC_ALL: 'C.UTF-8' },
    extendEnv: false,
  };
  const running = new Map<string, { end: () => Promise<void> }>();
  const background = async (name: string, program: string, words: readonly string[]): Promise<void> => {
    const child = execa(program, words, {
      ...options,
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    });
    running.set(name, {
      end: async () => {
        child.kill('SIGTERM');
        await child;
      },
    });
  };
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const startStore = (): Promise<void> =>
    background('etcd', '/usr/bin/etcd', [
      ...['--data-dir', file('etcd'), '--listen-client-urls', url(ports.etcd)],
      ...['--advertise-client-urls', url(ports.etcd), '--listen-peer-urls', url(ports.peer)],
      ...['--initial-advertise-peer-urls', url(ports.peer), '--initial-cluster', `default=${url(ports.peer)}`],
    ]);
  await startStore();
  // initdb of 13 stores the superuser's password for md5, whatever Patroni says of password_encryption
  const hba = ['local all all trust', 'host replication replicator 127.0.0.1/32 scram-sha-256'];
  const member = (name: MemberName): string => `scope: shop
name: ${name}
log: {dir: ${file(`${name}.patroni`)}}
restapi: {listen: "127.0.0.1:${rest[name]}", connect_address: "127.0.0.1:${rest[name]}"}
etcd3: {host: "127.0.0.1:${ports.etcd}"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    postgresql:
      use_pg_rewind: true
      use_slots: true
      pg_hba: ${JSON.stringify([...hba, 'host all all 127.0.0.1/32 md5'])}
  initdb: [{encoding: UTF8}, {locale: C}]
postgresql:
  listen: 127.0.0.1:${servers[name]}
  connect_address: 127.0.0.1:${servers[name]}
  data_dir: ${file(name)}
  bin_dir: ${bin}
  pgpass: ${file(`${name}.pgpass`)}
  authentication:
    superuser: {username: postgres, password: ${passwords.postgres}}
    replication: {username: replicator, password: ${passwords.replicator}}
  parameters: {unix_socket_directories: "${folder}", shared_buffers: 16MB, password_encryption: scram-sha-256}
`;
  for (const name of members) {
    for (const path of [name, `${name}.patroni`]) await mkdir(file(path), { mode: 0o700 });
    await writeFile(file(`patroni-${name}.yml`), member(name), { mode: 0o600 });
    if (user !== null)
      for (const path of [name, `${name}.patroni`, `patroni-${name}.yml`]) await chown(file(path), user.uid, user.gid);
  }
  const admin = `host=127.0.0.1 port=${servers.db1} user=postgres password=${passwords.postgres}`;
  const psql = async (statement: string, typed = ''): Promise<string> =>
    (
      await execa(join(bin, 'psql'), ['-XAtd', `${admin} dbname=postgres`], {
        ...options,
        input: `${statement}\n${typed}`,
      })
    ).stdout;
  const cluster: PatroniCluster = {
    admin,
    directory: file,
    configuration: (name) => file(`patroni-${name}.yml`),
    typed: async (line) => (await execa('sh', ['-c', line], { ...options, stdin: 'ignore', timeout: 60_000 })).stdout,
    psql,
    startMember: (name) => background(name, '/usr/bin/patroni', [file(`patroni-${name}.yml`)]),
    startStore,
    stopMember: async (name) => running.get(name)?.end(),
    streams: async () => {
      await until(
        'the members stream',
        async () =>
          (await psql(
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND application_name LIKE 'db_'",
          ).catch(() => '')) === String(members.length - 1)
            ? true
            : null,
        60_000,
      );
    },
    end: async () => {
      for (const name of [...members.toReversed(), 'etcd']) await running.get(name)?.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const [leader, ...others] = members;
  await cluster.startMember(leader);
  await until('the leader answers', () => psql('SELECT 1').catch(() => null), 60_000);
  for (const name of others) await cluster.startMember(name);
  await cluster.streams();
  return cluster;
}

/** A post-mortem of db2, whose report is valid and shows no password. */
export async function postmortemOfMember({ admin, directory }: PatroniCluster): Promise<StandbylintResult> {
  const words = ['postmortem', '-D', directory('db2'), '--admin', admin, '--format', 'json'];
  const result = await runStandbylint(words);
  expectValidReport(result.json);
  for (const one of Object.values(passwords)) expect(result.stdout).not.toContain(one);
  return result;
}
