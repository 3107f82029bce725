import type { AnyRule } from '../rule.ts';
import { configurationLowerThanPrimary } from './configuration-lower-than-primary.ts';
import { danglingLink } from './dangling-link.ts';
import { diskSpace } from './disk-space.ts';
import { isPrimaryDataDirectory } from './is-primary-data-directory.ts';
import { mappingMatchesNothing } from './mapping-matches-nothing.ts';
import { targetMemoryTooSmall } from './memory-too-small.ts';
import { notADirectory } from './not-a-directory.ts';
import { notEmpty } from './not-empty.ts';
import { notWritable } from './not-writable.ts';
import { permissions } from './permissions.ts';
import { portInUse } from './port-in-use.ts';
import { runAsRoot } from './run-as-root.ts';
import { serverRunning } from './server-running.ts';
import { targetSharedStorage } from './shared-storage.ts';
import { settingRefused } from './setting-refused.ts';
import { tablespaceCollision } from './tablespace-collision.ts';
import { tablespaceNotWritable } from './tablespace-not-writable.ts';
import { volatileFilesystem } from './volatile-filesystem.ts';
import { waldirNotAbsolute } from './waldir-not-absolute.ts';
import { waldirNotEmpty } from './waldir-not-empty.ts';
import { wrongMount } from './wrong-mount.ts';
import { wrongOwner } from './wrong-owner.ts';
import { serverDirectoryNotEmpty } from './server-directory-not-empty.ts';

/** Where the standby is to be. */
export const targetRules = [
  notEmpty,
  serverRunning,
  isPrimaryDataDirectory,
  targetSharedStorage,
  notADirectory,
  danglingLink,
  permissions,
  notWritable,
  runAsRoot,
  wrongOwner,
  diskSpace,
  tablespaceCollision,
  tablespaceNotWritable,
  waldirNotEmpty,
  waldirNotAbsolute,
  volatileFilesystem,
  wrongMount,
  mappingMatchesNothing,
  configurationLowerThanPrimary,
  targetMemoryTooSmall,
  settingRefused,
  portInUse,
  serverDirectoryNotEmpty,
] as const satisfies readonly AnyRule[];
