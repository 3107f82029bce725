import type { AnyRule } from '../rule.ts';
import { diskFull } from './disk-full.ts';
import { gap } from './gap.ts';
import { invalidRecordLoop } from './invalid-record-loop.ts';
import { segmentRemoved } from './segment-removed.ts';

export const walRules = [segmentRemoved, gap, diskFull, invalidRecordLoop] as const satisfies readonly AnyRule[];
