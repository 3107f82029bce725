import { shellWord } from './quoting.ts';

/** One command that copies files (relative paths) from one directory to the other. */
export const copyFiles = (from: string, to: string, files: readonly string[]): string =>
  // tar keeps folders, modes and times, and is everywhere
  `tar -C ${shellWord(from)} -cf - ${files.map(shellWord).join(' ')} | tar -C ${shellWord(to)} -xpf -`;
