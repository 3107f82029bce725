import { clientRules } from './client/group.ts';
import { commandRules } from './command/group.ts';
import { conninfoRules } from './conninfo/group.ts';
import { hbaRules } from './hba/group.ts';
import { logRules } from './log/group.ts';
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

/**
 * Every rule, in the order in which reports list them. What is printed of rules anywhere (docs/rules, the README, the
 * schema, `rules`, `explain`) comes from here.
 */
export const catalogue = [
  ...commandRules,
  ...targetRules,
  ...clientRules,
  ...networkRules,
  ...tlsRules,
  ...hbaRules,
  ...roleRules,
  ...primaryRules,
  ...slotRules,
  ...standbyRules,
  ...conninfoRules,
  ...recoveryRules,
  ...walRules,
  ...timelineRules,
  ...streamingRules,
  ...platformRules,
  ...logRules,
] as const satisfies readonly AnyRule[];

export type RuleId = (typeof catalogue)[number]['id'];

export const ruleNamed = (id: string): AnyRule | undefined => catalogue.find((rule) => rule.id === id);
