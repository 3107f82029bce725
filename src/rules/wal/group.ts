import type { AnyRule } from '../rule.ts';
import { diskFull } from './disk-full.ts';
import { gap } from './gap.ts';
import { segmentRemoved } from './segment-removed.ts';

export const walRules = [segmentRemoved, gap, diskFull] as const satisfies readonly AnyRule[];
