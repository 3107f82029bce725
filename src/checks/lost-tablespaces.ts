import { posix } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Host } from '../hosts/host.ts';
import { formatLsn } from '../postgres/lsn.ts';
import type { OpenSession } from '../servers/session.ts';
import type { StandbyAnswer } from '../servers/standby-answers.ts';

/**
 * Tablespaces that the server's catalog has and that pg_tblspc has no entry of, as after a restore without tablespace_map:
 * the server starts and replays, in directories that it makes for itself. DROP TABLESPACE takes the entry away before the
 * row (tablespace.c), and replay may wait between the two for as long as recovery_min_apply_delay or a query holds it up:
 * the catalog is asked again, and counts once all is replayed that had come before the look.
 */
export async function lostTablespaces(
  session: OpenSession,
  { tablespaces, server, replay }: Pick<StandbyAnswer, 'tablespaces' | 'server' | 'replay'>,
  directory: string | undefined,
  host: Host,
): Promise<readonly string[]> {
  if (directory === undefined || !server.inRecovery) return [];
  const there = await Promise.all(tablespaces.map(async (oid) => host.status(posix.join(directory, 'pg_tblspc', oid))));
  const lost = tablespaces.filter((_, index) => {
    const status = there[index];
    return status?.ok === false && status.problem.code === 'ENOENT';
  });
  if (lost.length === 0) return [];
  await pause(againMs);
  const isReplayed =
    replay.received === undefined
      ? "pg_catalog.current_setting('recovery_min_apply_delay') = '0' AND NOT pg_catalog.pg_is_wal_replay_paused()"
      : `pg_catalog.pg_last_wal_replay_lsn() >= '${formatLsn(replay.received)}'`;
  const again = await session.simpleQuery(
    `SELECT oid FROM pg_catalog.pg_tablespace WHERE oid::pg_catalog.text IN (${lost.map((oid) => `'${oid}'`).join(', ')}) AND ${isReplayed}`,
  );
  return again.ok ? (again.results.at(-1)?.rows ?? []).flatMap(([oid]) => (typeof oid === 'string' ? [oid] : [])) : [];
}

const againMs = 500;
