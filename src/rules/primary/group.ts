import type { AnyRule } from '../rule.ts';
import { archiveFailing } from './archive-failing.ts';
import { configFileError } from './config-file-error.ts';
import { endOfLife } from './end-of-life.ts';
import { filesMissing } from './files-missing.ts';
import { foreignFile } from './foreign-file.ts';
import { fsyncOff } from './fsync-off.ts';
import { fullPageWritesOff } from './full-page-writes-off.ts';
import { isStandby } from './is-standby.ts';
import { linkedFile } from './linked-file.ts';
import { minorReleaseOld } from './minor-release-old.ts';
import { noFreeSlot } from './no-free-slot.ts';
import { noWalSenders } from './no-wal-senders.ts';
import { pendingRestart } from './pending-restart.ts';
import { primaryProcessStopped } from './process-stopped.ts';
import { senderTimeout } from './sender-timeout.ts';
import { synchronousCommitBlocked } from './synchronous-commit-blocked.ts';
import { unboundedSlotRetention } from './unbounded-slot-retention.ts';
import { unreadableFile } from './unreadable-file.ts';
import { walLevelMinimal } from './wal-level-minimal.ts';
import { walRetention } from './wal-retention.ts';
import { walSendersExhausted } from './wal-senders-exhausted.ts';
import { walSummariesOff } from './wal-summaries-off.ts';
import { inPlaceTablespace } from './in-place-tablespace.ts';
import { nextStartFails } from './next-start-fails.ts';
import { failoverSlotsWait } from './failover-slots-wait.ts';

export const primaryRules = [
  primaryProcessStopped,
  walLevelMinimal,
  noWalSenders,
  walSendersExhausted,
  pendingRestart,
  configFileError,
  filesMissing,
  unreadableFile,
  foreignFile,
  linkedFile,
  noFreeSlot,
  walSummariesOff,
  walRetention,
  unboundedSlotRetention,
  isStandby,
  fullPageWritesOff,
  fsyncOff,
  archiveFailing,
  synchronousCommitBlocked,
  senderTimeout,
  endOfLife,
  minorReleaseOld,
  inPlaceTablespace,
  nextStartFails,
  failoverSlotsWait,
] as const satisfies readonly AnyRule[];
