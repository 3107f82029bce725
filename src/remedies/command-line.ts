import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { Step } from '../facts/report.ts';
import { shell } from './remedy.ts';
import { shellWord } from './quoting.ts';

/** A change to a pg_basebackup command line: options go by their long names, words come as they are typed. */
export interface Change {
  readonly without?: readonly string[];
  readonly with?: readonly string[];
}

/**
 * The whole corrected command line, as what to type next: preflight on it. An option that is replaced keeps its place.
 * A password that stood in `-d` is the placeholder, like everywhere.
 */
export function checkAgain(command: BaseBackupCommand, change: Change): Step {
  const out = new Set(change.without);
  const kept = command.options.filter(({ name }) => !out.has(name)).flatMap(({ words }) => words);
  const words = [command.program ?? 'pg_basebackup', ...kept, ...(change.with ?? [])];
  return shell('client', `standbylint preflight ${words.map(shellWord).join(' ').replaceAll('***', '<password>')}`);
}
