import { posix } from 'node:path';

import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { LostFile } from '../facts/server-files.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { isIntactMap, mappedFiles } from '../postgres/relation-map.ts';
import { lossOf, newestMultiXactFiles, newestStatusFile } from '../postgres/transaction-status.ts';
import { defineCheck } from './check.ts';
import { closedFiles, closedTo, closedWays, lockedEntries } from './closed-files.ts';
import type { Wanted } from './closed-files.ts';
import { holdingFiles } from './data-files.ts';
import { emptiedTables } from './emptied-tables.ts';
import type { DataFile } from './internal-facts.ts';
import { neededDirectories } from './data-directory/content.ts';
import { accountOf } from './server-account.ts';

/**
 * What a server cannot do without: the directories that it writes into and whether it may use the files in them, the maps
 * of its catalogs and their files, the status of its transactions.
 */
export const serverFilesCheck = defineCheck({
  brings: ['serverFiles'],
  after: ['dataDirectory', 'controlFile', 'dataFiles'],
  async look({ dataDirectory, controlFile, dataFiles }, { host }) {
    if (dataDirectory.status !== 'seen') return { serverFiles: dataDirectory };
    const directory = dataDirectory.value;
    if (!isDataDirectory(directory)) return { serverFiles: notApplicable(`${directory.path} is not a data directory`) };
    const control = ifSeen(controlFile);
    const data = ifSeen(dataFiles);
    const runsAs = directory.postmaster?.process === 'running' ? directory.postmaster.uid : undefined;
    const account = await accountOf(host, runsAs ?? directory.owner.uid, directory.owner.gid);
    const names = await databaseDirectories(host, directory.path);
    const entries = [...(await directoriesOf(host, directory, names)), ...filesOf(names)];
    // it is begun first: a program runs while the files are looked at
    const [locked, ways, closed, files, lost] = await Promise.all([
      lockedEntries(
        host,
        directory.path,
        account,
        data && {
          directories: entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name),
          files: data,
        },
      ),
      closedWays(host, directory.path, ['pg_wal', ...tablespaceLinksOf(directory)], account),
      Promise.all(entries.map(async (one) => closedTo(host, directory.path, account, one))),
      closedFiles(host, directory.path, account, [...holdingFiles, ...names, ...tablespacesOf(directory)], data),
      lostFiles(host, directory, names, control?.ok === true ? control.value : undefined, data),
    ]);
    return {
      serverFiles: seen(
        {
          account: account.name,
          closed: [
            ...ways.map((one) => ({ ...one, isPassedHere: isPassedHere(host, directory) })),
            ...closed.filter((one) => one !== undefined),
            ...files.closed,
            ...locked,
          ].filter(once),
          lost,
          examined: entries.length,
          filesExamined: files.sample,
        },
        directory.path,
      ),
    };
  },
});

const tablespacesOf = ({ tablespaces }: Pick<DataDirectory, 'tablespaces'>): readonly string[] =>
  tablespaces.filter(({ state }) => state === 'directory').map(({ oid }) => `pg_tblspc/${oid}`);

const tablespaceLinksOf = ({ tablespaces }: DataDirectory): readonly string[] =>
  tablespaces.map(({ oid }) => `pg_tblspc/${oid}`);

/** A server in a container comes to its files by a mount, and passes none of the directories above it here. */
const isPassedHere = ({ account }: Host, { lastStart, owner }: DataDirectory): boolean =>
  lastStart?.here === true || account.uid === owner.uid;

/** A link may lead to what was looked at already. */
const once = ({ path }: { readonly path: string }, index: number, all: readonly { readonly path: string }[]): boolean =>
  all.findIndex((one) => one.path === path) === index;

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
  directory: DataDirectory,
  databases: readonly string[],
): Promise<readonly Wanted[]> {
  const slots = await host.list(posix.join(directory.path, 'pg_replslot'), { limit: 50 });
  const names = [
    ...written,
    ...databases,
    ...(slots.ok ? slots.value.entries.filter(({ kind }) => kind === 'directory') : []).map(
      ({ name }) => `pg_replslot/${name}`,
    ),
    ...tablespacesOf(directory),
  ];
  return [
    ...names.map((name) => ({ name, kind: 'directory', wanted: 'write' }) as const),
    { name: 'pg_tblspc', kind: 'directory', wanted: 'read' },
  ];
}

const filesOf = (databases: readonly string[]): readonly Wanted[] => [
  ...['PG_VERSION', ...databases.map((name) => `${name}/PG_VERSION`)].map((name) => readable(name)),
  ...['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf'].map((name) => readable(name)),
  ...['global', ...databases].map((name) => readable(`${name}/pg_filenode.map`)),
  readable('pg_logical/replorigin_checkpoint'),
  { name: controlFilePath, kind: 'file', wanted: 'write' },
];

const controlFilePath = 'global/pg_control';

const readable = (name: string): Wanted => ({ name, kind: 'file', wanted: 'read' });

async function lostFiles(
  host: Host,
  { path, backupLabel, missingDirectories, postmaster, tablespaces }: DataDirectory,
  databases: readonly string[],
  control: ControlFile | undefined,
  data: readonly DataFile[] | undefined,
): Promise<readonly LostFile[]> {
  // its own rule says so of an incomplete copy; one that a server runs on was complete
  if (missingDirectories.length > 0) return [];
  if (control === undefined) {
    const isLost = postmaster?.process === 'running' && isGone(await host.status(posix.join(path, controlFilePath)));
    return isLost ? [gone(controlFilePath)] : [];
  }
  const tables = ['base', 'global', ...tablespacesOf({ tablespaces })];
  const look = async (files?: readonly DataFile[]): Promise<readonly LostFile[]> =>
    (
      await Promise.all([
        lostOfCatalogs(host, path, 'global'),
        ...databases.map(async (name) => lostOfCatalogs(host, path, name)),
        // replay brings the rest into a copy that no server has started on yet
        ...(backupLabel === undefined && control.backupStart === null
          ? [
              lostStatus(host, path, control),
              lostMultiXacts(host, path, control),
              emptiedTables(host, path, tables, files),
            ]
          : []),
      ])
    ).flat();
  const first = await look(data);
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
    return [{ path: `${name}/pg_filenode.map`, because: `it is not a relation map (${map.value.bytes.length} bytes)` }];
  // what it names then is nobody's file
  if (!isIntactMap(map.value.bytes)) return [{ path: `${name}/pg_filenode.map`, because: 'its checksum is wrong' }];
  const there = await Promise.all(files.map(async ({ file }) => host.status(at(String(file)))));
  return [
    ...(version ? [] : [gone(`${name}/PG_VERSION`)]),
    ...files.flatMap((one, index) => {
      const path = `${name}/${one.file}`;
      const status = there[index];
      if (isGone(status)) return [gone(path)];
      const isEmpty = one.neverEmpty && status?.ok === true && status.value.sizeBytes === 0;
      return isEmpty ? [{ path, because: 'it is empty, and this catalog never is' }] : [];
    }),
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

async function lostMultiXacts(host: Host, directory: string, control: ControlFile): Promise<readonly LostFile[]> {
  const lost = await Promise.all(
    newestMultiXactFiles(control).map(async ({ path, bytes }): Promise<LostFile | undefined> => {
      const status = await host.status(posix.join(directory, path));
      if (!status.ok) return isGone(status) ? gone(path) : undefined;
      const { sizeBytes } = status.value;
      return sizeBytes < bytes ? { path, because: `it has ${sizeBytes} bytes, and ${bytes} are needed` } : undefined;
    }),
  );
  return lost.filter((one) => one !== undefined);
}
