import { rulesOfStandbys } from './catalogue-of-standbys.ts';
import { commandRules } from './command/group.ts';
import type { AnyRule } from './rule.ts';
import { targetRules } from './target/group.ts';

/**
 * Every rule, in the order in which reports list them. What is printed of rules anywhere (docs/rules, the schema,
 * `rules`, `explain`) comes from here.
 */
export const catalogue = [...commandRules, ...targetRules, ...rulesOfStandbys] as const satisfies readonly AnyRule[];

export type { RuleId } from '../findings/rule-ids.ts';
