import type { Finding, Report, Severity } from '../findings/report.ts';
import { acceptedNote } from './accepted.ts';
import { summaryLine } from './compact.ts';
import { findingPlace } from './finding-place.ts';
import { markdown } from './markdown.ts';
import { sceneOf } from './machines.ts';
import { printable } from './printable.ts';

/**
 * Workflow commands of GitHub Actions: an annotation for each finding, and for what could not be checked
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 */
export function github(report: Report): string {
  const scene = sceneOf(report);
  const annotation = (finding: Finding): string => {
    const { severity, title, message, where, rule, remedy, accepted } = finding;
    const { file, line } = where;
    const properties = [
      ...(file === undefined ? [] : [`file=${inProperty(file)}`]),
      ...(line === undefined ? [] : [`line=${line}`]),
      `title=${inProperty(title)}`,
    ];
    const fix = remedy === null ? '' : ` Fix: ${remedy.summary}`;
    const said = `${message}${acceptedNote(finding)}${fix} [${rule}, ${findingPlace(where, scene)}]`;
    return `::${accepted === undefined ? commands[severity] : 'notice'} ${properties.join(',')}::${inData(said)}`;
  };
  const open = report.rules.filter(({ outcome }) => outcome === 'unexamined' || outcome === 'crashed');
  const reasons = new Map<string, string[]>();
  for (const { id, because } of open) reasons.set(because ?? '', [...(reasons.get(because ?? '') ?? []), id]);
  const unchecked = [...reasons].map(
    ([because, ids]) =>
      `::notice title=${inProperty(`Not checked: ${ids.length} ${ids.length === 1 ? 'rule' : 'rules'}`)}::${inData(`${because} (${ids.join(', ')})`)}`,
  );
  return `${[...report.findings.map(annotation), ...unchecked, summaryLine(report)].join('\n')}\n`;
}

/** The report in Markdown for the summary of the job, which GitHub refuses above 1 MiB. */
export function githubSummary(report: Report): string {
  const whole = `${markdown(report)}\n`;
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const short = {
    ...report,
    findings: report.findings.slice(0, mostFindings),
    plan: { ...report.plan, alternatives: [] },
  };
  const rest = `\n${report.findings.length - short.findings.length} more findings are in the other formats of the report.\n`;
  const text = `${markdown(short)}${rest}`;
  return Buffer.byteLength(text) <= mostBytes ? text : `${summaryLine(report)}\n`;
}

const mostBytes = 1_000_000;
const mostFindings = 50;

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** actions/toolkit, command.ts: escapeData. Control characters are shown as in all reports. */
export const inData = (text: string): string => printable(text).replaceAll('%', '%25').replaceAll('##', '#\\x23');

/** actions/toolkit, command.ts: escapeProperty. */
const inProperty = (text: string): string => inData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
