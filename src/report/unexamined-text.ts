import type { Report, RuleResult } from '../facts/report.ts';
import { bodyIndent } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { counted, indent, spaced, wrap } from './layout.ts';
import { machineName } from './machines.ts';
import { printable } from './printable.ts';

/** What was not examined, once for each cause: how many rules it blinds, and what would show it. */
export function unexaminedText(report: Report, context: TextContext): readonly string[] {
  const accepted = new Set(report.acceptedUnexamined);
  const causes = new Map<string, RuleResult[]>();
  for (const rule of report.rules) {
    if (rule.outcome !== 'unexamined') continue;
    const cause = rule.because ?? '';
    causes.set(cause, [...(causes.get(cause) ?? []), rule]);
  }
  return [...causes].flatMap(([because, rules]) => spaced(causeText(because, rules, accepted, context)));
}

function causeText(
  because: string,
  rules: readonly RuleResult[],
  accepted: ReadonlySet<string>,
  context: TextContext,
): readonly string[] {
  const { width, paint } = context;
  const remedies = [...new Set(rules.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy])))];
  const prose = (text: string): readonly string[] => indent(wrap(text, width - bodyIndent), bodyIndent);
  const known = rules.filter(({ id }) => accepted.has(id)).map(({ id }) => id);
  return [
    `${paint.unsure('? not examined')}  ${counted(rules.length, 'rule')} could not be examined because of this:`,
    ...prose(because),
    ...prose(`Rules: ${rules.length <= fewRules ? rules.map(({ id }) => id).join(', ') : byGroup(rules)}.`).map(
      (line) => paint.quiet(line),
    ),
    ...remedies.flatMap((remedy) => shown(remedy, context)),
    ...(known.length === 0 ? [] : prose(`Accepted without a look: ${known.join(', ')}.`)),
  ];
}

const fewRules = 3;

/** `hba 7, role 5`. */
function byGroup(rules: readonly RuleResult[]): string {
  const groups = new Map<string, number>();
  for (const { id } of rules) {
    const group = id.slice(0, id.indexOf('/'));
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return [...groups].map(([group, count]) => `${group} ${count}`).join(', ');
}

/** Statements stand on a line of their own, behind the prompt of the primary, and are never wrapped. */
function shown(remedy: string, { width, paint, scene }: TextContext): readonly string[] {
  if (!remedy.endsWith(';')) return indent(wrap(`To see it: ${remedy}`, width - bodyIndent), bodyIndent);
  const prompt = paint.prompt(`${machineName('primary', scene)}=#`);
  return [
    `${' '.repeat(bodyIndent)}To see it, grant this:`,
    '',
    ...remedy
      .split(/(?<=;) (?=GRANT )/u)
      .map((statement) => `${' '.repeat(bodyIndent + 2)}${prompt} ${printable(statement)}`),
  ];
}
