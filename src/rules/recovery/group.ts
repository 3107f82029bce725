import type { AnyRule } from '../rule.ts';
import { archiveOfAnotherCluster } from './archive-of-another-cluster.ts';
import { backupNotEnded } from './backup-not-ended.ts';
import { commandHangs } from './command-hangs.ts';
import { delayed } from './delayed.ts';
import { hotStandbyOff } from './hot-standby-off.ts';
import { replayPaused } from './replay-paused.ts';
import { restoreCommandFails } from './restore-command-fails.ts';
import { settingsLowerThanPrimary } from './settings-lower-than-primary.ts';
import { targetSet } from './target-set.ts';
import { timelineNotLatest } from './timeline-not-latest.ts';
import { waitsForTransactions } from './waits-for-transactions.ts';

export const recoveryRules = [
  settingsLowerThanPrimary,
  targetSet,
  timelineNotLatest,
  restoreCommandFails,
  archiveOfAnotherCluster,
  commandHangs,
  hotStandbyOff,
  waitsForTransactions,
  backupNotEnded,
  replayPaused,
  delayed,
] as const satisfies readonly AnyRule[];
