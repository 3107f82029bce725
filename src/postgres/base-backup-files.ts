import { posix } from 'node:path';

/**
 * What a base backup passes over without opening it (replication/basebackup.c, excludeDirContents and excludeFiles, the
 * same from 13 to 18). The path is relative to the data directory. WAL is read only by -X fetch, and only what bears the
 * name of a segment.
 */
export function isLeftOut(path: string): boolean {
  const name = posix.basename(path);
  const [top = '', ...below] = path.split('/');
  if (name.startsWith('pgsql_tmp') || isTemporaryRelation(name)) return true;
  if (below.length > 0) return emptied.has(top);
  return excluded.has(name) || name.startsWith('pg_internal.init');
}

/** Their contents are left out, the directories themselves come as empty ones. */
const emptied: ReadonlySet<string> = new Set([
  'pg_wal',
  'pg_stat_tmp',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_subtrans',
]);

const excluded: ReadonlySet<string> = new Set([
  'postgresql.auto.conf.tmp',
  'current_logfiles.tmp',
  'backup_label',
  'tablespace_map',
  'backup_manifest',
  'postmaster.pid',
  'postmaster.opts',
]);

/** common/file_utils and storage/reinit.c: looks_like_temp_rel_name() */
const isTemporaryRelation = (name: string): boolean => /^t\d+_\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?$/u.test(name);

/** A relation's file, a fork or a segment of one, or a temporary relation's. */
export const isRelationFile = (name: string): boolean =>
  /^(?:t\d+_)?\d+(?:_(?:fsm|vm|init))?(?:\.[1-9]\d*)?$/u.test(name);

/** pgtar.c, tarCreateHeader: a member's name, or where a link leads to, has room for 99 bytes. */
export const isTooLongForTar = (path: string): boolean => Buffer.byteLength(path) > 99;

/**
 * Up to 16 a base backup of a cluster with checksums takes every file of a database's directory for a relation's, and what
 * stands after its first dot for the number of a segment (basebackup.c, is_checksummed_file and sendFile): one that is not
 * a number ends the backup with "invalid segment number 0 in file". From 17 on only the names of relations are verified.
 */
export function isTakenForSegment(path: string, major: number): boolean {
  if (major >= 17 || !/^(?:global|base\/\d+|pg_tblspc\/\d+\/[^/]+\/\d+)\/[^/]+$/u.test(path)) return false;
  const name = posix.basename(path);
  const dot = name.indexOf('.');
  // .DS_Store is passed over since 14
  if (
    dot < 0 ||
    (name === '.DS_Store' && major >= 14) ||
    /^(?:pg_control|pg_filenode\.map|pg_internal\.init.*|PG_VERSION|config_exec_params)$/u.test(name)
  )
    return false;
  // atoi() reads the digits at the beginning
  return Number(/^\s*[-+]?\d+/u.exec(name.slice(dot + 1))?.[0] ?? '0') === 0;
}
