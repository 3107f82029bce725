import { posix } from 'node:path';

import type { StandbyConfiguration } from '../facts/standby.ts';
import { isOn } from '../postgres/settings.ts';
import { shellWord } from './quoting.ts';

/**
 * The files within the data directory that are this standby's own and not the primary's: its configuration with all that
 * it includes, and its TLS files. A new copy, and pg_rewind, put the primary's in their place. Relative paths.
 */
export function ownFiles(directory: string, { files }: StandbyConfiguration): readonly string[] {
  const named = ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file'].flatMap((name) => {
    const value = isOn(files.settings.get('ssl')?.value) ? files.settings.get(name)?.value : undefined;
    return value === undefined || value === '' ? [] : [posix.resolve(directory, value)];
  });
  const whole = [
    ...files.filesRead,
    ...['pg_hba.conf', 'pg_ident.conf'].map((name) => posix.join(directory, name)),
    ...named,
  ];
  const within = whole
    .filter((path) => path.startsWith(`${directory}/`))
    .map((path) => path.slice(directory.length + 1));
  return [...new Set(within)];
}

/** One command that copies these files from one directory to the other; those that are not there are passed over. */
export function copyFiles(from: string, to: string, files: readonly string[]): string {
  const [source, target] = [shellWord(from), shellWord(to)];
  // tar keeps folders, modes and times, and is everywhere
  const there = files.map(shellWord).join(' ');
  return `cd ${source} && for f in ${there}; do if [ -e "$f" ]; then printf '%s\\n' "$f"; fi; done | tar -cf - -T - | tar -xpf - -C ${target}`;
}
