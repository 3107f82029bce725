import type { AnyRule } from '../rule.ts';
import { historyMissing } from './history-missing.ts';
import { behindPrimarySwitch } from './behind-primary-switch.ts';
import { diverged } from './diverged.ts';
import { strayHistoryFile } from './stray-history-file.ts';
import { systemIdentifierDiffers } from './system-identifier-differs.ts';
import { twoPrimaries } from './two-primaries.ts';

export const timelineRules = [
  historyMissing,
  systemIdentifierDiffers,
  diverged,
  behindPrimarySwitch,
  twoPrimaries,
  strayHistoryFile,
] as const satisfies readonly AnyRule[];
