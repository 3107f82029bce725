import type { AnyRule } from '../rule.ts';
import { invalidLine } from './invalid-line.ts';
import { methodNeedsOtherPassword } from './method-needs-other-password.ts';
import { noUserMap } from './no-user-map.ts';
import { noReplicationEntry } from './no-replication-entry.ts';
import { notReloaded } from './not-reloaded.ts';
import { openToEveryone } from './open-to-everyone.ts';
import { rejected } from './rejected.ts';
import { shadowed } from './shadowed.ts';
import { weakMethod } from './weak-method.ts';

export const hbaRules = [
  noReplicationEntry,
  rejected,
  shadowed,
  noUserMap,
  notReloaded,
  invalidLine,
  methodNeedsOtherPassword,
  weakMethod,
  openToEveryone,
] as const satisfies readonly AnyRule[];
