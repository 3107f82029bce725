import { expect, test } from 'vitest';

import type { Step } from '../../src/findings/report.ts';
import { shellWord } from '../../src/remedies/quoting.ts';
import { oneConnection } from '../../src/remedies/one-connection.ts';
import { shell } from '../../src/remedies/remedy.ts';
import { aFinding } from '../report/reports.ts';

const copyBy = (connects: string): Step => ({
  ...shell('standby', `pg_basebackup -d ${shellWord(connects)} -D /s -R`, 'copy', '/s'),
  connects,
});
const copied = (
  connects: string,
  conninfo: NonNullable<Step['conninfo']>,
  more: Partial<ReturnType<typeof aFinding>> = {},
) => {
  const edit = { ...shell('standby', 'sed …', 'edit-file'), conninfo };
  const [copy, correction] = oneConnection([
    aFinding({ id: 'f1', remedy: { summary: 'Copy.', risk: 'destructive', steps: [copyBy(connects)] } }),
    aFinding({ id: 'f2', remedy: { summary: 'Correct.', risk: 'safe', steps: [edit] }, ...more }),
  ]);
  expect(JSON.stringify([copy, correction])).not.toMatch(/"conn/u);
  return copy?.remedy?.steps[0]?.text;
};

test.each([
  ['host=db1 port=6199 user=r', { port: '5432' }, "'host=db1 port=5432 user=r'"],
  ['host=db1 user=r', { port: '5432' }, "'host=db1 user=r port=5432'"],
  ['host=db1 sslmode=verify-full user=r', { sslmode: undefined }, "'host=db1 user=r'"],
  ["host=db1 user='it is'", { host: 'db2' }, String.raw`'host=db2 user='\''it is'\'''`],
  ['postgresql://r@db1:1/x', { host: 'db2', port: '2' }, "'dbname=x user=r host=db2 port=2'"],
])('a base backup of %s beside a fix of its connection', (connects, conninfo, word) => {
  const text = copied(connects, conninfo);
  const words = (given: string): readonly string[] => given.replaceAll("'", '').split(' ').toSorted();
  expect(words(text ?? '')).toEqual(words(`pg_basebackup -d ${word} -D /s -R`));
});

test('a base backup where the other fix is none of a root cause', () => {
  const text = copied('host=db1', { host: 'db2' }, { causedBy: 'f1' });
  expect(text).toBe('pg_basebackup -d host=db1 -D /s -R');
});
