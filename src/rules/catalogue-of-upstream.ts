import { clientRules } from './client/group.ts';
import { hbaRules } from './hba/group.ts';
import { networkRules } from './network/group.ts';
import { primaryRules } from './primary/group.ts';
import { roleRules } from './role/group.ts';
import { slotRules } from './slot/group.ts';
import { tlsRules } from './tls/group.ts';
import type { AnyRule } from './rule.ts';

/** The rules about the server that is copied or followed, and the way to it: they serve every command. */
export const rulesOfUpstream = [
  ...clientRules,
  ...networkRules,
  ...tlsRules,
  ...hbaRules,
  ...roleRules,
  ...primaryRules,
  ...slotRules,
] as const satisfies readonly AnyRule[];
