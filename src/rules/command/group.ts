import type { AnyRule } from '../rule.ts';
import { noManifest } from './no-manifest.ts';
import { noRecoveryConf } from './no-recovery-conf.ts';
import { noSlot } from './no-slot.ts';
import { noSync } from './no-sync.ts';
import { optionNotSupported } from './option-not-supported.ts';
import { optionsConflict } from './options-conflict.ts';
import { passwordOnTheCommandLine } from './password-on-the-command-line.ts';
import { spreadCheckpoint } from './spread-checkpoint.ts';
import { tarFormat } from './tar-format.ts';
import { walFetchedAtTheEnd } from './wal-fetched-at-the-end.ts';
import { walNotIncluded } from './wal-not-included.ts';
import { incrementalBackup } from './incremental-backup.ts';
import { incrementalManifest } from './incremental-manifest.ts';

export const commandRules = [
  noRecoveryConf,
  walNotIncluded,
  walFetchedAtTheEnd,
  optionNotSupported,
  optionsConflict,
  noSlot,
  spreadCheckpoint,
  passwordOnTheCommandLine,
  tarFormat,
  noSync,
  noManifest,
  incrementalBackup,
  incrementalManifest,
] as const satisfies readonly AnyRule[];
