import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { workingDirectory } from '../../hosts/local.ts';
import type { OptionSpec } from '../options/getopt.ts';
import type { Configured } from './resolve.ts';

export const configurationFile = 'standbylint.config.json';

/**
 * What the configuration makes of the words behind a command. Where there is none, this costs a look into each directory
 * above, and nothing else is loaded. `specs`: the options that are taken beside pg_basebackup's, where they are not those
 * of the command; what the configuration says of others is passed over.
 */
export async function configured(
  command: 'preflight' | 'clone' | 'postmortem',
  words: readonly string[],
  specs?: readonly OptionSpec[],
): Promise<Configured> {
  const found = findConfiguration();
  const isAsked = words.some((word) => /^--(?:con|ta)/u.test(word));
  const hasVariable = Object.keys(process.env).some((name) => name.startsWith('STANDBYLINT_'));
  if (found === undefined && !isAsked && !hasVariable) return { words, policy: undefined };
  const { resolve } = await import('./resolve.ts');
  return resolve(command, words, found, specs);
}

/** The nearest one, from this directory upwards. */
export function findConfiguration(): string | undefined {
  for (let at = workingDirectory(); ; at = dirname(at)) {
    const file = join(at, configurationFile);
    if (isFile(file)) return file;
    if (dirname(at) === at) return undefined;
  }
}

/** What this user may not look at is not meant: the directory of root's shell, for whoever root has become. */
function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
