import type { Report, Severity } from '../../findings/report.ts';
import { severityRank } from '../../findings/report.ts';
import { printedFormat } from '../options/outputs.ts';
import type { ReportingOptions } from '../options/own-options.ts';

/**
 * The exit status of a run, from all its results, whatever the output shows:
 *
 * - 2: a rule crashed: a fault of the tool itself, which nothing covers up;
 * - 1: a finding at or above `failOn` that the configuration does not accept, or a stage of `clone` that came to nothing;
 * - 3: nothing was found, but a rule of severity error could not be examined, by the evidence the fault could be of that
 *   severity, and nobody accepted it: the verdict is `unknown`;
 * - 0: nothing stands in the way.
 *
 * 130 (interrupted) is set where the signal comes in.
 */
export function exitStatus(report: Report, failOn: Severity): 0 | 1 | 2 | 3 {
  if (report.rules.some((rule) => rule.outcome === 'crashed')) return 2;
  const counting = report.findings.filter(({ accepted }) => accepted === undefined);
  if (counting.some((finding) => severityRank[finding.severity] <= severityRank[failOn])) return 1;
  if (report.steps?.some((step) => step.outcome === 'failed') === true) return 1;
  return report.verdict === 'unknown' ? 3 : 0;
}

/**
 * The exit status of a call: {@link exitStatus}, or that of a plugin where standard output is read by Nagios. `failed`:
 * beside what the report says, something was left undone.
 */
export async function statusOf(
  report: Report,
  { outputs, failOn }: Pick<ReportingOptions, 'outputs' | 'failOn'>,
  failed = false,
): Promise<0 | 1 | 2 | 3> {
  if (printedFormat(outputs) === 'nagios') {
    const { pluginStatus } = await import('../../report/nagios.ts');
    const status = pluginStatus(report);
    return failed && status < 2 ? 2 : status;
  }
  const status = exitStatus(report, failOn);
  return failed && status !== 2 ? 1 : status;
}
