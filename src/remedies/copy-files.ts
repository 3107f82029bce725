import { posix } from 'node:path';

import type { Step } from '../findings/report.ts';
import { shellWord } from './quoting.ts';
import { shell } from './remedy.ts';

/** One command that copies files (relative paths) from one directory to the other. */
export const copyFiles = (from: string, to: string, files: readonly string[]): string =>
  // tar keeps folders, modes and times, and is everywhere
  `tar -C ${shellWord(from)} -cf - ${files.map(shellWord).join(' ')} | tar -C ${shellWord(to)} -xpf -`;

/** The same as a step: files of the old data directory come into the new one. */
export const puttingBack = (from: string, to: string, files: readonly string[]): Step =>
  shell('standby', copyFiles(from, to, files), 'put-back', ...files.map((file) => posix.join(to, file)));
