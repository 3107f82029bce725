import type { ExaminedTarget } from '../../findings/fleet-report.ts';

/** The worst comes first: a fault of the call or of the tool, a problem, what could not be checked. */
const worstFirst = [2, 1, 3, 0];

/** The exit status of all targets together. */
export const worstStatus = (targets: readonly ExaminedTarget[]): number =>
  worstFirst.find((status) => targets.some((one) => one.status === status)) ?? 0;
