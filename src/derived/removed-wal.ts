import { ifSeen, notApplicable } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import { neededWal, supplyOf } from './needed-wal.ts';
import type { NeededSeen, SupplySeen } from './needed-wal.ts';

type Seen = { readonly [K in 'timelines' | 'controlFile']: Observed<NeededSeen[K]> } & Omit<
  NeededSeen,
  'timelines' | 'controlFile'
> &
  Omit<SupplySeen, 'timelines' | 'archive' | 'primaryArchive'> & { readonly serverLog: Observed<ServerLog> };

/** The segment that the standby needs next, where its primary no longer has it, or has said so. */
export function removedFromPrimary(facts: Seen): string | undefined {
  const [timelines, controlFile] = [ifSeen(facts.timelines), ifSeen(facts.controlFile)];
  if (timelines === undefined || controlFile === undefined) return undefined;
  const seen = { ...facts, timelines, controlFile, archive: without, primaryArchive: without };
  const needed = neededWal(seen);
  if (needed === undefined) return undefined;
  const { from } = supplyOf(needed, seen);
  const isGone =
    from === 'nowhere' || (from === 'unknown' && saidToBeRemoved(facts.serverLog, needed.name) !== undefined);
  return isGone ? needed.name : undefined;
}

const without = notApplicable('what an archive has does not matter here');

/** The last word of the WAL receiver, where it is that the primary has removed this segment (walsender.c, WalSndSegmentOpen). */
export function saidToBeRemoved(serverLog: Observed<ServerLog>, segment: string): LogRecord | undefined {
  const failure = ifSeen(serverLog)?.summary.receiverFailure;
  const isIt = failure?.record.message.includes(`requested WAL segment ${segment} has already been removed`) === true;
  return isIt ? failure.record : undefined;
}
