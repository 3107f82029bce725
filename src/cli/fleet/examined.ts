import type { TargetCommand } from '../configuration/keys.ts';
import type { ExaminationEnd } from '../one-examination.ts';

/** What came of one target. */
export interface ExaminedTarget extends ExaminationEnd {
  readonly target: string;
  readonly command: TargetCommand;
}

/** The worst comes first: a fault of the call or of the tool, a problem, what could not be checked. */
const worstFirst = [2, 1, 3, 0];

/** Of all of them together. */
export const worstStatus = (targets: readonly ExaminedTarget[]): number =>
  worstFirst.find((status) => targets.some((one) => one.status === status)) ?? 0;
