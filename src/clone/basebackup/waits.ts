import { setTimeout as pause } from 'node:timers/promises';

import type { Surroundings } from '../../checks/check.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import { requestOf } from '../../derived/option-conflicts.ts';
import { connect } from '../../servers/connect.ts';
import type { OpenSession } from '../../servers/session.ts';

/**
 * What a base backup waits for: `throttle` is `-r`, `network` what takes the primary's bytes, `reading` the primary's files,
 * `working` nothing (one process of the primary reads, packs and sends), `writing` the disk that the copy is written to.
 */
export type Wait = 'throttle' | 'network' | 'reading' | 'working' | 'writing';

/** What was seen, once a second; and what the primary can pack with what it sends (15 and later). */
export interface Waits {
  readonly seen: readonly Wait[];
  readonly methods: readonly string[];
}

/**
 * Looks over --admin, once a second until `over`, at what the WAL sender of the newest base backup waits for
 * (pg_stat_activity.wait_event), and on this side whether pg_basebackup waits for a disk. Undefined where there is no such
 * connection. Nothing is thrown.
 */
export async function watchWaits(
  surroundings: Surroundings,
  writesToDisk: () => Promise<boolean>,
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
      const [event, writes] = await Promise.all([answered(session, waitEvent), writesToDisk()]);
      const wait = event === undefined ? undefined : waitOf(event, writes);
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
function waitOf(event: string, writes: boolean): Wait | undefined {
  switch (event) {
    case '':
      return 'working';
    case 'ClientWrite':
      return writes ? 'writing' : 'network';
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

export interface Pace {
  /** What the copy waited for most, and how often it was seen. */
  readonly slowedBy: string;
  /** The option that would make it faster, and why; undefined where none would. */
  readonly faster: string | undefined;
}

/** Undefined for a copy that was over soon, and for one that no single thing held up. */
export function paceOfCopy(
  { seen, methods }: Waits,
  command: BaseBackupCommand,
  { major, place }: { readonly major: number; readonly place: string },
): Pace | undefined {
  const counted = (['throttle', 'network', 'reading', 'working', 'writing'] as const).map((wait) => ({
    wait,
    times: seen.filter((one) => one === wait).length,
  }));
  const most = counted.reduce((left, right) => (right.times > left.times ? right : left));
  if (seen.length < fewest || most.times < seen.length * share) return undefined;
  const often = `${most.times} of ${seen.length} looks`;
  const packing = packingOf(command, major);
  const packsThere = packing?.where === 'server';
  switch (most.wait) {
    case 'throttle': {
      const rate = command.options.find(({ name }) => name === 'max-rate')?.words.join(' ') ?? '-r';
      return { slowedBy: `${rate}, in ${often}`, faster: 'a higher -r, or none' };
    }
    case 'network':
      return {
        slowedBy: `the network, which the primary waited for in ${often}`,
        faster: packsThere ? undefined : packed(methods, major),
      };
    case 'reading':
      return { slowedBy: `the disk of the primary, in ${often}`, faster: undefined };
    case 'writing':
      return { slowedBy: `the disk of ${place}, in ${often}`, faster: undefined };
    case 'working':
      return packsThere && packing.algorithm !== 'lz4' && methods.includes('lz4')
        ? {
            slowedBy: `the compression on the primary, in ${often}`,
            faster: '--compress=server-lz4, which takes less work',
          }
        : {
            slowedBy: `the one process of the primary that reads the files and sends them, in ${often}`,
            faster: undefined,
          };
  }
}

const fewest = 8;
const share = 0.6;

function packed(methods: readonly string[], major: number): string | undefined {
  if (major < 15) return undefined;
  const method = methods.includes('lz4') ? 'lz4' : 'gzip';
  return `--compress=server-${method}: the primary compresses what it sends`;
}

/** Who packs the bytes, and how; undefined where nobody does. Before 15 only pg_basebackup can. */
function packingOf(
  command: BaseBackupCommand,
  major: number,
): { readonly where: 'client' | 'server'; readonly algorithm: string } | undefined {
  const { compression } = command;
  if (compression === undefined) return undefined;
  if (major < 15) return { where: 'client', algorithm: 'gzip' };
  const asked = requestOf(command, compression, major);
  return asked.algorithm === 'none' ? undefined : asked;
}
