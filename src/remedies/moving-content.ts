import { posix } from 'node:path';

import { shellWord } from './quoting.ts';

/** Moves all that is in a directory into a new one within it, but for what stays where it is; nothing is deleted. */
export const movedInto = (path: string, name: string, ...stays: readonly string[]): string => {
  const kept = ['lost+found', ...[...stays, name].map(shellWord)].join('|');
  const old = posix.join(path, name);
  return `mkdir -m 0700 ${shellWord(old)} && cd ${shellWord(path)} && ${each(`case $f in ${kept}) ;; *) mv -- "$f" ${shellWord(name)}/ || exit;; esac`)}`;
};

/** Moves all that is in a directory into the one above, and removes the empty directory. */
export const upwards = (from: string): string =>
  `cd ${shellWord(from)} && ${each('mv -- "$f" .. || exit')} && cd .. && rmdir ${shellWord(from)}`;

/** Each entry of the working directory, hidden ones too. */
const each = (command: string): string =>
  `for f in .[!.]* ..?* *; do if [ -e "$f" ] || [ -L "$f" ]; then ${command}; fi; done`;
