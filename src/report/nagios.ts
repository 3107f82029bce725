import type { Report } from '../findings/report.ts';
import type { Measure } from '../findings/scene.ts';
import { acceptedNote } from './accepted.ts';
import { forLogs } from './for-logs.ts';
import { sceneOf } from './machines.ts';
import { printable } from './printable.ts';
import { verdictSentence, verdictWords } from './verdict-text.ts';

/**
 * One line for a monitoring system: the state, the verdict, the root causes, and behind the bar the performance data
 * (Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance data").
 */
export function nagios(report: Report): string {
  const { findings } = report;
  const figures = performanceData(report);
  const causes = findings
    .filter(({ severity, causedBy }) => causedBy === null && severity !== 'info')
    .map((finding) => `${finding.title} [${finding.rule}]${acceptedNote(finding)}`);
  const said = `${verdictWords[report.verdict]}: ${verdictSentence(report, sceneOf(report))}`;
  const text = inPlugin([said, ...causes].join('; '));
  return pluginLine(pluginStatus(report), text, figures);
}

/** What a plugin says; its state comes first. */
export function pluginLine(status: PluginStatus, text: string, figures = ''): string {
  const behind = figures === '' ? '' : ` | ${figures}`;
  const start = `STANDBYLINT ${states[status]} - `;
  return `${start}${within(text, mostBytes - Buffer.byteLength(`${start}${behind}\n`))}${behind}\n`;
}

export type PluginStatus = 0 | 1 | 2 | 3;

const states = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/**
 * The exit status of a plugin: 3 where a rule crashed or nobody can say, 2 for an error and for a step that failed, 1 for
 * a warning.
 */
export function pluginStatus({ rules, findings, steps = [], verdict }: Report): PluginStatus {
  if (rules.some(({ outcome }) => outcome === 'crashed')) return 3;
  const counting = findings.filter(({ accepted }) => accepted === undefined);
  if (counting.some(({ severity }) => severity === 'error')) return 2;
  if (steps.some(({ outcome }) => outcome === 'failed')) return 2;
  if (verdict === 'unknown') return 3;
  return counting.some(({ severity }) => severity === 'warning') ? 1 : 0;
}

/** What Nagios reads of a plugin's output (MAX_PLUGIN_OUTPUT_LENGTH before 4.0; more is cut off there, performance data too). */
const mostBytes = 4096;

/** A bar would begin the performance data, and the web pages of Nagios show what is printed as HTML. */
export const inPlugin = (text: string): string =>
  forLogs(printable(text).replaceAll(/[|<>&`]/gu, (one) => `\\x${one.charCodeAt(0).toString(16)}`));

function within(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let cut = '';
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes - 3) break;
    cut += character;
  }
  return `${cut}...`;
}

function performanceData({ summary, elapsedMs, measures = [] }: Report): string {
  return [
    `errors=${summary.error}`,
    `warnings=${summary.warning}`,
    `not_checked=${summary.unexamined}`,
    `time=${elapsedMs / 1000}s`,
    ...measures.map(({ name, unit, value, of }) => {
      const most = of === undefined ? '' : `;;;0;${of}`;
      return `${name.replaceAll('-', '_')}=${value}${units[unit]}${most}`;
    }),
  ].join(' ');
}

const units: Readonly<Record<Measure['unit'], string>> = { bytes: 'B', seconds: 's', count: '' };
