import type { AnyRule } from '../rule.ts';
import { alreadyPrimary } from './already-primary.ts';
import { archiveCommandCopied } from './archive-command-copied.ts';
import { standbyArchivingFails } from './archiving-fails.ts';
import { bothSignals } from './both-signals.ts';
import { cannotListen } from './cannot-listen.ts';
import { standbyConfigFileError } from './config-file-error.ts';
import { controlFileDamaged } from './control-file-damaged.ts';
import { extensionMissing } from './extension-missing.ts';
import { filesClosed } from './files-closed.ts';
import { filesLost } from './files-lost.ts';
import { hbaFileError } from './hba-file-error.ts';
import { incompleteBackup } from './incomplete-backup.ts';
import { standbyLibraryMissing } from './library-missing.ts';
import { standbyLocaleMissing } from './locale-missing.ts';
import { memoryTooSmall } from './memory-too-small.ts';
import { notADataDirectory } from './not-a-data-directory.ts';
import { notRunning } from './not-running.ts';
import { pathMissing } from './path-missing.ts';
import { dataDirectoryPermissions } from './permissions.ts';
import { processStopped } from './process-stopped.ts';
import { rawCopy } from './raw-copy.ts';
import { readOnly } from './read-only.ts';
import { recoveryConfPresent } from './recovery-conf-present.ts';
import { recoverySignalInstead } from './recovery-signal-instead.ts';
import { sharedStorage } from './shared-storage.ts';
import { signalIsDirectory } from './signal-is-directory.ts';
import { signalMisnamed } from './signal-misnamed.ts';
import { signalMissing } from './signal-missing.ts';
import { slotDamaged } from './slot-damaged.ts';
import { slotInvalidated } from './slot-invalidated.ts';
import { stalePidFile } from './stale-pid-file.ts';
import { tablespaceLinkBroken } from './tablespace-link-broken.ts';
import { unusedSlot } from './unused-slot.ts';
import { versionMismatch } from './version-mismatch.ts';
import { walDirectoryMissing } from './wal-directory-missing.ts';
import { wrongOwner } from './wrong-owner.ts';
import { socketMissing } from './socket-missing.ts';
import { startRefused } from './start-refused.ts';
import { subscriberUnfinished } from './subscriber-unfinished.ts';

/** The data directory of a standby that exists. */
export const standbyRules = [
  notADataDirectory,
  sharedStorage,
  signalMissing,
  signalMisnamed,
  signalIsDirectory,
  recoverySignalInstead,
  bothSignals,
  recoveryConfPresent,
  standbyConfigFileError,
  dataDirectoryPermissions,
  readOnly,
  wrongOwner,
  incompleteBackup,
  controlFileDamaged,
  filesLost,
  filesClosed,
  versionMismatch,
  stalePidFile,
  walDirectoryMissing,
  tablespaceLinkBroken,
  alreadyPrimary,
  processStopped,
  standbyLibraryMissing,
  extensionMissing,
  archiveCommandCopied,
  rawCopy,
  pathMissing,
  memoryTooSmall,
  cannotListen,
  standbyLocaleMissing,
  hbaFileError,
  unusedSlot,
  slotDamaged,
  slotInvalidated,
  standbyArchivingFails,
  notRunning,
  socketMissing,
  startRefused,
  subscriberUnfinished,
] as const satisfies readonly AnyRule[];
