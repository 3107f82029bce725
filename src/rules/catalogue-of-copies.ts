import { rulesOfUpstream } from './catalogue-of-upstream.ts';
import { commandRules } from './command/group.ts';
import { configurationRules } from './configuration/group.ts';
import { platformRules } from './platform/group.ts';
import { targetRules } from './target/group.ts';
import type { AnyRule } from './rule.ts';

/** The rules of `preflight` and `clone` in the catalogue's order: whoever checks a copy loads no others. */
export const rulesOfCopies = [
  ...commandRules,
  ...targetRules,
  ...rulesOfUpstream,
  ...platformRules,
  ...configurationRules,
] as const satisfies readonly AnyRule[];
