import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { Host } from '../../hosts/host.ts';

/**
 * The directories that initdb makes (initdb.c, subdirs) and without which no server starts, or a standby is not
 * consistent; pg_wal is looked at for itself. What the server makes again (pg_wal/archive_status) is not among them.
 */
export const neededDirectories = [
  'global',
  'base',
  'base/1',
  'pg_xact',
  'pg_multixact',
  'pg_multixact/members',
  'pg_multixact/offsets',
  'pg_subtrans',
  'pg_commit_ts',
  'pg_stat',
  'pg_twophase',
  'pg_logical',
  'pg_logical/snapshots',
  'pg_logical/mappings',
  'pg_replslot',
  'pg_tblspc',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_dynshmem',
] as const;

export async function missingDirectories(host: Host, dataDirectory: string): Promise<readonly string[]> {
  const there = await Promise.all(
    neededDirectories.map(async (name) => {
      const status = await host.status(posix.join(dataDirectory, name), { followLinks: true });
      return status.ok ? status.value.kind === 'directory' : status.problem.code !== 'ENOENT';
    }),
  );
  return neededDirectories.filter((_, index) => there[index] === false);
}

/** basebackup.c, excludeFiles and excludeDirContents: a base backup has the directories empty, and the files not at all. */
export async function neverInABackup(host: Host, dataDirectory: string): Promise<readonly string[]> {
  const files = await Promise.all(
    ['postmaster.opts', 'postmaster.pid'].map(async (name) =>
      (await host.status(posix.join(dataDirectory, name))).ok ? [name] : [],
    ),
  );
  const contents = await Promise.all(
    ['pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_subtrans'].map(async (name) => {
      const listing = await host.list(posix.join(dataDirectory, name), { limit: 3 });
      return listing.ok ? listing.value.entries.map((entry) => `${name}/${entry.name}`) : [];
    }),
  );
  return [...files.flat(), ...contents.flat()];
}

/** What a server opens before anything else, and cannot open under another owner (the signal files it only looks for); a directory that was copied by root has all of it under another owner. */
export async function entriesOfOthers(
  host: Host,
  dataDirectory: string,
  owner: number,
  group: number,
): Promise<DataDirectory['ofOthers']> {
  const found = await Promise.all(
    opened.map(async (name) => {
      const path = posix.join(dataDirectory, name);
      const status = await host.status(path);
      if (!status.ok || status.value.uid === owner || status.value.kind === 'link') return undefined;
      const { uid, mode, gid } = status.value;
      // configuration management leaves files of root that everybody may read: the server only reads them
      if (onlyRead.has(name) && mayRead(mode, gid === group)) return undefined;
      const named = await host.userName(uid);
      return { path, owner: named.ok ? named.value : String(uid), uid };
    }),
  );
  return found.filter((one) => one !== undefined);
}

const opened = [
  'PG_VERSION',
  'global',
  'global/pg_control',
  'base',
  'base/1',
  'pg_wal',
  'pg_xact',
  'postgresql.conf',
  'pg_hba.conf',
  'backup_label',
  'postmaster.opts',
] as const;

/** backup_label is not among them: it is renamed once it was read, and opened for writing to flush it (fd.c, durable_rename). */
const onlyRead: ReadonlySet<string> = new Set(['PG_VERSION', 'postgresql.conf', 'pg_hba.conf']);

const mayRead = (mode: number, isOwnGroup: boolean): boolean =>
  (mode & 0o004) !== 0 || (isOwnGroup && (mode & 0o040) !== 0);
