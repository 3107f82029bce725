import { lsn, parseLsn, timelineId } from './lsn.ts';
import type { Lsn, TimelineId } from './lsn.ts';

/** A stretch of WAL on one timeline. */
export interface TimelineStretch {
  readonly timeline: TimelineId;
  /** Where this timeline branched off the one before; null on the first. */
  readonly begin: Lsn | null;
  /** Where the next timeline branched off; null on the last, which goes on. */
  readonly end: Lsn | null;
  /** Why the next timeline began, in the server's words; null on the last. */
  readonly reason: string | null;
}

/** How a timeline came about: its oldest ancestor first, itself last. Never empty. */
export type TimelineHistory = readonly TimelineStretch[];

export type TimelineHistoryResult =
  | { readonly ok: true; readonly value: TimelineHistory }
  | {
      readonly ok: false;
      readonly fault: {
        readonly line: number;
        readonly found: string;
        readonly expected: 'a numeric timeline' | 'a switch point' | 'increasing timelines' | 'timelines below its own';
      };
    };

/**
 * Reads the history file of a timeline (access/transam/timeline.c, readTimeLineHistory): a line for each ancestor, with its
 * timeline, the position where it was left, and why. Comments and empty lines are skipped.
 */
export function parseTimelineHistory(text: string, timeline: TimelineId): TimelineHistoryResult {
  const stretches: TimelineStretch[] = [];
  let begin: Lsn | null = null;
  let lastTimeline = 0;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, digits, rest = ''] = /^(\d{1,10})(?!\d)\s*(.*)$/u.exec(trimmed) ?? [];
    const ancestor = digits === undefined ? undefined : timelineId(Number(digits));
    if (ancestor === undefined) return fault(number, line, 'a numeric timeline');
    const [switchPoint = '', position = '', reason = ''] = /^([0-9a-f]+\/[0-9a-f]+)\s*(.*)$/iu.exec(rest) ?? [];
    const end = switchPoint === '' ? undefined : parseLsn(position);
    if (end === undefined) return fault(number, line, 'a switch point');
    if (ancestor <= lastTimeline) return fault(number, line, 'increasing timelines');
    if (ancestor >= timeline) return fault(number, line, 'timelines below its own');
    stretches.push({ timeline: ancestor, begin, end, reason });
    begin = end;
    lastTimeline = ancestor;
  }
  return { ok: true, value: [...stretches, { timeline, begin, end: null, reason: null }] };
}

/** The history of a timeline without a history file: timeline 1, or one whose file is gone. */
export const historyWithoutFile = (timeline: TimelineId): TimelineHistory => [
  { timeline, begin: null, end: null, reason: null },
];

/** Where two histories part. */
export interface ForkPoint {
  /** The last timeline that both have. */
  readonly timeline: TimelineId;
  /** The last position that both share; null when both are on that timeline still, so that nothing tells them apart. */
  readonly lsn: Lsn | null;
}

/**
 * The last point that two histories have in common, as pg_rewind finds it (bin/pg_rewind/pg_rewind.c, findCommonAncestorTimeline);
 * null when they share no timeline.
 */
export function findForkPoint(one: TimelineHistory, other: TimelineHistory): ForkPoint | null {
  let fork: ForkPoint | null = null;
  for (const [index, stretch] of one.entries()) {
    const counterpart = other[index];
    if (counterpart?.timeline !== stretch.timeline || counterpart.begin !== stretch.begin) break;
    fork = { timeline: stretch.timeline, lsn: earlier(stretch.end, counterpart.end) };
  }
  return fork;
}

/**
 * Whether WAL up to this position on this timeline is part of the history: what a standby that stopped there needs, so
 * that it can follow a server with that history without being rewound.
 */
export function liesOnHistory(history: TimelineHistory, timeline: TimelineId, position: Lsn): boolean {
  const stretch = history.find((candidate) => candidate.timeline === timeline);
  return stretch !== undefined && (stretch.end === null || position <= stretch.end);
}

/** Whether the timeline is the history's own or an ancestor of it. */
export const isAncestor = (history: TimelineHistory, timeline: TimelineId): boolean =>
  history.some((stretch) => stretch.timeline === timeline);

/** Where the history left this timeline: null when it never did; undefined when the timeline is none of its own (tliSwitchPoint). */
export const switchPoint = (history: TimelineHistory, timeline: TimelineId): Lsn | null | undefined =>
  history.find((stretch) => stretch.timeline === timeline)?.end;

/** The timeline that the byte at this position belongs to (tliOfPointInHistory). */
export function timelineAt(history: TimelineHistory, position: Lsn): TimelineId | undefined {
  return history.findLast(({ begin, end }) => (begin === null || begin <= position) && (end === null || position < end))
    ?.timeline;
}

function earlier(a: Lsn | null, b: Lsn | null): Lsn | null {
  if (a === null || b === null) return a ?? b;
  return lsn(a < b ? a : b) ?? null;
}

function fault(
  line: number,
  found: string,
  expected: Extract<TimelineHistoryResult, { ok: false }>['fault']['expected'],
): TimelineHistoryResult {
  return { ok: false, fault: { line, found, expected } };
}
