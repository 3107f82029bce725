import type { Remedy } from '../findings/report.ts';
import type { Effort } from '../derived/effort.ts';

/** A remedy that is known to serve, and what it costs. */
interface Way extends Effort {
  readonly remedy: Remedy;
}

/**
 * Two remedies of which each serves by itself. The first choice is the one that keeps the standby away for less time,
 * where that was measured of both; else the usual one.
 */
export function twoWays(usual: Way, other: Way): Remedy {
  const [ours, theirs] = [usual.cost.downtimeSeconds, other.cost.downtimeSeconds];
  const swapped = ours !== null && theirs !== null && theirs < ours;
  const [first, second] = swapped ? [other, usual] : [usual, other];
  const { summary, risk, steps } = second.remedy;
  const longer = ours === null || theirs === null ? '' : ' The second takes longer.';
  const because = `There are two ways. The first: ${first.says} The second: ${second.says}${longer}`;
  return { ...first.remedy, alternatives: [{ summary, risk, steps, because, cost: second.cost }], cost: first.cost };
}
