import type { Timelines } from '../../src/facts/standby-wal.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import type { TimelineId } from '../../src/postgres/lsn.ts';
import { parseTimelineHistory } from '../../src/postgres/timeline-history.ts';
import type { TimelineHistory } from '../../src/postgres/timeline-history.ts';
import { lsn, systemIdentifier } from './world.ts';

export const tli = (number: number): TimelineId => {
  const id = timelineId(number);
  if (id === undefined) throw new Error(`${number} is no timeline`);
  return id;
};

/** Of a timeline, by the lines of its history file. */
export const history = (timeline: number, ...lines: readonly string[]): TimelineHistory => {
  const parsed = parseTimelineHistory(lines.join('\n'), tli(timeline));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value;
};

/** Timeline 2, which began at 0/3000000 with a promotion. */
export const promotedHistory = history(2, '1\t0/3000000\tno recovery target specified');

/** The examined side. */
export const here = (
  timeline: number,
  position: string,
  own: TimelineHistory = history(timeline),
  change: Partial<Timelines['local']> = {},
): Timelines['local'] => ({
  timeline: tli(timeline),
  history: own,
  position: lsn(position),
  positionFrom: 'the WAL files',
  checkpoint: { location: lsn('0/2000060'), inLocalWal: true, inUpstreamWal: undefined },
  ...change,
});

/** Its upstream. */
export const there = (
  timeline: number,
  position: string,
  own: TimelineHistory = history(timeline),
  historyMissing = false,
): Timelines['upstream'] => ({ timeline: tli(timeline), history: own, position: lsn(position), historyMissing });

export const both = (
  local: Timelines['local'],
  upstream: Timelines['upstream'],
  change: Partial<Timelines> = {},
): Timelines => ({
  local,
  upstream,
  upstreamInRecovery: false,
  sameSystem: true,
  upstreamIdentifier: systemIdentifier,
  ...change,
});

/** Both on timeline 1, at these positions. */
export const bothAt = (local: string, upstream: string, change: Partial<Timelines> = {}): Timelines =>
  both(here(1, local), there(1, upstream), change);

/** Promoted at 0/3000000, half a megabyte written since; the other one has gone on to 0/3400000. */
export const promotedHere = both(
  here(2, '0/3080000', promotedHistory, {
    checkpoint: { location: lsn('0/3000028'), inLocalWal: true, inUpstreamWal: undefined },
    checkpointBeforeFork: { kind: 'found', location: lsn('0/2000060') },
  }),
  there(1, '0/3400000'),
);
