import { posix } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Host } from '../hosts/host.ts';
import type { OpenSession } from '../servers/session.ts';
import type { StandbyAnswer } from '../servers/standby-answers.ts';

/**
 * Tablespaces that the server's catalog has and that pg_tblspc has no entry of, as after a restore without tablespace_map:
 * the server starts and replays, in directories that it makes for itself. DROP TABLESPACE takes the entry away a moment
 * before the row (tablespace.c), so that the catalog is asked again.
 */
export async function lostTablespaces(
  session: OpenSession,
  { tablespaces }: Pick<StandbyAnswer, 'tablespaces'>,
  directory: string | undefined,
  host: Host,
): Promise<readonly string[]> {
  if (directory === undefined) return [];
  const there = await Promise.all(tablespaces.map(async (oid) => host.status(posix.join(directory, 'pg_tblspc', oid))));
  const lost = tablespaces.filter((_, index) => {
    const status = there[index];
    return status?.ok === false && status.problem.code === 'ENOENT';
  });
  if (lost.length === 0) return [];
  await pause(againMs);
  const again = await session.simpleQuery(
    `SELECT oid FROM pg_catalog.pg_tablespace WHERE oid::pg_catalog.text IN (${lost.map((oid) => `'${oid}'`).join(', ')})`,
  );
  return again.ok ? (again.results.at(-1)?.rows ?? []).flatMap(([oid]) => (typeof oid === 'string' ? [oid] : [])) : [];
}

const againMs = 500;
