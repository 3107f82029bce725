import type { PlaceState } from '../facts/machine.ts';

/**
 * Whether a directory holds something that is not PostgreSQL's: no data directory, no WAL, no tablespace, and not only
 * what a new file system has at its root.
 */
export function isForeign(state: PlaceState): boolean {
  if (state.kind !== 'directory' || state.cluster !== undefined) return false;
  const { entries } = state;
  // a data directory that has lost its PG_VERSION
  if (entries.includes('global') && entries.includes('base')) return false;
  return entries.some((name) => !ofPostgres.test(name));
}

/** A segment, its history or archive states (xlog_internal.h); a tablespace (catalog.c); a copy that was not finished. */
const ofPostgres =
  /^(?:lost\+found|[0-9A-F]{24}(?:\.[0-9A-F]{8}\.backup|\.partial)?|[0-9A-F]{8}\.history|archive_status|summaries|PG_\d+_\d+|backup_manifest(?:\.tmp)?|(?:base|pg_wal|[\w-]+)\.tar(?:\.\w+)?)$/u;
