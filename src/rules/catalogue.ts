import { clientRules } from './client/group.ts';
import { commandRules } from './command/group.ts';
import { configurationRules } from './configuration/group.ts';
import { conninfoRules } from './conninfo/group.ts';
import { hbaRules } from './hba/group.ts';
import { logRules } from './log/group.ts';
import { managerRules } from './manager/group.ts';
import { networkRules } from './network/group.ts';
import { platformRules } from './platform/group.ts';
import { primaryRules } from './primary/group.ts';
import { recoveryRules } from './recovery/group.ts';
import { roleRules } from './role/group.ts';
import { slotRules } from './slot/group.ts';
import { standbyRules } from './standby/group.ts';
import { streamingRules } from './streaming/group.ts';
import { targetRules } from './target/group.ts';
import { timelineRules } from './timeline/group.ts';
import { tlsRules } from './tls/group.ts';
import { walRules } from './wal/group.ts';
import type { AnyRule } from './rule.ts';

export type { RuleId } from '../findings/rule-ids.ts';

/** About the server that is copied or followed, and the way to it: they serve every command. */
const rulesOfUpstream = [
  ...clientRules,
  ...networkRules,
  ...tlsRules,
  ...hbaRules,
  ...roleRules,
  ...primaryRules,
  ...slotRules,
] as const satisfies readonly AnyRule[];

/** The rules of `preflight` and `clone`. */
export const rulesOfCopies = [
  ...commandRules,
  ...targetRules,
  ...rulesOfUpstream,
  ...platformRules,
  ...configurationRules,
] as const satisfies readonly AnyRule[];

/** The rules of `postmortem`. */
export const rulesOfStandbys = [
  ...rulesOfUpstream,
  ...standbyRules,
  ...conninfoRules,
  ...recoveryRules,
  ...walRules,
  ...timelineRules,
  ...streamingRules,
  ...managerRules,
  ...platformRules,
  ...logRules,
  ...configurationRules,
] as const satisfies readonly AnyRule[];

/**
 * Every rule, in the order in which reports list them. What is printed of rules anywhere (docs/rules, the schema,
 * `rules`, `explain`) comes from here.
 */
export const catalogue = [...commandRules, ...targetRules, ...rulesOfStandbys] as const satisfies readonly AnyRule[];
