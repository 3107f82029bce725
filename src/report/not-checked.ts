import type { Report, RuleResult } from '../findings/report.ts';
import { bodyIndent } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { columns, counted, indent, spaced, wrap } from './layout.ts';
import { machineName } from './machines.ts';
import { printable } from './printable.ts';

/**
 * What could not be checked: a line for each reason, with the number of rules and what would show them. In full, or where
 * the verdict waits for it: the rules by name, and the statements that grant what is missing.
 */
export function notCheckedText(report: Report, context: TextContext, full: boolean): readonly string[] {
  const reasons = new Map<string, RuleResult[]>();
  for (const rule of report.rules) {
    if (rule.outcome !== 'unexamined') continue;
    const reason = rule.because ?? '';
    reasons.set(reason, [...(reasons.get(reason) ?? []), rule]);
  }
  const whole = full || report.verdict === 'unknown';
  // one superuser's connection shows all of it: what each single GRANT would show need not be told beside that
  const isOneWay = !full && [...reasons.values()].some((rules) => remediesOf(rules).some(isAdmin));
  return spaced(
    [...reasons].flatMap(([because, rules]) =>
      whole && !(isOneWay && remediesOf(rules).some(isSql))
        ? wholeReason(because, rules, report, context)
        : shortReason(because, rules, context),
    ),
  );
}

function shortReason(because: string, rules: readonly RuleResult[], { width, paint }: TextContext): readonly string[] {
  const remedies = remediesOf(rules).map((remedy) =>
    isSql(remedy) ? 'a GRANT: see --full' : remedy.replace(/,.*$/su, ''),
  );
  const how = remedies.length === 0 ? '' : ` (${remedies.join('; ')})`;
  const whole = `Not checked: ${counted(rules.length, 'rule')}, ${because}${how}`;
  // how the login ended is a problem above, or what --full shows
  const brief = `Not checked: ${counted(rules.length, 'rule')}, ${because.replace(/(?<= ended before that): .*$/su, '')}${how}`;
  const [first = '', ...rest] = wrap(columns(printable(whole)) <= width - 2 ? whole : brief, width - 2);
  return [`  ${first}`, ...indent(rest, 4)].map((line) => paint.quiet(line));
}

function wholeReason(
  because: string,
  rules: readonly RuleResult[],
  { acceptedUnexamined }: Report,
  context: TextContext,
): readonly string[] {
  const { width, paint } = context;
  const prose = (text: string): readonly string[] => indent(wrap(text, width - body), body);
  const accepted = rules.filter(({ id }) => acceptedUnexamined.includes(id)).map(({ id }) => id);
  return [
    `${paint.unsure('?')} ${paint.strong(`Not checked: ${counted(rules.length, 'rule')}`)}`,
    ...prose(because),
    ...prose(`Rules: ${rules.length <= fewRules ? rules.map(({ id }) => id).join(', ') : byGroup(rules)}`).map((line) =>
      paint.quiet(line),
    ),
    ...remediesOf(rules).flatMap((remedy) => shown(remedy, context)),
    ...(accepted.length === 0 ? [] : prose(`Accepted by --accept-unexamined: ${accepted.join(', ')}`)),
  ];
}

const body = 5;
const fewRules = 3;

const remediesOf = (rules: readonly RuleResult[]): readonly string[] => [
  ...new Set(rules.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]))),
];

const isSql = (remedy: string): boolean => remedy.endsWith(';');

const isAdmin = (remedy: string): boolean => remedy.startsWith('add --admin ');

/** `hba 7, role 5`. */
function byGroup(rules: readonly RuleResult[]): string {
  const groups = new Map<string, number>();
  for (const { id } of rules) {
    const group = id.slice(0, id.indexOf('/'));
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return [...groups].map(([group, count]) => `${group} ${count}`).join(', ');
}

/** Statements are on a line of their own, behind the prompt of the primary, and are never wrapped. */
function shown(remedy: string, { width, paint, scene }: TextContext): readonly string[] {
  if (!isSql(remedy)) return indent(wrap(`To check them: ${remedy}`, width - body), body);
  const prompt = paint.prompt(`${machineName('primary', scene)}=#`);
  return [
    `${' '.repeat(body)}To check them:`,
    ...remedy
      .split(/(?<=;) (?=GRANT )/u)
      .map((statement) => `${' '.repeat(bodyIndent)}${prompt} ${printable(statement)}`),
  ];
}
