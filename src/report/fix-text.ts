import type { AppliedStep, Finding, PlannedFix, PlannedStep, Report } from '../findings/report.ts';
import { bodyIndent, stepText } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { counted, indent, justify, spaced, wrap } from './layout.ts';
import { printable } from './printable.ts';

/** What --fix did, what it would do, and what it leaves to a person. */
export function fixText(report: Report, context: TextContext): readonly string[] {
  const { applied, fixes } = report;
  if (applied === undefined || fixes === undefined) return [];
  const planned = fixes.filter(({ decision }) => decision === 'apply');
  const left = fixes.filter(({ decision }) => decision === 'leave');
  // warnings below --fail-on
  const milder = report.findings.filter(
    ({ severity, causedBy, rule, remedy }) =>
      severity === 'warning' && causedBy === null && remedy !== null && fixes.every((fix) => fix.rule !== rule),
  );
  const { paint, width } = context;
  const journal =
    typeof report.journal === 'string'
      ? wrap(
          `What was done is recorded in ${report.journal}. To undo what can be undone: standbylint undo ${report.journal}`,
          width - 2,
        )
      : [];
  return [
    ...spaced(applied.length === 0 ? [] : [`  ${paint.strong('Applied by --fix')}`, ...appliedText(applied, context)]),
    ...spaced(indent(journal, 2)),
    ...spaced(planned.length === 0 ? [] : plannedFixesText(planned, context)),
    ...spaced(
      left.length === 0
        ? []
        : [`  ${paint.strong('To do manually')}`, ...left.flatMap((fix) => leftText(fix, context))],
    ),
    ...(applied.length + fixes.length === 0 && milder.length === 0 ? ['', '  --fix: nothing to fix.'] : []),
    ...spaced(milder.length === 0 ? [] : indent(wrap(milderText(milder), width - 2), 2)),
  ];
}

const milderText = (left: readonly Finding[]): string =>
  `--fix left ${left.length === 1 ? 'a warning' : `${left.length} warnings`} alone (${left.map(({ rule }) => rule).join(', ')}): it fixes errors only. With --fail-on warning it fixes warnings too.`;

const marks = { done: '✔', failed: '✖', left: '–' } as const;

function appliedText(applied: readonly AppliedStep[], context: TextContext): readonly string[] {
  return applied.flatMap(({ rule, step, outcome, output }, at) => [
    ...(applied[at - 1]?.rule === rule ? [] : [`  ${' '.repeat(2)}${context.paint.quiet(rule)}`]),
    ...marked(marks[outcome], stepText(step, context)),
    ...(output === ''
      ? []
      : output.split('\n').flatMap((line) => indent(wrap(line, context.width - bodyIndent - 2), bodyIndent + 2))),
  ]);
}

/** The steps in the order in which they are taken: what is done, by whom, and what it changes in a file. */
function plannedFixesText(plan: readonly PlannedFix[], context: TextContext): readonly string[] {
  const steps = plan
    .flatMap((fix) => fix.steps.map((planned) => ({ fix, planned, number: planned.number ?? 0 })))
    .filter(({ number }, at, all) => all.findIndex((other) => other.number === number) === at)
    .toSorted((one, other) => one.number - other.number);
  return [
    `  ${context.paint.strong(`The plan of --fix: ${counted(steps.length, 'step')}`)}`,
    ...steps.flatMap(({ fix, planned }, at) => [
      ...(steps[at - 1]?.fix === fix ? [] : titled(fix, context)),
      ...plannedText(planned, context),
    ]),
  ];
}

/** One step, for a plan and for a question. */
export function plannedText({ step, as, diff, number = 0 }: PlannedStep, context: TextContext): readonly string[] {
  const { paint } = context;
  const who = `${' '.repeat(bodyIndent)}${paint.quiet(`${number}. as ${printable(as)}`)}`;
  const difference = (diff ?? []).map((line) => {
    const shown = `${' '.repeat(bodyIndent + 2)}${printable(line)}`;
    return /^\+(?!\+\+ )/u.test(line)
      ? paint.good(shown)
      : /^-(?!-- )/u.test(line)
        ? paint.bad(shown)
        : paint.quiet(shown);
  });
  return [who, ...stepText(step, context), ...difference];
}

const leftText = (fix: PlannedFix, context: TextContext): readonly string[] => [
  ...titled(fix, context),
  ...indent(wrap(`Not done by --fix: ${fix.because}.`, context.width - bodyIndent), bodyIndent),
];

function titled({ title, rule }: PlannedFix, { width, paint }: TextContext): readonly string[] {
  const lines = indent(wrap(title, width - 4), 4);
  const room = justify(lines.at(-1) ?? '', rule, width);
  if (room === undefined) return [...lines, paint.quiet(rule.padStart(width))];
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${room.gap}${paint.quiet(rule)}`];
}

/** The mark stands in the margin of the first line. */
const marked = (mark: string, [first = '', ...rest]: readonly string[]): readonly string[] => [
  `    ${mark}${first.slice(5)}`,
  ...rest,
];
