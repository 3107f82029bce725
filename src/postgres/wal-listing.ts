import { lsn, parseWalFileName, timelineId } from './lsn.ts';
import type { Lsn, TimelineId, WalSegmentSize } from './lsn.ts';

/** The segments of one timeline that lie in pg_wal or in an archive. */
export interface WalOfTimeline {
  readonly timeline: TimelineId;
  readonly first: Lsn;
  /** Behind the last segment without a gap from `first`. */
  readonly end: Lsn;
  /** Behind the last segment of all, gaps or not. */
  readonly last?: Lsn;
  /** Stretches that are not there, between segments that are. */
  readonly gaps: readonly { readonly from: Lsn; readonly to: Lsn }[];
}

/** What lies in a directory of WAL, by the names alone. Segments that the server made in advance are among them. */
export function segmentsByTimeline(
  names: readonly string[],
  segmentSize: WalSegmentSize,
): { readonly timelines: readonly WalOfTimeline[]; readonly bytes: bigint } {
  const size = BigInt(segmentSize);
  const starts = new Map<TimelineId, bigint[]>();
  let count = 0n;
  for (const name of names) {
    const file = parseWalFileName(name, segmentSize);
    if (file?.kind !== 'segment') continue;
    count += 1n;
    const ofTimeline = starts.get(file.timeline);
    if (ofTimeline === undefined) starts.set(file.timeline, [file.start]);
    else ofTimeline.push(file.start);
  }
  const timelines = [...starts].flatMap(([timeline, unsorted]) => {
    const sorted = unsorted.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const stretch = stretchOf(sorted, size);
    return stretch === undefined ? [] : [{ timeline, ...stretch }];
  });
  return { timelines: timelines.toSorted((a, b) => a.timeline - b.timeline), bytes: count * size };
}

function stretchOf(starts: readonly bigint[], size: bigint): Omit<WalOfTimeline, 'timeline'> | undefined {
  const first = lsn(starts[0] ?? -1n);
  if (first === undefined) return undefined;
  const gaps: { from: Lsn; to: Lsn }[] = [];
  let reached: bigint = first;
  let end: Lsn | undefined;
  for (const start of starts) {
    const [from, to] = [lsn(reached), lsn(start)];
    if (start > reached && from !== undefined && to !== undefined) {
      end ??= from;
      gaps.push({ from, to });
    }
    reached = start + size;
  }
  const last = lsn(reached);
  end ??= last;
  return end === undefined || last === undefined ? undefined : { first, end, last, gaps };
}

/** The timeline histories among the names, the newest timelines first, at most so many. */
export function historiesIn(
  names: readonly string[],
  most: number,
): readonly { readonly name: string; readonly timeline: TimelineId }[] {
  return names
    .flatMap((name) => {
      const digits = /^([0-9A-F]{8})\.history$/u.exec(name)?.[1];
      const timeline = digits === undefined ? undefined : timelineId(Number.parseInt(digits, 16));
      return timeline === undefined ? [] : [{ name, timeline }];
    })
    .toSorted((a, b) => b.timeline - a.timeline)
    .slice(0, most);
}
