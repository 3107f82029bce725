import type { Report, Severity } from '../findings/report.ts';
import { severityRank } from '../findings/report.ts';

/**
 * The exit status of a run, from all its results, whatever the output shows:
 *
 * - 2: a rule crashed: a fault of the tool itself, which nothing covers up;
 * - 1: a finding at or above `failOn`, or a stage of `clone` that came to nothing;
 * - 3: nothing was found, but a rule of severity error could not be examined, by the evidence the fault could be of that
 *   severity, and nobody accepted it: the verdict is `unknown`;
 * - 0: nothing stands in the way.
 *
 * 130 (interrupted) is set where the signal comes in.
 */
export function exitStatus(report: Report, failOn: Severity): 0 | 1 | 2 | 3 {
  if (report.rules.some((rule) => rule.outcome === 'crashed')) return 2;
  if (report.findings.some((finding) => severityRank[finding.severity] <= severityRank[failOn])) return 1;
  if (report.steps?.some((step) => step.outcome === 'failed') === true) return 1;
  return report.verdict === 'unknown' ? 3 : 0;
}
