import { posix } from 'node:path';

import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { ClosedEntry, LostFile } from '../facts/server-files.ts';
import { isDataDirectory } from '../facts/standby.ts';
import type { DataDirectory } from '../facts/standby.ts';
import type { FileStatus, Host } from '../hosts/host.ts';
import type { UserWithGroups } from '../hosts/host-of-user.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { mappedFiles } from '../postgres/relation-map.ts';
import { lossOf, newestStatusFile } from '../postgres/transaction-status.ts';
import { defineCheck } from './check.ts';
import { neededDirectories } from './data-directory/content.ts';
import { accountOf } from './server-account.ts';

/**
 * What a server cannot do without: the directories that it writes into, the maps of its catalogs and their files, the
 * status of its transactions. Of a database no other file is listed: it costs as much whatever its size.
 */
export const serverFilesCheck = defineCheck({
  brings: ['serverFiles'],
  after: ['dataDirectory', 'controlFile'],
  async look({ dataDirectory, controlFile }, { host }) {
    if (dataDirectory.status !== 'seen') return { serverFiles: dataDirectory };
    const directory = dataDirectory.value;
    if (!isDataDirectory(directory)) return { serverFiles: notApplicable(`${directory.path} is not a data directory`) };
    const control = ifSeen(controlFile);
    const runsAs = directory.postmaster?.process === 'running' ? directory.postmaster.uid : undefined;
    const account = await accountOf(host, runsAs ?? directory.owner.uid, directory.owner.gid);
    const names = await databaseDirectories(host, directory.path);
    const entries = [...(await directoriesOf(host, directory, names)), ...filesOf(names)];
    const [closed, lost] = await Promise.all([
      Promise.all(entries.map(async (one) => closedTo(host, directory.path, account, one))),
      lostFiles(host, directory, names, control?.ok === true ? control.value : undefined),
    ]);
    return {
      serverFiles: seen(
        {
          account: account.name,
          closed: closed.filter((one) => one !== undefined),
          lost,
          examined: entries.length,
        },
        directory.path,
      ),
    };
  },
});

interface Wanted {
  readonly name: string;
  readonly kind: 'file' | 'directory';
  readonly wanted: 'read' | 'write';
}

/** More are looked at no more: a cluster of thousands of databases. */
const mostDatabases = 16;

const written = [
  '',
  ...neededDirectories.filter((name) => name !== 'base/1' && name !== 'pg_tblspc'),
  ...['pg_wal', 'pg_wal/archive_status', 'pg_stat', 'pg_stat_tmp'],
];

async function databaseDirectories(host: Host, path: string): Promise<readonly string[]> {
  const listing = await host.list(posix.join(path, 'base'));
  const names = listing.ok ? listing.value.entries.map(({ name }) => name) : [];
  return names
    .filter((name) => /^\d+$/u.test(name))
    .toSorted((a, b) => Number(a) - Number(b))
    .slice(0, mostDatabases)
    .map((name) => `base/${name}`);
}

async function directoriesOf(
  host: Host,
  { path, tablespaces }: DataDirectory,
  databases: readonly string[],
): Promise<readonly Wanted[]> {
  const slots = await host.list(posix.join(path, 'pg_replslot'), { limit: 50 });
  const names = [
    ...written,
    ...databases,
    ...(slots.ok ? slots.value.entries.filter(({ kind }) => kind === 'directory') : []).map(
      ({ name }) => `pg_replslot/${name}`,
    ),
    ...tablespaces.filter(({ state }) => state === 'directory').map(({ oid }) => `pg_tblspc/${oid}`),
  ];
  return names.map((name) => ({ name, kind: 'directory', wanted: 'write' }));
}

const filesOf = (databases: readonly string[]): readonly Wanted[] => [
  ...['PG_VERSION', ...databases.map((name) => `${name}/PG_VERSION`)].map((name) => readable(name)),
  ...['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf'].map((name) => readable(name)),
  ...['global', ...databases].map((name) => readable(`${name}/pg_filenode.map`)),
  { name: 'global/pg_control', kind: 'file', wanted: 'write' },
];

const readable = (name: string): Wanted => ({ name, kind: 'file', wanted: 'read' });

/** Whoever is root can open everything: what the account may do is computed from the mode. */
async function closedTo(
  host: Host,
  directory: string,
  account: UserWithGroups,
  { name, kind, wanted }: Wanted,
): Promise<ClosedEntry | undefined> {
  if (account.uid === 0) return undefined;
  const given = posix.join(directory, name);
  const status = await host.status(given, { followLinks: true });
  if (!status.ok || status.value.kind !== kind) return undefined;
  const { mode, uid } = status.value;
  const bits = wanted === 'write' ? 0o6 : 0o4;
  if (allowed(status.value, account, kind === 'directory' ? bits | 0o1 : bits)) return undefined;
  // an access control list may allow what the mode does not; of the owner it says the same
  if (uid !== account.uid && host.account.uid === account.uid) {
    const may = await host.may(given, wanted);
    if (may.ok && may.value) return undefined;
  }
  const [real, owner] = await Promise.all([host.realPath(given), host.userName(uid)]);
  return {
    path: real.ok ? real.value : given,
    kind,
    owner: { uid, name: owner.ok ? owner.value : String(uid) },
    own: uid === account.uid,
    mode,
    wanted,
  };
}

function allowed({ mode, uid, gid }: FileStatus, account: UserWithGroups, bits: number): boolean {
  const shift = uid === account.uid ? 6 : gid === account.gid || account.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

async function lostFiles(
  host: Host,
  { path, backupLabel, missingDirectories }: DataDirectory,
  databases: readonly string[],
  control: ControlFile | undefined,
): Promise<readonly LostFile[]> {
  // its own rule says so of an incomplete copy
  if (control === undefined || missingDirectories.length > 0) return [];
  const look = async (): Promise<readonly LostFile[]> =>
    (
      await Promise.all([
        lostOfCatalogs(host, path, 'global'),
        ...databases.map(async (name) => lostOfCatalogs(host, path, name)),
        // replay brings the rest into a copy that no server has started on yet
        backupLabel === undefined && control.backupStart === null ? lostStatus(host, path, control) : [],
      ])
    ).flat();
  const first = await look();
  if (first.length === 0) return first;
  // a database that replay is making or dropping, a catalog that is being rewritten
  await new Promise((resolve) => setTimeout(resolve, againMs));
  const again = new Set((await look()).map((one) => one.path));
  return first.filter((one) => again.has(one.path));
}

const againMs = 300;

async function lostOfCatalogs(host: Host, directory: string, name: string): Promise<readonly LostFile[]> {
  const at = (file: string): string => posix.join(directory, name, file);
  const map = await host.read(at('pg_filenode.map'), { maxBytes: 8_192 });
  const version = name === 'global' || (await host.status(at('PG_VERSION'))).ok;
  if (!map.ok) {
    if (map.problem.code !== 'ENOENT') return [];
    const rest = await host.list(posix.join(directory, name), { limit: 1 });
    // an empty directory is what is left of a database that was dropped, or that was not finished
    return name !== 'global' && rest.ok && rest.value.entries.length === 0 ? [] : [gone(`${name}/pg_filenode.map`)];
  }
  const files = mappedFiles(map.value.bytes);
  if (files === undefined)
    return [
      { path: `${name}/pg_filenode.map`, because: `it is no map of relations (${map.value.bytes.length} bytes)` },
    ];
  const there = await Promise.all(files.map(async (file) => host.status(at(String(file)))));
  return [
    ...(version ? [] : [gone(`${name}/PG_VERSION`)]),
    ...files.filter((_, index) => isGone(there[index])).map((file) => gone(`${name}/${file}`)),
  ];
}

const isGone = (status: Awaited<ReturnType<Host['status']>> | undefined): boolean =>
  status?.ok === false && status.problem.code === 'ENOENT';

const gone = (path: string): LostFile => ({ path, because: 'it does not exist' });

async function lostStatus(host: Host, directory: string, control: ControlFile): Promise<readonly LostFile[]> {
  const newest = newestStatusFile(control);
  const content = await host.read(posix.join(directory, newest.path), { maxBytes: 1024 * 1024 });
  if (!content.ok) return content.problem.code === 'ENOENT' ? [gone(newest.path)] : [];
  const because = lossOf(newest, content.value.bytes);
  return because === undefined ? [] : [{ path: newest.path, because }];
}
