import { posix } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { LostFile } from '../facts/server-files.ts';
import type { Lsn } from '../postgres/lsn.ts';
import { firstOfAll, pageLsn } from '../postgres/page-lsn.ts';
import type { OpenSession } from '../servers/session.ts';
import type { RelationFiles } from './internal-facts.ts';
import type { Host } from '../hosts/host.ts';

/** Where the last restartpoint began, and the time of its checkpoint, by the primary's clock. */
export interface Restartpoint {
  readonly redo: Lsn;
  /** Seconds of the Unix clock. */
  readonly at: number;
}

/**
 * Files whose first page on the primary was last changed before the standby's restartpoint began, and that the standby does
 * not have, or has without that page: a restartpoint writes what was replayed before it, and no replay since can have taken
 * the file away that the primary still has. Replay makes a lost file again, with zeros up to the page that it needs (md.c,
 * EXTENSION_CREATE_RECOVERY). A database that was made or moved since comes with old pages (dbcommands.c), and is left out.
 */
export async function missingFiles(
  session: OpenSession,
  { host, directory, files, areAll }: StandbyFiles,
  { redo, at }: Restartpoint,
  againMs = 2_000,
): Promise<readonly LostFile[]> {
  if (!areAll) return [];
  const answer = await session.simpleQuery(namesSql(at));
  const listed = answer.ok ? answer.results.at(-1)?.rows[0]?.[0] : undefined;
  const names = typeof listed === 'string' ? listed.split(',') : [];
  if (names.length >= mostFiles) return [];
  const all = new Set(names);
  const here = new Map(files.map((file) => [file.path, file]));
  const candidates = names
    .filter((path) => isMain.test(path) && !all.has(`${path.replace(/\.\d+$/u, '')}_init`))
    .filter((path) => here.get(path)?.firstIsZero ?? !here.has(path))
    .slice(0, mostCandidates);
  if (candidates.length === 0) return [];
  const before = await changedBefore(session, candidates, redo);
  if (before.length === 0) return [];
  await pause(againMs);
  host.anew?.();
  const missing = await Promise.all(before.map(async (path) => isMissing(host, posix.join(directory, path))));
  const still = before.filter((_, index) => missing[index]);
  const lost = still.length === 0 ? [] : await changedBefore(session, still, redo);
  return lost.map((path) => ({
    path,
    because: here.has(path)
      ? 'its first page is empty, and its primary has one that this standby has replayed'
      : 'it does not exist, and its primary has it since before the last restartpoint of this standby',
  }));
}

/**
 * A commit is replayed before the primary takes the files of a dropped relation away: it may wait for other standbys first,
 * with its locks (xact.c, RecordTransactionCommit), and takes the files away when those are released (CommitTransaction).
 * In the database of such a transaction nothing is said, and what is found is looked at again.
 */
async function changedBefore(session: OpenSession, paths: readonly string[], redo: Lsn): Promise<readonly string[]> {
  const pages = await session.simpleQuery(
    `SELECT path, pg_catalog.encode(pg_catalog.pg_read_binary_file(path, 0, 8, true), 'hex') FROM pg_catalog.unnest('{${paths.join(',')}}'::text[]) AS file(path) WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_locks AS transaction JOIN pg_catalog.pg_locks AS held USING (virtualtransaction)
  WHERE transaction.locktype = 'transactionid' AND transaction.mode = 'ExclusiveLock' AND transaction.granted
    AND held.locktype IN ('relation', 'object') AND held.mode IN ('AccessExclusiveLock', 'ShareUpdateExclusiveLock') AND held.granted
    AND held.database::text IN ('0', substring(path FROM '(\\d+)/[^/]*$')))`,
  );
  return (pages.ok ? (pages.results.at(-1)?.rows ?? []) : []).flatMap(([path, header]) => {
    const changed = pageLsn(header ?? '');
    return typeof path !== 'string' || changed === undefined || changed < firstOfAll || changed > redo ? [] : [path];
  });
}

/** A list may have a gap that nothing tells of: each file is looked for by its name. */
async function isMissing(host: Host, path: string): Promise<boolean> {
  const content = await host.read(path, { maxBytes: 8 });
  return content.ok ? content.value.bytes.every((byte) => byte === 0) : content.problem.code === 'ENOENT';
}

/** The files of the standby's relations, and where they are. */
export interface StandbyFiles extends RelationFiles {
  readonly host: Host;
  readonly directory: string;
}

const mostFiles = 20_000;
const mostCandidates = 200;
const isMain = /^(?:base\/\d+|global|pg_tblspc\/\d+\/PG_\d+_\d+\/\d+)\/[1-9]\d*(?:\.\d+)?$/u;

/**
 * The files of relations of databases that were there at that time, with the forks that tell which are unlogged. Of the
 * directories of a database only the one in its default tablespace has PG_VERSION.
 */
const namesSql = (
  at: number,
): string => `SELECT pg_catalog.string_agg(file, ',') FROM (SELECT dir || '/' || name AS file FROM (
    SELECT 'global' AS dir
    UNION ALL SELECT 'base/' || d FROM pg_catalog.pg_ls_dir('base') d WHERE d ~ '^\\d+$'
    UNION ALL SELECT 'pg_tblspc/' || t || '/' || v || '/' || d
      FROM pg_catalog.pg_ls_dir('pg_tblspc') t, LATERAL pg_catalog.pg_ls_dir('pg_tblspc/' || t, true, false) v,
        LATERAL pg_catalog.pg_ls_dir('pg_tblspc/' || t || '/' || v, true, false) d
      WHERE v ~ '^PG_\\d+_\\d+$' AND d ~ '^\\d+$') dirs,
  LATERAL pg_catalog.pg_ls_dir(dir, true, false) name
  WHERE name ~ '^[1-9]\\d*(\\.\\d+|_init)?$' AND (dir = 'global' OR coalesce(
      (pg_catalog.pg_stat_file(dir || '/PG_VERSION', true)).modification,
      (pg_catalog.pg_stat_file('base/' || substring(dir FROM '\\d+$') || '/PG_VERSION', true)).modification
    ) < pg_catalog.to_timestamp(${at - 1}))
  LIMIT ${mostFiles}) files`;
