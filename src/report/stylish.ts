import type { Finding, Report, Side } from '../facts/report.ts';
import { closingText } from './closing-text.ts';
import { fixText } from './fix-text.ts';
import { evidenceText, findingText } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { columns, indent, spaced, wrap } from './layout.ts';
import { sceneOf } from './machines.ts';
import type { Scene } from './machines.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';
import { recoveryText } from './recovery-text.ts';
import { sizeText } from './size-text.ts';
import { standbyHead } from './standby-head.ts';
import { unexaminedText } from './unexamined-text.ts';

export interface StylishOptions {
  /** Columns; see `textWidth` of src/cli/terminal.ts. */
  readonly width: number;
  readonly paint: Paint;
  /** What is known of the machines beside what stands in the report. */
  readonly scene?: Scene;
}

/** The report for people: root causes first, each with its evidence, its consequences and what to type on which machine. */
export function stylish(report: Report, options: StylishOptions): string {
  const context: TextContext = {
    width: options.width,
    paint: options.paint,
    scene: options.scene ?? sceneOf(report.subject.primary),
  };
  const byId = new Map(report.findings.map((finding) => [finding.id, finding]));
  const roots = report.findings.filter(({ causedBy }) => causedBy === null);
  const consequences = ({ causes }: Finding): readonly Finding[] => causes.flatMap((id) => byId.get(id) ?? []);
  return [
    '',
    ...(report.command === 'postmortem' ? standbyHead : headText)(report, context),
    ...roots.flatMap((finding) => ['', ...findingText(finding, consequences(finding), context)]),
    ...recoveryText(report, context),
    ...crashText(report, context),
    ...unexaminedText(report, context),
    ...stepsText(report, context),
    ...fixText(report, context),
    '',
    ...closingText(report, context),
    ...whereToType(roots, context),
    '',
  ].join('\n');
}

/** `db1:5432  PostgreSQL 15.18 primary, 41 GB   →   /var/lib/postgresql/15/main on this host`, on two lines where it must. */
function headText({ subject }: Report, { width, paint, scene }: TextContext): readonly string[] {
  const server =
    subject.serverVersion === null
      ? ''
      : `  PostgreSQL ${printable(subject.serverVersion)} ${scene.source}${scene.copyBytes === undefined ? '' : `, ${sizeText(scene.copyBytes)}`}`;
  const from = printable(scene.endpoint);
  const to = subject.dataDirectory === null ? '' : `${printable(subject.dataDirectory)} on this host`;
  const left = `  ${paint.strong(from)}${server}`;
  if (to === '') return [left];
  return columns(`  ${from}${server}   →   ${to}`) <= width
    ? [`${left}   →   ${paint.strong(to)}`]
    : [left, `  →  ${paint.strong(to)}`];
}

function crashText({ rules }: Report, { width, paint }: TextContext): readonly string[] {
  return rules
    .filter(({ outcome }) => outcome === 'crashed')
    .map(({ id, because }) => `! ${id} could not be judged, by a fault of standbylint itself: ${because ?? ''}`)
    .flatMap((text) => spaced(wrap(text, width).map((line) => paint.bad(line))));
}

const outcomes = { done: '✔', failed: '✖', skipped: '–' } as const;

function stepsText({ steps }: Report, context: TextContext): readonly string[] {
  const lines = (steps ?? []).map(({ name, outcome, elapsedMs, details }) => {
    const time = outcome === 'skipped' ? '' : `, ${(elapsedMs / 1000).toFixed(2)} s`;
    return [`  ${outcomes[outcome]} ${printable(name)}${time}`].concat(evidenceText(details, context));
  });
  return spaced(lines.flat());
}

/** Said once, and only where commands are shown that need it. */
function whereToType(roots: readonly Finding[], { width, paint, scene }: TextContext): readonly string[] {
  const steps = roots.flatMap(({ remedy }) =>
    [remedy, ...(remedy?.alternatives ?? [])].flatMap((way) => way?.steps ?? []),
  );
  const has = (on: Side, kind: 'shell' | 'sql'): boolean => steps.some((step) => step.kind === kind && step.on === on);
  const name = printable(scene.primaryName);
  const parts = [
    ...(has('primary', 'shell') ? [`"${name}$" is a shell of the user that owns the data directory there`] : []),
    ...(has('primary', 'sql') ? [`"${name}=#" is psql as a superuser there`] : []),
    ...(has('standby', 'shell') ? ['"here$" is a shell of the user that owns the standby\'s data directory'] : []),
    ...(has('standby', 'sql') ? ['"here=#" is psql as a superuser on the standby'] : []),
  ];
  return parts.length === 0 ? [] : indent(wrap(`${parts.join(', ')}.`, width - 2), 2).map((line) => paint.quiet(line));
}
