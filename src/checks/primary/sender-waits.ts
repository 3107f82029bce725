import { setTimeout as pause } from 'node:timers/promises';

import { connect } from '../../servers/connect.ts';
import type { OpenSession } from '../../servers/session.ts';
import type { Surroundings } from '../check.ts';

/**
 * What a base backup waits for: `throttle` is `-r`, `network` what takes the primary's bytes, `reading` the primary's files,
 * `working` nothing (one process of the primary reads, packs and sends), `writing` the disk that the copy is written to,
 * `receiving` pg_basebackup, which packs or unpacks what came and hands it to its system.
 */
export type Wait = 'throttle' | 'network' | 'reading' | 'working' | 'writing' | 'receiving';

/** What pg_basebackup does at a moment: it waits for a disk, it computes, or it sleeps until more comes. */
export type Receiver = 'disk' | 'busy' | 'idle';

/** What was seen, once a second; and what the primary can pack with what it sends (15 and later). */
export interface Waits {
  readonly seen: readonly Wait[];
  readonly methods: readonly string[];
}

/**
 * Looks over --admin, once a second until `over`, at what the WAL sender of the newest base backup waits for
 * (pg_stat_activity.wait_event), and on this side at what pg_basebackup does. Undefined where there is no such
 * connection. Nothing is thrown.
 */
export async function watchWaits(
  surroundings: Surroundings,
  receiver: () => Promise<Receiver>,
  over: AbortSignal,
): Promise<Waits | undefined> {
  const { admin } = surroundings.subject;
  if (admin === undefined) return undefined;
  const { session } = await connect(admin, { ...surroundings, signal: over }).catch(() => ({ session: undefined }));
  if (session === undefined) return undefined;
  try {
    const methods = await answered(session, methodsOfServer);
    const seen: Wait[] = [];
    while (!over.aborted) {
      const [event, does] = await Promise.all([answered(session, waitEvent), receiver()]);
      const wait = event === undefined ? undefined : waitOf(event, does);
      if (wait !== undefined) seen.push(wait);
      await pause(1_000, undefined, { signal: over }).catch(() => undefined);
    }
    return { seen, methods: methods?.split(',') ?? [] };
  } finally {
    await session.close();
  }
}

// the columns of others are null for who may not see them, `state` with them: then there is no row
const waitEvent = `SELECT coalesce(a.wait_event, '') FROM pg_catalog.pg_stat_replication r JOIN pg_catalog.pg_stat_activity a USING (pid)
  WHERE r.state = 'backup' ORDER BY a.backend_start DESC LIMIT 1`;
// what wal_compression may be is what the server was built with (guc_tables.c, wal_compression_options)
const methodsOfServer =
  "SELECT pg_catalog.array_to_string(enumvals, ',') FROM pg_catalog.pg_settings WHERE name = 'wal_compression'";

async function answered(session: OpenSession, query: string): Promise<string | undefined> {
  const answer = await session.simpleQuery(query);
  return answer.ok ? (answer.results.at(-1)?.rows[0]?.[0] ?? undefined) : undefined;
}

/** wait_event_names.txt; an event that says nothing of the copy (a lock, a latch) is none. */
function waitOf(event: string, does: Receiver): Wait | undefined {
  switch (event) {
    case '':
      return 'working';
    case 'ClientWrite':
      // who is to take the bytes, and does not wait for them, is what is waited for
      return does === 'idle' ? 'network' : does === 'disk' ? 'writing' : 'receiving';
    case 'BaseBackupThrottle':
      return 'throttle';
    case 'BaseBackupRead':
    case 'DataFileRead':
    case 'WALRead':
      return 'reading';
    default:
      return undefined;
  }
}
