import { describe, expect, it } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const refused = (...words: readonly string[]): readonly (string | undefined)[] => {
  try {
    readBaseBackupCall('preflight', words);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [error.message, error.hint];
  }
};

const copy = ['pg_basebackup', '-h', 'db1', '-D', '/srv/standby', '-R'] as const;

describe('a whole command line, with what comes before pg_basebackup in it', () => {
  it.each<readonly [string, readonly string[], string, string]>([
    [
      'another user',
      ['sudo', '-u', 'postgres', ...copy],
      '"sudo"',
      'Write: sudo -u postgres standbylint preflight pg_basebackup …',
    ],
    [
      'a whole path',
      ['sudo', '/usr/lib/postgresql/17/bin/pg_basebackup', '-D', '/x'],
      '"sudo"',
      'Write: sudo standbylint preflight pg_basebackup …',
    ],
    [
      'a password, which is not shown',
      ['PGPASSWORD=geheim', ...copy],
      '"PGPASSWORD=***"',
      'Write: PGPASSWORD=*** standbylint preflight pg_basebackup …',
    ],
    [
      'a shell',
      ['su', 'postgres', '-c', 'pg_basebackup -h db1 -D /x'],
      '"su"',
      "Write: su postgres -c 'standbylint preflight pg_basebackup …'",
    ],
    [
      'a container',
      ['docker', 'exec', '-u', 'postgres', 'pg', ...copy],
      '"docker"',
      'Write the container in -D: standbylint preflight pg_basebackup … -D docker:pg:/DIRECTORY',
    ],
  ])('%s', (_name, words, what, hint) =>
    expect(refused(...words)).toEqual([
      `standbylint preflight goes directly before pg_basebackup, not before ${what}.`,
      hint,
    ]),
  );

  it.each([[copy], [['--timeout', '3', ...copy]], [copy.slice(1)], [['-D', '/backups/pg_basebackup']]])(
    'is not %j',
    (words) => expect(refused(...words)).toEqual([]),
  );

  it('a word behind -W may be the password: it is not shown', () =>
    expect(refused(...copy, '-W', 'geheim')[0]).toBe(
      'pg_basebackup takes only options, but "***" is not an option. -W takes no value: it asks for the password.',
    ));
});
