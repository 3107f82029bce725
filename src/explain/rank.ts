import { standingOf } from './explanation.ts';
import type { Seen } from './seen.ts';

/** Causes first, then their consequences, then the course of things; what is over after what is not; the newest first among equals. */
export const ranked = (seen: readonly Seen[]): readonly Seen[] =>
  seen.toSorted(
    (a, b) =>
      Number(a.over) - Number(b.over) ||
      order[standingOf(a)] - order[standingOf(b)] ||
      mattersOf(b) - mattersOf(a) ||
      b.position - a.position,
  );

const order = { cause: 0, consequence: 1, course: 2 } as const;

const mattersOf = ({ answer, recognition, partial }: Seen): number =>
  (answer?.matters ?? recognition?.entry.matters ?? 4) - (partial ? 2 : 0);
