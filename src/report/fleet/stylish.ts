import type { FleetChanges, FleetReport, KnownFinding, SharedCause } from '../../findings/fleet-report.ts';
import { exactDuration } from '../../postgres/durations.ts';
import { forLogs } from '../for-logs.ts';
import type { View } from '../renderer.ts';
import { columns, counted, indent, justify, padEnd, wrap } from '../layout.ts';
import type { Paint } from '../paint.ts';
import { printable } from '../printable.ts';
import { stylishReport } from '../stylish.ts';
import { knownTogether } from './known-together.ts';
import type { KnownTogether } from './known-together.ts';
import { countsOf, rowsOf, toneOf } from './target-row.ts';

/** The table by verdict, the worst first, and each root cause once; the whole report of a single target. */
export function fleetText(fleet: FleetReport, { width, paint }: Pick<View, 'width' | 'paint'>): string {
  const { targets, causes, since, startedAt, elapsedMs } = fleet;
  const [only, ...others] = targets;
  if (only !== undefined && only.report !== null && others.length === 0 && since === undefined)
    return stylishReport(only.report, { width, paint, full: false });
  const rows = rowsOf(fleet);
  const words = Math.max(0, ...rows.map(({ word }) => word.length));
  const names = Math.max(0, ...rows.map(({ target }) => columns(printable(target))));
  const start = words + names + 6;
  const lines = [
    '',
    ...rows.flatMap((row) => {
      const [first = '', ...rest] = wrap(printable(row.sentence), Math.max(20, width - start));
      return [
        `  ${paint[toneOf(row)](padEnd(row.word, words))}  ${padEnd(printable(row.target), names)}  ${first}`,
        ...indent(rest, start),
      ];
    }),
    ...causes.flatMap((cause) => ['', ...causeText(cause, width, paint)]),
    ...(causes.length === 0 ? [] : ['', '  A fix is in the report of its target: standbylint fleet TARGET']),
    ...(since === undefined ? [] : changesText(since, Date.parse(startedAt), width, paint)),
    '',
    `  ${[counted(targets.length, 'target'), ...(rows.length === 0 ? [] : [countsOf(rows)]), `${(elapsedMs / 1000).toFixed(2)} s`].join(' · ')}`,
    '',
    '',
  ];
  return forLogs(lines.join('\n'));
}

const marks = { error: '✖', warning: '⚠', info: 'ℹ' } as const;

function causeText(
  { severity, title, rule, primary, targets }: SharedCause,
  width: number,
  paint: Paint,
): readonly string[] {
  const lines = wrap(printable(title), width - 4);
  const last = lines.at(-1) ?? '';
  const room = justify(`  ${last}`, rule, width);
  const place = primary === null ? '' : `${printable(primary)}, `;
  const whom = `${place}${counted(targets.length, 'target')}: ${targets.map(printable).join(', ')}`;
  return [
    ...lines.map(
      (line, at) =>
        `${at === 0 ? `${paint.severity[severity](marks[severity])} ` : '  '}${paint.strong(line)}${at === lines.length - 1 && room !== undefined ? `${room.gap}${paint.quiet(rule)}` : ''}`,
    ),
    ...(room === undefined ? [paint.quiet(rule.padStart(width))] : []),
    ...indent(wrap(whom, width - 4), 4),
  ];
}

function changesText(since: FleetChanges, now: number, width: number, paint: Paint): readonly string[] {
  const list = (
    heading: string,
    findings: readonly KnownFinding[],
    lasted: (known: KnownTogether) => string = () => '',
  ): readonly string[] =>
    findings.length === 0
      ? []
      : [
          '',
          `  ${paint.strong(heading)}`,
          ...knownTogether(findings).flatMap((known) => {
            const { targets, title, rule } = known;
            const [first = '', ...rest] = wrap(
              printable(`${targets.join(', ')}: ${title} [${rule}]${lasted(known)}`),
              width - 4,
            );
            return indent([first, ...rest.map((line) => `  ${line}`)], 4);
          }),
        ];
  const age = ({ firstSeen }: KnownTogether): string => exactDuration(now - Date.parse(firstSeen));
  return [
    ...list('New', since.new),
    ...list('Gone', since.gone, (known) => `, after ${age(known)}`),
    ...list('Still there', since.same, (known) => `, for ${age(known)}`),
  ];
}
