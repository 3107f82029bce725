import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, expect, it } from 'vitest';

import { newRule, scenarioRow } from '../scripts/new-rule.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'new-rule-'));
for (const part of ['src', 'test', 'scripts', 'schemas', 'tsconfig.json', 'package.json', 'vitest.config.ts'])
  cpSync(join(root, part), join(copy, part), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
afterAll(() => rmSync(copy, { recursive: true }));

it('makes a rule and a table that compile and pass, and puts the rule into its group', async () => {
  const written = await newRule(copy, 'hba/made-for-a-test', "It isn't a fault");
  expect(written).toEqual([
    'src/rules/hba/made-for-a-test.ts',
    'test/rules/hba/made-for-a-test.test.ts',
    'src/rules/hba/group.ts',
  ]);
  expect(readFileSync(join(copy, 'src/rules/hba/group.ts'), 'utf8')).toMatch(/\n {2}madeForATest,\n\] as const/u);
  const types = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: copy,
    encoding: 'utf8',
  });
  expect(types.stdout).toBe('');
}, 120_000);

it.each(['hba', 'primary', 'slot', 'conninfo', 'timeline'])('gives a row for a list of %s', (group) => {
  const { file, text } = scenarioRow(root, `${group}/the-fault`);
  // in the form of the rows that are there: the list ends behind it
  expect(readFileSync(join(root, file), 'utf8')).toMatch(
    /^export const \w+: readonly \w*Scenario\[\] = \[$[\s\S]*^\];$/mu,
  );
  expect(text).toContain(`rule: '${group}/the-fault'`);
});

it.each([
  ['hba/rejected', /src\/rules\/hba\/rejected\.ts exists/u],
  ['nowhere/fault', /no group "nowhere"/u],
  ['hba/Fault', /not of the form/u],
  ['../hba/fault', /not of the form/u],
])('refuses %s', async (id, why) => {
  await expect(newRule(copy, id, 'A fault')).rejects.toThrow(why);
});
