import { publicFacts } from '../facts/public-facts.ts';
import type { Fault, Judgement } from '../findings/judgement.ts';
import type { Risk, Severity, Side } from '../findings/report.ts';
import type { OwnFinding, OwnRule } from './own-rule.ts';
import type { AnyRule } from './rule.ts';

/**
 * The rules as the engine takes them, from what a file or a caller gave. `source` is where they come from, for messages and for
 * the report. Throws an `Error` with one sentence where one is no rule, or its id cannot be taken.
 */
export function ownRules(given: unknown, source: string, taken: readonly string[]): readonly AnyRule[] {
  const list = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw new Error('there is no rule in it');
  const groups = new Set(taken.map(groupOf));
  const ids = new Set<string>();
  return list.map((one: unknown, index) => {
    const rule = checkedRule(one, `rule ${index + 1}`);
    if (groups.has(groupOf(rule.id)))
      throw new Error(`${rule.id}: the group "${groupOf(rule.id)}" is one of standbylint's, choose another one`);
    if (ids.has(rule.id)) throw new Error(`${rule.id} is there twice`);
    ids.add(rule.id);
    return asRule(rule, source);
  });
}

const groupOf = (id: string): string => id.split('/')[0] ?? '';

function asRule(rule: OwnRule, source: string): AnyRule {
  const { id, title, severity, commands, needs, wants = [], docs = source } = rule;
  return {
    ...{ id, title, severity, commands, needs, wants, source },
    docs: { what: title, why: '', references: [docs] },
    // the same facts are for other rules too
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine gives what is declared
    judge: (facts) => checkedJudgement(rule.judge(structuredClone(facts) as Parameters<OwnRule['judge']>[0])),
  };
}

const severities: readonly unknown[] = ['error', 'warning', 'info'] satisfies Severity[];
const sides: readonly unknown[] = ['primary', 'standby', 'client'] satisfies Side[];
const risks: readonly unknown[] = ['safe', 'disruptive', 'destructive'] satisfies Risk[];
const members = ['id', 'title', 'severity', 'commands', 'needs', 'wants', 'docs', 'judge'];

type Members = Readonly<Record<string, unknown>>;

/** A condition that holds for what is a rule, or a finding of one. */
function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkedRule(value: unknown, name: string): OwnRule {
  must(isObject(value), `${name} is not an object`);
  const { id, title, severity, commands, needs, wants = [], docs, judge } = value;
  must(
    typeof id === 'string' && /^[a-z][a-z0-9-]*\/[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(id),
    `${name}: "id" must be group/name of small letters, digits and hyphens, such as company/wal-keep-size`,
  );
  const unknown = Object.keys(value).find((key) => !members.includes(key));
  must(unknown === undefined, `${id}: a rule has no member "${unknown}", only ${members.join(', ')}`);
  must(isText(title), `${id}: "title" must be a text`);
  must(severities.includes(severity), `${id}: "severity" must be error, warning or info`);
  must(
    Array.isArray(commands) &&
      commands.length > 0 &&
      commands.every((one: unknown) => one === 'preflight' || one === 'postmortem'),
    `${id}: "commands" must be a list of preflight and postmortem`,
  );
  for (const [key, facts] of Object.entries({ needs, wants })) {
    must(Array.isArray(facts), `${id}: "${key}" must be a list of facts`);
    const other: unknown = facts.find((fact: unknown) => typeof fact !== 'string' || !Object.hasOwn(publicFacts, fact));
    must(
      other === undefined,
      `${id}: "${key}" names ${JSON.stringify(other)}, which is not a fact for rules of your own; they are ${Object.keys(publicFacts).join(', ')}`,
    );
  }
  must(docs === undefined || isText(docs), `${id}: "docs" must be a text`);
  must(typeof judge === 'function', `${id}: "judge" must be a function`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that is what was checked
  return value as unknown as OwnRule;
}

/** What the rule gave back, as the engine has it. Throws an `Error` with a sentence: the rule is `crashed` then. */
function checkedJudgement(value: unknown): Judgement {
  must(
    isObject(value) && !(value instanceof Promise),
    `judge() must return what pass(), fail() and their neighbors make${value instanceof Promise ? ', and no promise' : ''}`,
  );
  const { outcome, because, why, findings } = value;
  switch (outcome) {
    case 'passed':
    case 'not-applicable':
      must(isText(because), `judge() says ${outcome}, but "because" is not a text`);
      return { outcome, because };
    case 'unexamined':
      must(isObject(why) && isText(why['because']), 'judge() says "unexamined", but "why.because" is not a text');
      return { outcome, why: { kind: 'not-asked', because: why['because'], ...remedyOf(why) } };
    case 'failed':
      must(Array.isArray(findings) && findings.length > 0, 'judge() says failed, but "findings" is empty');
      return { outcome, findings: findings.map((one: unknown, index) => checkedFinding(one, `finding ${index + 1}`)) };
    default:
      throw new Error('judge() must return an "outcome": "passed", "failed", "not-applicable" or "unexamined"');
  }
}

const remedyOf = ({ remedy }: Members): { readonly remedy?: string } => (isText(remedy) ? { remedy } : {});

function checkedFinding(value: unknown, name: string): Fault {
  must(isObject(value), `${name} is not an object`);
  const { title, severity, message, where, evidence, remedy } = value;
  must(title === undefined || isText(title), `${name}: "title" must be a text`);
  must(severity === undefined || severities.includes(severity), `${name}: "severity" must be error, warning or info`);
  must(isText(message), `${name}: "message" must be a text`);
  must(
    isObject(where) && sides.includes(where['side']),
    `${name}: "where" must be what at('primary' or 'standby' or 'client') makes`,
  );
  must(
    Array.isArray(evidence) &&
      evidence.every((one: unknown) => isObject(one) && isText(one['label']) && isAllText(one, ['value', 'source'])),
    `${name}: "evidence" must be a list of what evidence(label, value, source) makes`,
  );
  must(remedy === undefined || isRemedy(remedy), `${name}: "remedy" must have a summary, a risk and steps`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that is what was checked
  const { remedy: wayOut, ...finding } = { ...value } as unknown as OwnFinding;
  return {
    ...(finding.title === undefined ? {} : { title: finding.title }),
    ...(finding.severity === undefined ? {} : { severity: finding.severity }),
    message: finding.message,
    where: finding.where,
    evidence: finding.evidence.map(({ label, value: seen, source }) => ({ label, value: seen, source })),
    ...(wayOut === undefined ? {} : { remedy: byHand(wayOut) }),
  };
}

const isAllText = (value: Members, keys: readonly string[]): boolean =>
  keys.every((key) => typeof value[key] === 'string');

const isRemedy = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['summary']) &&
  risks.includes(value['risk']) &&
  Array.isArray(value['steps']) &&
  value['steps'].length > 0 &&
  value['steps'].every(
    (step: unknown) =>
      isObject(step) &&
      sides.includes(step['on']) &&
      ['sql', 'shell', 'manual'].includes(String(step['kind'])) &&
      isText(step['text']),
  );

/** Its steps are for a person: nothing runs them. */
const byHand = ({ summary, risk, steps }: NonNullable<OwnFinding['remedy']>): NonNullable<Fault['remedy']> => ({
  summary,
  risk,
  steps: steps.map(({ on, kind, text }) => ({ on, kind, text, does: 'by-hand' })),
});
