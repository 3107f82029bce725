import { describe, expect, it } from 'vitest';

import { ownWords } from '../../src/cli/options/own-words.ts';
import { postmortem } from '../../src/cli/postmortem.ts';
import { postmortemOptions } from '../../src/cli/options/postmortem-options.ts';
import { preflight } from '../../src/cli/preflight.ts';
import { programHelp, runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { version } from '../../src/cli/version.ts';

const read = (...words: readonly string[]) => {
  const { options, operands } = ownWords(words, postmortemOptions);
  return { options: options.map(({ spec, value }) => [spec.long, value]), operands };
};

describe('the words behind a command that has no options of pg_basebackup', () => {
  it.each<readonly [string, readonly string[], readonly (readonly [string, string | undefined])[], readonly string[]]>([
    ['nothing', [], [], []],
    ['a letter with its value apart', ['-D', '/x'], [['pgdata', '/x']], []],
    ['a letter with its value attached', ['-D/x'], [['pgdata', '/x']], []],
    ['a name with its value apart', ['--pgdata', '/x'], [['pgdata', '/x']], []],
    ['a name with its value attached', ['--pgdata=/x'], [['pgdata', '/x']], []],
    ['a value with an equals sign', ['--admin=host=db1 user=u'], [['admin', 'host=db1 user=u']], []],
    ['an empty value', ['--admin='], [['admin', '']], []],
    ['a value that looks like an option', ['-D', '-x'], [['pgdata', '-x']], []],
    ['standard input', ['--log', '-'], [['log', '-']], []],
    [
      'what a shell makes of a glob',
      ['--log', '/a', '/b', '--full'],
      [
        ['log', '/a'],
        ['log', '/b'],
        ['full', undefined],
      ],
      [],
    ],
    [
      'the order in which they were given',
      ['--full', '-D', '/x', '--format=json', '-D', '/y'],
      [
        ['full', undefined],
        ['pgdata', '/x'],
        ['format', 'json'],
        ['pgdata', '/y'],
      ],
      [],
    ],
    ['a word too many', ['-D', '/x', 'y'], [['pgdata', '/x']], ['y']],
    ['what stands behind --', ['--', '-D'], [], ['-D']],
    ['help by its letter', ['-?'], [['help', undefined]], []],
  ])('%s', (_name, words, options, operands) => expect(read(...words)).toEqual({ options, operands }));

  it('what was written is read again as the same', () => {
    const { options } = ownWords(['-D/x', '--log', '/a', '/b', '--full'], postmortemOptions);
    expect(read(...options.flatMap(({ written }) => written)).options).toEqual(
      options.map(({ spec, value }) => [spec.long, value]),
    );
  });
});

/** What a call of any command prints, or the sentence with which it is refused. */
async function said(name: string, ...words: readonly string[]): Promise<string> {
  let printed = '';
  const print = async (text: string): Promise<void> => {
    printed += text;
  };
  const surroundings = { print, signal: new AbortController().signal };
  const run = { preflight, postmortem }[name];
  try {
    await (run === undefined ? runProgram([name, ...words], surroundings) : run(words, surroundings));
    return printed;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `${error.message} ${error.hint ?? ''}`;
  }
}

const { commands } = await programHelp();

describe.each(commands.map(({ page }) => [page.command, page] as const))('%s', (name, { options }) => {
  // the option of another command comes behind its name
  const words = name === 'collect' || name === 'bundle' ? ['postmortem'] : [];

  it('says its version', async () => expect(await said(name, '--version')).toBe(`standbylint ${version}\n`));
  it('says its version by the letter', async () => expect(await said(name, '-V')).toBe(`standbylint ${version}\n`));
  it('refuses an option that does not exist', async () =>
    expect(await said(name, ...words, '--nosuch')).toBe('Option --nosuch does not exist. See --help for the options.'));
  if (options.some((group) => group.options.some(({ long, value }) => long === 'format' && value)))
    it('refuses an option without its value', async () =>
      expect(await said(name, ...words, '--format')).toMatch(/^--format needs a value: \S+\. Use --format \S+\.$/u));
});
