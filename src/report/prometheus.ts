import type { Report } from '../findings/report.ts';
import type { Measure } from '../findings/scene.ts';
import { forLogs } from './for-logs.ts';
import { printable } from './printable.ts';

/** Metrics in Prometheus' text format (version 0.0.4): each family once, with its help and its type. */
export const prometheus = (report: Report): string => metricsText(familiesOf(report));

/** A family of metrics: its samples are written one after the other, below its help. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export function familiesOf(report: Report, more: Readonly<Record<string, string>> = {}): readonly Family[] {
  const { tool, verdict, summary, findings, rules, elapsedMs, startedAt, measures = [], configuration } = report;
  const crashed = rules.filter(({ outcome }) => outcome === 'crashed').length;
  const ofWhom = { ...more, ...labelsOf(report) };
  const family = (name: string, help: string, samples: readonly Sample[]): readonly Family[] =>
    samples.length === 0
      ? []
      : [{ name, help, samples: samples.map(([labels, value]) => [{ ...ofWhom, ...labels }, value]) }];
  return [
    ...family('info', 'The version of standbylint that ran.', [[{ version: tool.version }, 1]]),
    ...family(
      'verdict',
      'The verdict of the last run: 1 for the one that holds.',
      verdicts.map((one) => [{ verdict: one }, one === verdict ? 1 : 0]),
    ),
    ...family('findings', 'Findings of the last run, by severity.', [
      [{ severity: 'error' }, summary.error],
      [{ severity: 'warning' }, summary.warning],
      [{ severity: 'info' }, summary.info],
    ]),
    ...family(
      'accepted_findings',
      'Findings of the last run that the configuration accepts.',
      configuration === undefined ? [] : [[{}, findings.filter(({ accepted }) => accepted !== undefined).length]],
    ),
    ...family('rule_findings', 'Findings of the last run, by rule and severity.', byRule(findings)),
    ...family('rules', 'Rules of the last run, by outcome.', [
      [{ outcome: 'passed' }, summary.passed],
      [{ outcome: 'failed' }, rules.filter(({ outcome }) => outcome === 'failed').length],
      [{ outcome: 'unexamined' }, summary.unexamined],
      [{ outcome: 'not-applicable' }, summary.notApplicable],
      [{ outcome: 'crashed' }, crashed],
    ]),
    ...measures.flatMap((measure) => family(metricOf(measure), helps[measure.name], [[{}, measure.value]])),
    ...family('run_duration_seconds', 'How long the last run took.', [[{}, elapsedMs / 1000]]),
    ...family('last_run_timestamp_seconds', 'When the last run began, in Unix time.', [
      [{}, Date.parse(startedAt) / 1000],
    ]),
  ];
}

export const metricsText = (families: readonly Family[]): string =>
  `${families
    .flatMap(({ name, help, samples }) => [
      `# HELP standbylint_${name} ${help}`,
      `# TYPE standbylint_${name} gauge`,
      ...samples.map(([labels, value]) => `standbylint_${name}${labelText(labels)} ${value}`),
    ])
    .join('\n')}\n`;

export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

const verdicts: readonly Report['verdict'][] = ['ready', 'blocked', 'healthy', 'degraded', 'broken', 'unknown'];

/** Which server it is: the files of several runs are collected into one page. */
const labelsOf = ({ command, subject }: Report): Readonly<Record<string, string>> => ({
  command,
  primary: subject.primary ?? '',
  data_directory: subject.dataDirectory ?? '',
});

/** Two samples with the same labels would make the whole file invalid. */
function byRule(findings: Report['findings']): readonly Sample[] {
  const counts = new Map<string, Sample>();
  for (const { rule, severity } of findings) {
    const key = `${severity} ${rule}`;
    counts.set(key, [{ rule, severity }, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return [...counts.values()];
}

/** Three characters have escapes of their own in a label's value; the other control characters are shown as in all reports. */
const labelText = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${forLogs(printable(value)).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
    .join(',')}}`;

const metricOf = ({ name, unit }: Measure): string =>
  `${name.replaceAll('-', '_')}${unit === 'count' ? '' : `_${unit}`}`;

const helps: Readonly<Record<Measure['name'], string>> = {
  'replay-lag': 'WAL that the standby has not replayed yet.',
  'replay-delay': 'How old the data that the standby shows is.',
  'free-wal-senders': 'WAL senders that the primary has free.',
  'free-space': 'Free space on the disk of the data directory.',
};
