import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { Step } from '../facts/report.ts';
import { shell } from './remedy.ts';
import { shellWord } from './quoting.ts';

/** A change to a pg_basebackup command line: options go by their long names, words come as they are typed. */
export interface Change {
  readonly without?: readonly string[];
  readonly with?: readonly string[];
  /** Another pg_basebackup than the one that the command line names, by its path. */
  readonly program?: string;
  /** Who shall run it, where that is another user: only root can type that. */
  readonly user?: string;
  /** Set for this one command. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The whole corrected command line, as what to type next: preflight on it. An option that is replaced keeps its place.
 * A password that stood in `-d` is the placeholder, like everywhere.
 */
export const checkAgain = (command: BaseBackupCommand, change: Change): Step =>
  shell('client', checkAgainText(command, change));

/** The same as text, for a sentence that says who can type it. */
export function checkAgainText(command: BaseBackupCommand, change: Change): string {
  const out = new Set(change.without);
  const kept = command.options.filter(({ name }) => !out.has(name)).flatMap(({ words }) => words);
  const words = [change.program ?? command.program ?? 'pg_basebackup', ...kept, ...(change.with ?? [])];
  const environment = Object.entries(change.environment ?? {}).map(([name, value]) => `${name}=${shellWord(value)} `);
  const user = change.user === undefined ? '' : `runuser -u ${shellWord(change.user)} -- `;
  const line = words.map(shellWord).join(' ').replaceAll('***', '<password>');
  return `${environment.join('')}${user}standbylint preflight ${line}`;
}
