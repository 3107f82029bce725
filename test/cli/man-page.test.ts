import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { expect, it } from 'vitest';

import { programHelp } from '../../src/cli/program.ts';
import { hasTool } from '../lab/tool.ts';

const page = fileURLToPath(new URL('../../man/standbylint.1', import.meta.url));

it.runIf(hasTool('mandoc'))('mandoc has nothing to say against the manual page', async () => {
  const { stdout, exitCode } = await execa('mandoc', ['-Tlint', '-Wwarning', page], { reject: false });
  expect([stdout, exitCode]).toEqual(['', 0]);
});

it.runIf(hasTool('man'))('man shows every command and every option, without a warning of groff', async () => {
  const environment = { LC_ALL: 'C.UTF-8', MANWIDTH: '300', PATH: process.env['PATH'] ?? '' };
  const shown = await execa('man', ['--warnings', '--no-hyphenation', '-P', 'cat', '-E', 'UTF-8', '-l', page], {
    env: environment,
    extendEnv: false,
  });
  expect(shown.stderr).toBe('');
  const text = shown.stdout;
  for (const { page: help } of (await programHelp()).commands) {
    const from = text.indexOf(`\n   ${help.command}\n`);
    expect(from, help.command).toBeGreaterThan(0);
    for (const { long } of help.options.flatMap(({ options }) => options)) expect(text).toMatch(`--${long}`);
    for (const [words] of help.examples) expect(text).toContain(`standbylint ${help.command} ${words}`.trimEnd());
  }
  for (const title of ['EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES']) expect(text).toContain(`\n${title}\n`);
});

it('the package brings it', async () => {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ man: 'man/standbylint.1', files: expect.arrayContaining(['man']) });
});
