import type { Finding, Report, Severity } from '../findings/report.ts';
import { acceptedLines, evidenceText, frameText, placeText, shownEvidence, treeText } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { columns, indent, justify, spaced, wrap } from './layout.ts';

/** What a problem says is this far from the margin; evidence two columns further. */
const body = 5;
/** Evidence beyond this, and what the message says already, is for `--full`. */
const fewEvidence = 2;

/** The root causes that the verdict goes by, numbered: what was seen, what proves it, and what follows from it. */
export function problemsText(
  problems: readonly Finding[],
  report: Report,
  context: TextContext,
  full: boolean,
): readonly string[] {
  const byId = new Map(report.findings.map((finding) => [finding.id, finding]));
  return problems.flatMap((finding, at) => {
    const consequences = finding.causes.flatMap((id) => byId.get(id) ?? []);
    const evidence = shownEvidence(finding).filter(
      ({ value, source }) => full || isVariable.test(source) || !finding.message.includes(value),
    );
    return [
      '',
      ...headline(finding, at + 1, context),
      ...indent(wrap(finding.message, context.width - body), body),
      ...acceptedLines(finding, body, context),
      ...treeText(consequences, body, context),
      ...placeText(finding, body, context),
      ...spaced(finding.frame === null ? [] : frameText(finding.frame, body, context)),
      ...spaced(
        evidenceText(full ? evidence : evidence.slice(0, finding.frame === null ? fewEvidence : 0), context, body),
      ),
    ];
  });
}

/** A variable of the environment, which no file shows: where a value comes from is the news. */
const isVariable = /^PG[A-Z]+$/u;

const marks: Readonly<Record<Severity, string>> = { error: '✖', warning: '⚠', info: 'ℹ' };

function headline(
  { severity, title, rule }: Finding,
  number: number,
  { width, paint }: TextContext,
): readonly string[] {
  const mark = `${marks[severity]} ${number}`;
  const start = Math.max(body, columns(mark) + 1);
  const lines = wrap(title, width - start);
  const last = lines.at(-1) ?? '';
  const room = justify(`${' '.repeat(start)}${last}`, rule, width);
  const painted = lines.map((line, index) =>
    index === 0
      ? `${paint.severity[severity](mark)}${' '.repeat(start - columns(mark))}${paint.strong(line)}`
      : `${' '.repeat(start)}${paint.strong(line)}`,
  );
  if (room === undefined) return [...painted, paint.quiet(rule.padStart(width))];
  return [...painted.slice(0, -1), `${painted.at(-1) ?? ''}${room.gap}${paint.quiet(rule)}`];
}

/** Warnings and notes, one line each: `--full` has all of them. */
export const alsoFoundText = (findings: readonly Finding[], context: TextContext): readonly string[] => [
  ...linesText(
    'Also found',
    findings.filter(({ accepted }) => accepted === undefined),
    context,
  ),
  ...linesText(
    'Accepted in the configuration',
    findings.filter(({ accepted }) => accepted !== undefined),
    context,
  ),
];

function linesText(heading: string, findings: readonly Finding[], context: TextContext): readonly string[] {
  if (findings.length === 0) return [];
  const { width, paint } = context;
  return [
    '',
    `  ${heading}`,
    ...findings.flatMap((finding) => {
      const { severity, title, rule } = finding;
      const mark = marks[severity];
      const lines = wrap(title, width - body);
      const room = justify(`${' '.repeat(body)}${lines.at(-1) ?? ''}`, rule, width);
      const shown = lines.map((line, at) =>
        at === 0 ? `   ${paint.severity[severity](mark)} ${line}` : `${' '.repeat(body)}${line}`,
      );
      const lastLines =
        room === undefined
          ? [...shown, paint.quiet(rule.padStart(width))]
          : [...shown.slice(0, -1), `${shown.at(-1) ?? ''}${room.gap}${paint.quiet(rule)}`];
      return [...lastLines, ...acceptedLines(finding, body, context)];
    }),
  ];
}
