import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { publicFacts } from '../../src/facts/public-facts.ts';
import type { lint as Lint } from '../../src/api/index.ts';
import { aPair } from '../lab/pair.ts';
import { runStandbylint } from '../lab/standbylint.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'standbylint-rules-'));
  onTestFinished(async () => rm(at, { recursive: true, force: true }));
  await chmod(at, 0o755);
  for (const [name, text] of Object.entries(files)) await writeFile(join(at, name), text);
  return at;
}

/** The first example of the page. */
const example = async (): Promise<string> => {
  const page = await readFile(join(root, 'docs/own-rules.md'), 'utf8');
  return /```js\n([\s\S]*?)```/u.exec(page)?.[1] ?? '';
};

const id = 'company/wal-compression';

test('the example of the page, before and after its steps were typed', { timeout: 120_000 }, async () => {
  const { primary, standby } = await aPair({ settings: { wal_compression: 'off' } });
  const cwd = await folder({ 'company-rules.mjs': await example() });
  const options = { on: standby, cwd, env: { PGPASSWORD: primary.password } };
  const preflight = ['preflight', ...primary.connection, '-w', '-D', '/tmp/standbylint-own-new', '-R'];
  const postmortem = ['postmortem', '-D', standby.dataDirectory];
  const run = async (words: readonly string[], ...more: readonly string[]) =>
    runStandbylint([...words, '--rules', './company-rules.mjs', '--format', 'json', ...more], options);
  for (const words of [preflight, postmortem]) {
    const { json, exitCode } = await run(words, '--fail-on', 'warning');
    expect(json.findings.find(({ rule }) => rule === id)).toMatchObject({
      ...{ severity: 'warning', causedBy: null, docs: 'https://wiki.example.com/postgresql/wal-compression' },
      where: { side: 'primary' },
    });
    expect(exitCode).toBe(1);
  }
  const { json } = await run(preflight);
  for (const { text } of json.findings.find(({ rule }) => rule === id)?.remedy?.steps ?? [])
    await primary.server.psql(text);
  const after = await run(preflight);
  // since 15, pglz is the word for on
  expect(after.json.rules.at(-1)).toEqual({
    ...{
      id,
      outcome: 'passed',
      because: expect.stringMatching(/^wal_compression is (?:on|pglz)$/u),
      source: './company-rules.mjs',
    },
  });

  // the same from a program
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- dist is made from it
  const { lint } = (await import(pathToFileURL(join(root, 'dist/index.mjs')).href)) as { readonly lint: typeof Lint };
  const asked: string[] = [];
  for (const command of ['preflight', 'postmortem'] as const) {
    const report = await lint({
      command,
      options:
        command === 'postmortem'
          ? { pgdata: standby.dataDirectory }
          : { pgdata: '/tmp/standbylint-own-new', dbname: primary.conninfo },
      rules: Object.keys(publicFacts).map((name) => ({
        ...{ id: `company/${name.toLowerCase()}`, title: name, severity: 'info', commands: [command], needs: [] },
        wants: [name],
        judge: (facts: Readonly<Record<string, { readonly status: string }>>) => {
          asked.push(facts[name]?.status ?? 'missing');
          return { outcome: 'passed' as const, because: name };
        },
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each fact by its name
      })) as unknown as Parameters<typeof Lint>[0]['rules'] & object,
    });
    expect(report.rules.filter(({ source }) => source !== undefined).map(({ outcome }) => outcome)).toEqual(
      Object.keys(publicFacts).map(() => 'passed'),
    );
  }
  expect(asked).not.toContain('missing');
  expect(asked).toContain('seen');
});

const aRule = (judge: string, name = 'company/x'): string =>
  `export default { id: '${name}', title: 'A title', severity: 'error', commands: ['postmortem'], needs: ['now'], judge: ${judge} };`;

test('what goes wrong with a file of rules is told, and how', { timeout: 60_000 }, async () => {
  const cwd = await folder({
    'throws.mjs': aRule("() => { throw new Error('no such thing') }"),
    'ours.mjs': aRule('() => ({})', 'slot/missing'),
    'syntax.mjs': 'export default {',
    'nothing.mjs': 'export const x = 1;',
    'commonjs.cjs': aRule("() => ({ outcome: 'passed', because: 'it is' })").replace(
      'export default',
      'module.exports =',
    ),
    'standbylint.config.json': JSON.stringify({ options: { rules: './throws.mjs' } }),
  });
  const typed = async (...words: readonly string[]) => {
    await rm(join(cwd, 'standbylint.config.json'), { force: true });
    return runStandbylint(['postmortem', '-D', cwd, ...words], { cwd });
  };
  // a configuration cannot name code
  const found = await runStandbylint(['postmortem', '-D', cwd], { cwd });
  expect([found.exitCode, found.stderr]).toEqual([2, expect.stringMatching(/the key "rules" does not exist/u)]);
  const byVariable = await runStandbylint(['postmortem', '-D', '/nowhere', '--format', 'json'], {
    env: { STANDBYLINT_RULES: join(cwd, 'throws.mjs') },
  });
  expect(byVariable.json.rules.filter(({ source }) => source !== undefined)).toEqual([]);

  const crashed = await typed('--rules', 'throws.mjs');
  expect(crashed.exitCode).toBe(2);
  expect(crashed.stdout.replaceAll(/\s+/gu, ' ')).toContain(
    'company/x could not run because of a bug in throws.mjs: no such thing',
  );
  const { json } = await typed('--rules', 'commonjs.cjs', '--accept-unexamined', 'company/x', '--format', 'json');
  expect(json.rules.at(-1)).toMatchObject({ id: 'company/x', outcome: 'passed', source: 'commonjs.cjs' });
  for (const [words, sentence] of [
    [['--rules', 'ours.mjs'], /--rules ours\.mjs: slot\/missing: the group "slot" is one of standbylint's/u],
    [['--rules', 'syntax.mjs'], /--rules syntax\.mjs: /u],
    [['--rules', 'nothing.mjs'], /rule 1 is not an object/u],
    [['--rules', 'absent.mjs'], /--rules absent\.mjs: the file does not exist\./u],
    [['--rules', 'throws.mjs', '--rules', './throws.mjs'], /company\/x is in two files/u],
    [['--rules', 'throws.mjs', '--fix', '--yes'], /cannot be combined with --fix/u],
  ] as const) {
    const refused = await typed(...words);
    expect([refused.exitCode, refused.stderr], words.join(' ')).toEqual([2, expect.stringMatching(sentence)]);
    expect(refused.stdout).toBe('');
  }
});
