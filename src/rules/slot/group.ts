import type { AnyRule } from '../rule.ts';
import { atRisk } from './at-risk.ts';
import { existsAlready } from './exists-already.ts';
import { inUse } from './in-use.ts';
import { invalidName } from './invalid-name.ts';
import { isLogical } from './is-logical.ts';
import { keepSizeBelowCopy } from './keep-size-below-copy.ts';
import { lost } from './lost.ts';
import { missing } from './missing.ts';
import { notSynchronized } from './not-synchronized.ts';
import { noWalReserved } from './no-wal-reserved.ts';

export const slotRules = [
  missing,
  existsAlready,
  inUse,
  isLogical,
  invalidName,
  lost,
  atRisk,
  noWalReserved,
  notSynchronized,
  keepSizeBelowCopy,
] as const satisfies readonly AnyRule[];
