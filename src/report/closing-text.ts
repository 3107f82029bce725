import type { Report } from '../facts/report.ts';
import type { TextContext } from './finding-text.ts';
import { counted, indent, wrap } from './layout.ts';

/** The last lines: what was counted, how long it took, the verdict and what to do next. */
export function closingText(report: Report, { width, paint }: TextContext): readonly string[] {
  const paintVerdict = verdictPaint(report, paint);
  const { error, warning, info, passed, unexamined, notApplicable } = report.summary;
  const crashed = report.rules.filter(({ outcome }) => outcome === 'crashed').length;
  const found = [
    ...(error > 0 ? [paint.severity.error(counted(error, 'error'))] : []),
    ...(warning > 0 ? [paint.severity.warning(counted(warning, 'warning'))] : []),
    ...(info > 0 ? [counted(info, 'remark')] : []),
  ];
  const counts = [
    `${counted(passed, 'rule')} passed`,
    ...(unexamined > 0 ? [paint.unsure(`${unexamined} not examined`)] : []),
    ...(crashed > 0 ? [paint.bad(`${crashed} crashed`)] : []),
    ...(notApplicable > 0 ? [`${notApplicable} not applicable`] : []),
  ];
  const summary = [
    found.length === 0 ? 'Nothing found' : found.join(', '),
    counts.join(', '),
    seconds(report.elapsedMs),
  ];
  return [
    `  ${summary.join(' · ')}`,
    ...indent(wrap(verdictText(report), width - 2), 2).map((line) => paintVerdict(line)),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const verdictPaint = ({ verdict }: Report, paint: TextContext['paint']): ((text: string) => string) => {
  if (verdict === 'ready' || verdict === 'healthy') return paint.good;
  return verdict === 'unknown' || verdict === 'degraded' ? paint.unsure : paint.bad;
};

function verdictText(report: Report): string {
  switch (report.verdict) {
    case 'ready':
      if (report.command === 'clone') return 'Ready: nothing stands in the way of the copy.';
      return 'Ready: nothing stands in the way of pg_basebackup. "standbylint clone" with the same options runs it and verifies the copy; --start also starts the standby.';
    case 'blocked':
      if (report.command === 'clone')
        return `Nothing was copied: it would fail, or its standby would not stream. ${next(report)}`;
      return `Not ready: the copy would fail, or its standby would not stream. ${next(report)}`;
    case 'unknown':
      if (report.notShown.length > 0)
        return `No problem found, but not proven ${report.command === 'postmortem' ? 'healthy' : 'ready'}. Not shown: ${report.notShown.join('; ')}.`;
      if (report.command === 'clone')
        return 'No fault was found, and the copy can go on. What could not be examined stands above: nobody can say that it is in order.';
      if (report.command === 'postmortem')
        return 'Nobody can say that it is healthy: no error was found, but rules that guard against one could not be examined (above).';
      return 'Nobody can say yes: no fault was found, but rules that guard against one could not be examined (above).';
    case 'healthy':
      return 'Healthy: nothing stands between this standby and its primary.';
    case 'degraded':
      return `Degraded: it works, and what stands above will hurt. ${next(report)}`;
    case 'broken':
      return `Broken: this standby does not follow its primary, or will not. ${next(report)}`;
  }
}

/** Consequences go with their cause, so that the steps of root causes are all there is to run. */
function next({ findings }: Report): string {
  const gravest = findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
  const roots = findings.filter(({ severity, causedBy }) => severity === gravest && causedBy === null);
  const steps = roots.reduce((sum, { remedy }) => sum + (remedy?.steps.length ?? 0), 0);
  if (steps === 0) return 'Mend what stands above, then run this again.';
  if (roots.some(({ remedy }) => remedy?.alternatives !== undefined))
    return 'Run the steps above, of the one way or of the other, then this again.';
  return `Run the ${steps === 1 ? 'step' : `${numbers[steps] ?? steps} steps`} above${roots.length < findings.length ? ` (of what is marked ${gravest})` : ''}, then this again.`;
}

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
