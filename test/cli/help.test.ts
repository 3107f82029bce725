import { describe, expect, it } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { runStandbylint } from '../lab/standbylint.ts';

/** What the command tree says for these words. */
async function commandTreeSays(words: readonly string[]): Promise<string> {
  let text = '';
  const print = async (more: string): Promise<void> => {
    text += more;
  };
  await runProgram(words, { print, signal: new AbortController().signal });
  return text;
}

describe('what is answered without the command tree is what it would say', () => {
  it.each(['--help', '-?', '--version', '-V'])('%s', async (word) => {
    const { stdout, stderr, exitCode } = await runStandbylint([word]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: await commandTreeSays([word]), stderr: '', exitCode: 0 });
  });

  it('and the same stands below "help", and below a call without a word', async () => {
    const [asked, nothing] = [await runStandbylint(['help']), await runStandbylint([])];
    expect([asked.stdout, nothing.stderr]).toEqual(Array(2).fill((await runStandbylint(['--help'])).stdout));
    expect([nothing.stdout, nothing.exitCode]).toEqual(['', 2]);
  });
});

const commands = [
  'preflight',
  'clone',
  'postmortem',
  'serve',
  'collect',
  'bundle',
  'analyze',
  'undo',
  'explain',
  'report',
  'rules',
  'fleet',
  'merge',
  'mcp',
  'config',
  'init',
  'completion',
  'demo',
];

describe('a help fits into a terminal of 80 columns', () => {
  it.each([[], ...commands.map((command) => [command])])('%s', async (...command) => {
    const { stdout, stderr, exitCode } = await runStandbylint([...command, '--help']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(['', ...commands])('%s: what is typed, its options, how it ends, two examples', async (command) => {
    const { stdout } = await runStandbylint(command === '' ? ['--help'] : [command, '--help']);
    const [, usage, options = '', statuses = '', examples = ''] =
      /^\S[\s\S]*\n\nUsage:\n {2}standbylint (\w+)[\s\S]*?\n\n(Options[\s\S]*)\n\nExit status:\n([\s\S]*)\n\nExamples:\n([\s\S]*)$/u.exec(
        stdout,
      ) ?? [];
    expect(usage).toBe(command === '' ? 'COMMAND' : command);
    expect(options.split('\n')[1]).toMatch(/^ {2}(?:-\S, | {4})--\S+(?: {2,}\S|$)/u);
    expect(statuses.match(/^ {2}\d+/gmu)?.map(Number)).toEqual(expect.arrayContaining([0, 2, 130]));
    expect(
      examples.match(new RegExp(`^ {2}standbylint ${command === '' ? String.raw`\w+` : command}\\b`, 'gmu'))?.length,
    ).toBeGreaterThanOrEqual(2);
  });

  it.each(commands)('"help %s" says the same', async (command) => {
    const [one, other] = [await runStandbylint(['help', command]), await runStandbylint([command, '--help'])];
    expect([one.stdout, one.exitCode]).toEqual([other.stdout, 0]);
  });
});
