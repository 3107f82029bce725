import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { CopySize } from '../facts/primary.ts';
import type { Cost } from '../findings/report.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { ControlFileRead, LastCopy } from '../facts/data-directory.ts';
import type { Timelines } from '../facts/standby-wal.ts';
import { bytesBetween } from '../postgres/lsn.ts';
import { formatBytes } from '../postgres/bytes.ts';
import type { Diverged } from './timeline-comparison.ts';
import { formatDuration } from '../postgres/durations.ts';

/** What the cost of a way back is reckoned from, for a rule's `wants`. */
export const effortFacts = ['copySize', 'lastCopy', 'serverLog', 'controlFile'] as const;

export interface EffortSeen {
  readonly copySize: Observed<CopySize>;
  readonly lastCopy: Observed<LastCopy>;
  readonly serverLog: Observed<ServerLog>;
  readonly controlFile: Observed<ControlFileRead> | ControlFileRead;
}

/** What a way back costs, and where its figures come from, as a sentence. A rate that was not measured is not made up. */
export interface Effort {
  readonly cost: Cost;
  readonly says: string;
}

/** A new copy: all data of the primary, and the WAL that it writes meanwhile. */
export function copyEffort(seen: EffortSeen): Effort {
  const size = sizeOf(seen);
  const rate = copyRate(seen);
  const seconds = size === undefined || rate === undefined ? undefined : size.bytes / rate;
  const written = ifSeen(seen.copySize)?.walBytesPerSecond;
  const replay = seconds === undefined || written === undefined ? undefined : seconds * written;
  return {
    cost: costOf(size?.bytes, replay, seconds),
    says:
      size === undefined
        ? 'how much to copy is not known.'
        : `${formatBytes(size.bytes)} ${size.says}, ${seconds === undefined ? 'speed not known' : `${duration(seconds)} ${copyRateText(rate)}`}.`,
  };
}

/** WAL that is fetched out of an archive, segment by segment, and replayed. */
export function archiveEffort(missing: bigint, seen: EffortSeen): Effort {
  const count = Number(missing);
  const rate = replayRate(seen);
  const seconds = rate === undefined ? undefined : count / rate;
  return {
    cost: costOf(count, count, seconds),
    says: `${formatBytes(count)} of WAL to fetch and replay, ${seconds === undefined ? 'speed not known' : `${duration(seconds)} ${replayRateText(rate)}`}.`,
  };
}

/**
 * pg_rewind: it copies the blocks that the WAL here has changed since the histories part, and the primary's pg_wal whole
 * (filemap.c, decide_file_action); what the primary has written since comes as new blocks or is replayed, from the last
 * checkpoint before that point on. The WAL stands for the blocks that it changes: an estimate.
 */
export function rewindEffort({ fork, lost }: Diverged, timelines: Timelines, seen: EffortSeen): Effort {
  const { position } = timelines.upstream;
  const before = timelines.local.checkpointBeforeFork;
  const from = before?.kind === 'found' ? before.location : fork?.lsn;
  if (from === undefined || fork === undefined || lost === undefined)
    return { cost: costOf(undefined, undefined, undefined), says: 'how much it copies is not known in advance.' };
  const since = Math.max(0, Number(bytesBetween(fork.lsn, position)));
  const replay = Math.max(0, Number(bytesBetween(from, position)));
  const kept = Number(ifSeen(seen.copySize)?.walBytes ?? 0n);
  const copy = Number(lost.bytes) + since + Math.max(kept, replay);
  const [copying, replaying] = [copyRate(seen), replayRate(seen)];
  const seconds = copying === undefined || replaying === undefined ? undefined : copy / copying + replay / replaying;
  return {
    cost: costOf(copy, replay, seconds),
    says: `about ${formatBytes(copy)} to copy (an estimate, from the WAL on both sides since they diverged) and ${formatBytes(replay)} of WAL to replay, ${seconds === undefined ? 'speed not known' : `${duration(seconds)} ${copyRateText(copying)} and ${replayRateText(replaying)}`}.`,
  };
}

/** The primary's size, without its WAL; else what the copy had that this directory was made by. */
function sizeOf({
  copySize,
  lastCopy,
}: Pick<EffortSeen, 'copySize' | 'lastCopy'>): { readonly bytes: number; readonly says: string } | undefined {
  const size = ifSeen(copySize);
  if (size !== undefined)
    return {
      bytes: Number(
        size.tablespaces.reduce(
          (sum, { location, bytes: own }) => sum + (location === '' ? 0n : (own ?? 0n)),
          size.dataBytes,
        ),
      ),
      says: 'to copy',
    };
  const last = ifSeen(lastCopy);
  return last === undefined
    ? undefined
    : { bytes: Number(last.bytes), says: 'to copy if the primary has not grown since this base backup' };
}

/** Bytes a second, of the copy that this directory was made by. */
function copyRate({ lastCopy }: Pick<EffortSeen, 'lastCopy'>): number | undefined {
  const last = ifSeen(lastCopy);
  return last === undefined ? undefined : Number(last.bytes) / last.seconds;
}

/** Bytes a second, of the last stretch that the standby's log shows. */
function replayRate({ serverLog, controlFile }: EffortSeen): number | undefined {
  const stretch = ifSeen(serverLog)?.summary.replayed;
  if (stretch === undefined) return undefined;
  if ('bytes' in stretch.amount) return Number(stretch.amount.bytes) / stretch.seconds;
  const read = 'status' in controlFile ? ifSeen(controlFile) : controlFile;
  return read?.ok === true ? (stretch.amount.segments * read.value.walSegmentSize) / stretch.seconds : undefined;
}

const copyRateText = (rate: number | undefined): string =>
  `at ${formatBytes(rate ?? 0)}/s, the speed of the last base backup`;
const replayRateText = (rate: number | undefined): string =>
  `at ${formatBytes(rate ?? 0)}/s, the speed of an earlier replay in the log`;

const costOf = (copy: number | undefined, replay: number | undefined, seconds: number | undefined): Cost => ({
  copyBytes: copy === undefined ? null : Math.round(copy),
  replayBytes: replay === undefined ? null : Math.round(replay),
  downtimeSeconds: seconds === undefined ? null : Math.round(seconds * 10) / 10,
});

const duration = (seconds: number): string => `about ${formatDuration(Math.max(1, Math.round(seconds)))}`;
