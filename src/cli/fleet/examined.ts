import type { Report } from '../../findings/report.ts';
import type { TargetCommand } from '../configuration/keys.ts';

/** What came of one target. */
export interface ExaminedTarget {
  readonly target: string;
  readonly command: TargetCommand;
  /** failed: its call could not be followed, or standbylint crashed; timed-out: it took longer than --target-timeout. */
  readonly outcome: 'examined' | 'failed' | 'timed-out' | 'interrupted';
  /** Why there is no report; null where there is one. */
  readonly because: string | null;
  readonly elapsedMs: number;
  /** The exit status of this target alone. */
  readonly status: number;
  readonly report: Report | null;
}

/** The worst comes first: a fault of the call or of the tool, a problem, what could not be checked. */
const worstFirst = [2, 1, 3, 0];

/** Of all of them together. */
export const worstStatus = (targets: readonly ExaminedTarget[]): number =>
  worstFirst.find((status) => targets.some((one) => one.status === status)) ?? 0;
