import type { AnyRule } from '../rule.ts';
import { noManifest } from './no-manifest.ts';
import { noRecoveryConf } from './no-recovery-conf.ts';
import { noSync } from './no-sync.ts';
import { optionNotSupported } from './option-not-supported.ts';
import { optionsConflict } from './options-conflict.ts';
import { passwordOnTheCommandLine } from './password-on-the-command-line.ts';
import { tarFormat } from './tar-format.ts';
import { walNotIncluded } from './wal-not-included.ts';

export const commandRules = [
  noRecoveryConf,
  walNotIncluded,
  optionNotSupported,
  optionsConflict,
  passwordOnTheCommandLine,
  tarFormat,
  noSync,
  noManifest,
] as const satisfies readonly AnyRule[];
