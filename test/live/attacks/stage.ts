import { createHash } from 'node:crypto';
import { appendFile, chown, lstat, mkdtemp, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import type { Release } from '../../../src/throwaway/releases.ts';
import type { ThrowawayServer } from '../../../src/throwaway/throwaway-server.ts';
import { configurationValue } from '../../../src/postgres/conninfo-format.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { aPair } from '../../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../../lab/primary.ts';
import type { Primary } from '../../lab/primary.ts';
import { until } from '../../lab/until.ts';

/** The servers that all set-ups share, and a cheap way to one more standby. */
export interface AttackStage {
  readonly release: Release;
  readonly primary: Primary;
  /** It streams from the primary through the slot `shared`. */
  readonly standby: ThrowawayServer;
  /** A primary of another cluster, with the same role and password. */
  readonly foreign: Primary;
  /** A stopped standby of the primary, which only has to be started. */
  readonly another: (directory?: string) => Promise<ThrowawayServer & { readonly path: string }>;
}

export const shared = 'shared';

export async function anAttackStage(release: Release): Promise<AttackStage> {
  const settings = { wal_keep_size: '128MB', autovacuum: 'off' };
  const [{ primary, standby }, foreign] = await Promise.all([
    aPair({
      release,
      settings,
      standby: { slot: shared, applicationName: shared, settings: { wal_retrieve_retry_interval: '1s' } },
      lifetime: 'file',
    }),
    aPrimary({ release, lifetime: 'file' }),
  ]);
  await standby.stop();
  const template = join(standby.folder, 'template');
  await execa('cp', ['-a', standby.dataDirectory, template]);
  await standby.start();
  return { release, primary, standby, foreign, another: async (name) => copyOf(template, name, primary, release) };
}

async function copyOf(template: string, name: string | undefined, primary: Primary, release: Release) {
  const place = await aPlaceForAStandby({ release });
  const path = name === undefined ? place.dataDirectory : join(place.folder, name);
  await execa('cp', ['-a', template, path]);
  await appendFile(
    join(path, 'postgresql.conf'),
    `port = ${place.port}\nunix_socket_directories = '${place.folder}'\n`,
  );
  const auto = join(path, 'postgresql.auto.conf');
  await writeFile(
    auto,
    `primary_conninfo = ${configurationValue(`${primary.conninfo} password='${primary.password}'`)}\n`,
  );
  return Object.assign(place, { path });
}

/** A folder of a test's own, of the user of the servers. */
export async function aFolder(server: ThrowawayServer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-attack-'));
  if (server.runAs !== null) await chown(folder, server.runAs.uid, server.runAs.gid);
  afterwards(async () => void (await execa('rm', ['-r', '--', folder], { reject: false })));
  return folder;
}

/** All that could be changed of some servers, and of some files and folders beside them. */
export type State = ReadonlyMap<string, string>;

export async function stateOf(
  servers: Readonly<Record<string, ThrowawayServer | string>>,
  outside: readonly string[] = [],
): Promise<State> {
  const state = new Map<string, string>();
  for (const [name, server] of Object.entries(servers)) {
    const directory =
      typeof server === 'string' ? server : 'path' in server ? String(server.path) : server.dataDirectory;
    await addDirectory(state, `${name}:`, directory, 2);
    if (typeof server === 'string') continue;
    for (const entry of await readdir(server.folder)) state.set(`beside ${name}: ${entry}`, 'there');
    if (await server.isRunning()) await addCatalogue(state, name, server);
  }
  for (const path of outside) {
    state.set(path, await sumOf(path));
    await addDirectory(state, `${path}:`, path, 2);
  }
  return state;
}

/** What differs: gone, new, or other. */
export function differences(before: State, after: State): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => `${before.has(key) ? (after.has(key) ? 'other' : 'gone') : 'new'} ${key}`)
    .toSorted();
}

/** What a server writes there by itself. */
const itsOwn =
  /^(?:base|pg_wal|pg_xact|pg_stat|pg_stat_tmp|pg_subtrans|pg_multixact|pg_notify|pg_serial|pg_snapshots|pg_logical|pg_replslot|pg_dynshmem|pg_commit_ts|pg_twophase)$/u;

async function addDirectory(state: Map<string, string>, name: string, directory: string, depth: number): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    state.set(`${name} ${entry.name}`, await sumOf(path));
    if (entry.isDirectory() && depth > 1 && entry.name !== 'global' && !itsOwn.test(entry.name))
      await addDirectory(state, `${name} ${entry.name} /`, path, depth - 1);
  }
}

async function sumOf(path: string): Promise<string> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return 'not there';
  const content = status.isSymbolicLink()
    ? await readlink(path)
    : status.isFile() && !/(?:server\.log|current_logfiles|pg_internal\.init)$/u.test(path)
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : '';
  return `${status.mode} ${status.uid}:${status.gid} ${content}`;
}

async function addCatalogue(state: Map<string, string>, name: string, server: ThrowawayServer): Promise<void> {
  const ask = async (what: string, sql: string): Promise<void> => {
    for (const row of await server.query(sql)) {
      const [key, value] = Object.values(row);
      state.set(`${name}: ${what} ${key}`, String(value));
    }
  };
  await ask('started', `SELECT 'at', pg_postmaster_start_time()`);
  await ask('role', `SELECT rolname, a::text FROM pg_authid a`);
  await ask('slot', 'SELECT slot_name, slot_type FROM pg_replication_slots');
  await ask('setting of', 'SELECT setdatabase || setrole::text, setconfig FROM pg_db_role_setting');
  await ask('recovery', 'SELECT 1, pg_is_in_recovery()');
  await ask('sender', `SELECT pid, application_name FROM pg_stat_replication WHERE application_name = '${shared}'`);
}

/** Ends the server on a directory that was started by somebody else. */
export function endedAfterwards(directory: string): void {
  afterwards(async () => {
    const file = join(directory, 'postmaster.pid');
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
    if (!Number.isSafeInteger(pid) || pid < 2) return;
    process.kill(pid, 'SIGQUIT');
    await until('it is gone', async () => ((await lstat(file).catch(() => null)) === null ? true : null));
  });
}
