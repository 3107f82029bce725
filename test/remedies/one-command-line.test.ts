import { describe, expect, it } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import type { CommandLineChange } from '../../src/facts/base-backup.ts';
import { checkAgain } from '../../src/remedies/command-line.ts';
import { oneCommandLine } from '../../src/remedies/one-command-line.ts';
import { aFinding } from '../report/reports.ts';

const commandOf = (...words: readonly string[]) => {
  const call = readBaseBackupCall('preflight', words);
  if (call.command === undefined) throw new Error('no command');
  return call.command;
};

describe('the corrected command line', () => {
  const command = commandOf('-h', 'db1', '-D', '/x', '-z', '-C', '--admin', 'host=db1 user=postgres password=secret');
  const root = (id: string, change: CommandLineChange, severity: 'error' | 'warning' = 'error') =>
    aFinding({ id, severity, remedy: { summary: 'Change it.', risk: 'safe', steps: [checkAgain(command, change)] } });
  const texts = (...findings: readonly ReturnType<typeof root>[]): readonly string[] =>
    oneCommandLine(findings, command).flatMap(({ remedy }) => remedy?.steps.map(({ text }) => text) ?? []);

  it('has the corrections of all root causes, and the options of standbylint itself', () => {
    const line =
      "standbylint preflight --admin 'host=db1 user=postgres password=<password>' pg_basebackup -h db1 -D /y -C -S standby1";
    expect(
      texts(
        root('f1', { without: ['gzip'] }),
        root('f2', { with: ['-S', 'standby1'] }),
        root('f3', { without: ['pgdata'], with: ['-D', '/y'] }),
      ).map((text) => text.split(' ').toSorted().join(' ')),
    ).toEqual(Array.from({ length: 3 }, () => line.split(' ').toSorted().join(' ')));
  });

  it('corrects a warning on top of the errors, and not the errors by a warning', () => {
    const [error, warning] = texts(root('f1', { without: ['gzip'] }), root('f2', { with: ['-R'] }, 'warning'));
    expect(error).not.toMatch(/-z|-R/u);
    expect(warning).toMatch(/ -R$/u);
    expect(warning).not.toMatch(/-z/u);
  });

  it('keeps no trace of how it was made', () => {
    const [finding] = oneCommandLine([root('f1', { without: ['gzip'] })], command);
    expect(JSON.stringify(finding)).not.toContain('correction');
  });
});
