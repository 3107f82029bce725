import type { Finding, Report } from '../findings/report.ts';
import { acceptedNote } from './accepted.ts';
import { findingPlace } from './finding-place.ts';
import { forLogs } from './for-logs.ts';
import { counted } from './layout.ts';
import { sceneOf } from './machines.ts';
import { printable } from './printable.ts';
import { verdictWords } from './verdict-text.ts';

/** One line for each finding, and one for the whole: for grep, and for editors that read such lines. */
export function compact(report: Report): string {
  const scene = sceneOf(report);
  const line = (finding: Finding): string => {
    const { severity, title, rule, where, causedBy } = finding;
    return `${severity === 'info' ? 'note' : severity}: ${findingPlace(where, scene)}: ${printable(title)} [${printable(rule)}]${causeOf(causedBy, report)}${printable(acceptedNote(finding))}`;
  };
  return forLogs(`${[...report.findings.map(line), summaryLine(report)].join('\n')}\n`);
}

function causeOf(causedBy: string | null, { findings }: Report): string {
  const cause = findings.find(({ id }) => id === causedBy);
  return cause === undefined ? '' : ` (caused by ${printable(cause.rule)})`;
}

/** `postmortem: BROKEN, 1 error, 0 warnings, 2 notes, 61 passed, 3 not checked`. */
export function summaryLine({ command, verdict, summary, rules }: Report): string {
  const { error, warning, info, passed, unexamined } = summary;
  const crashed = rules.filter(({ outcome }) => outcome === 'crashed').length;
  const counts = [
    ...[counted(error, 'error'), counted(warning, 'warning'), counted(info, 'note')],
    ...[`${passed} passed`, `${unexamined} not checked`],
    ...(crashed === 0 ? [] : [`${crashed} crashed`]),
  ];
  return `${command}: ${verdictWords[verdict]}, ${counts.join(', ')}`;
}
