import { advance, lsn, timelineId } from './lsn.ts';
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

/**
 * What lies in a directory of WAL, by the names alone. Segments that the server made in advance are among them. Counted
 * in segments, which a number holds: a directory can have ten thousand, and an archive more.
 */
export function segmentsByTimeline(
  names: readonly string[],
  segmentSize: WalSegmentSize,
): { readonly timelines: readonly WalOfTimeline[]; readonly bytes: bigint } {
  // XLogSegmentsPerXLogId (access/xlog_internal.h)
  const perId = 0x1_00_00_00_00 / segmentSize;
  const numbers = new Map<TimelineId, number[]>();
  let count = 0;
  for (const name of names) {
    if (!segmentName.test(name)) continue;
    const timeline = timelineId(hexAt(name, 0));
    const low = hexAt(name, 16);
    if (timeline === undefined || low >= perId) continue;
    count += 1;
    const number = hexAt(name, 8) * perId + low;
    const ofTimeline = numbers.get(timeline);
    if (ofTimeline === undefined) numbers.set(timeline, [number]);
    else ofTimeline.push(number);
  }
  const size = BigInt(segmentSize);
  const timelines = [...numbers].flatMap(([timeline, unsorted]) => {
    const stretch = stretchOf(Float64Array.from(unsorted).sort(), size);
    return stretch === undefined ? [] : [{ timeline, ...stretch }];
  });
  return { timelines: timelines.toSorted((a, b) => a.timeline - b.timeline), bytes: BigInt(count) * size };
}

/** Of these files, the segments under this suffix: their names without it. */
export const segmentNames = (files: readonly string[], suffix: string): ReadonlySet<string> =>
  new Set(
    files.flatMap((name) => {
      const segment = name.slice(0, 24);
      return segmentName.test(segment) && name.slice(24) === suffix ? [segment] : [];
    }),
  );

const segmentName = /^[0-9A-F]{24}$/u;
const hexAt = (name: string, at: number): number => Number.parseInt(name.slice(at, at + 8), 16);

function stretchOf(segments: Float64Array, size: bigint): Omit<WalOfTimeline, 'timeline'> | undefined {
  const begin = (segment: number): Lsn | undefined => lsn(BigInt(segment) * size);
  const gaps: { from: Lsn; to: Lsn }[] = [];
  let reached = segments[0] ?? -1;
  const first = begin(reached);
  let end: Lsn | undefined;
  for (const segment of segments) {
    const [from, to] = segment > reached ? [begin(reached), begin(segment)] : [];
    if (from !== undefined && to !== undefined) {
      end ??= from;
      gaps.push({ from, to });
    }
    reached = segment + 1;
  }
  const last = begin(reached);
  end ??= last;
  return first === undefined || end === undefined || last === undefined ? undefined : { first, end, last, gaps };
}

/** Where each of its segments begins, the first one first. */
export function* segmentStarts(wal: WalOfTimeline, segmentSize: WalSegmentSize): Generator<Lsn, void, undefined> {
  let from = wal.first;
  for (const gap of wal.gaps) {
    yield* startsBetween(from, gap.from, segmentSize);
    from = gap.to;
  }
  yield* startsBetween(from, wal.last ?? wal.end, segmentSize);
}

function* startsBetween(from: Lsn, to: Lsn, segmentSize: WalSegmentSize): Generator<Lsn, void, undefined> {
  const size = BigInt(segmentSize);
  for (let start: Lsn | undefined = from; start !== undefined && start < to; start = advance(start, size)) yield start;
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
