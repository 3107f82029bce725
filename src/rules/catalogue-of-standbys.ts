import { rulesOfUpstream } from './catalogue-of-upstream.ts';
import { configurationRules } from './configuration/group.ts';
import { conninfoRules } from './conninfo/group.ts';
import { logRules } from './log/group.ts';
import { managerRules } from './manager/group.ts';
import { platformRules } from './platform/group.ts';
import { recoveryRules } from './recovery/group.ts';
import { standbyRules } from './standby/group.ts';
import { streamingRules } from './streaming/group.ts';
import { timelineRules } from './timeline/group.ts';
import { walRules } from './wal/group.ts';
import type { AnyRule } from './rule.ts';

/** The rules of `postmortem` in the catalogue's order: whoever examines a standby loads no others. */
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
