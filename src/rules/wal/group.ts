import type { AnyRule } from '../rule.ts';
import { diskFull } from './disk-full.ts';
import { gap } from './gap.ts';
import { invalidRecordLoop } from './invalid-record-loop.ts';
import { segmentDamaged } from './segment-damaged.ts';
import { segmentRemoved } from './segment-removed.ts';
import { segmentSizeDiffers } from './segment-size-differs.ts';

export const walRules = [
  segmentSizeDiffers,
  segmentRemoved,
  gap,
  segmentDamaged,
  diskFull,
  invalidRecordLoop,
] as const satisfies readonly AnyRule[];
