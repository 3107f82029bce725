import type { FactName, Facts } from '../facts/facts.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { Severity } from '../findings/report.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { Fault } from '../findings/judgement.ts';

export interface Judged {
  readonly rule: AnyRule;
  readonly result:
    | { readonly outcome: 'passed' | 'not-applicable' | 'crashed'; readonly because: string }
    | {
        readonly outcome: 'unexamined';
        readonly because: string;
        readonly remedy: string | undefined;
        /** The gravest that the fault could be, where that is less than the rule's own. */
        readonly severity?: Severity;
        /** A connection given with --admin would show it. */
        readonly needsAdmin?: true;
      }
    | { readonly outcome: 'failed'; readonly faults: readonly Fault[] };
}

/** Judges one rule: not called at all where a fact that it needs does not apply or was not seen. */
export function judge(rule: AnyRule, facts: Partial<Facts>): Judged {
  const given: Record<string, unknown> = {};
  let missing: Judged['result'] | undefined;
  for (const name of rule.needs) {
    const fact: Observed<unknown> | undefined = facts[name];
    if (fact === undefined) throw new Error(`${rule.id} needs ${name}, which was not checked`);
    if (fact.status === 'not-applicable') return { rule, result: { outcome: 'not-applicable', because: fact.why } };
    if (fact.status === 'unseen') missing ??= unexaminedFor(fact.why);
    else given[name] = fact.value;
  }
  if (missing !== undefined) return { rule, result: missing };
  for (const name of onlyWanted(rule)) given[name] = facts[name];
  try {
    const judgement = rule.judge(given);
    switch (judgement.outcome) {
      case 'failed':
        return { rule, result: { outcome: 'failed', faults: judgement.findings } };
      case 'unexamined':
        return {
          rule,
          result: {
            ...unexaminedFor(judgement.why),
            ...(judgement.severity === undefined ? {} : { severity: judgement.severity }),
          },
        };
      case 'passed':
      case 'not-applicable':
        return { rule, result: judgement };
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { rule, result: { outcome: 'crashed', because: message } };
  }
}

/** What is needed stays a value, also where a rule hands on a whole list of facts that it wants. */
function onlyWanted(rule: AnyRule): readonly FactName[] {
  const known = wantedBy.get(rule) ?? (rule.wants ?? []).filter((name) => !rule.needs.includes(name));
  wantedBy.set(rule, known);
  return known;
}

const wantedBy = new WeakMap<AnyRule, readonly FactName[]>();

const unexaminedFor = ({ because, remedy, needsAdmin }: Unseen) =>
  ({ outcome: 'unexamined', because, remedy, ...(needsAdmin === true ? { needsAdmin } : {}) }) as const;
