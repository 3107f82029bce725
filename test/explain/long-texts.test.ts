import { expect, it } from 'vitest';

import { nextCommandsOf } from '../../src/explain/next-commands.ts';
import { serverIn } from '../../src/explain/of-server.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { asPsqlPrints } from '../../src/explain/shapes/layouts.ts';
import { explained } from './explained.ts';
import { withoutGaps } from '../../src/explain/paste/without-formatting.ts';

/** Milliseconds of processor time since then: what else the machine does is left out. */
function computed(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

it.each(['$', '/', '/-', '"/', 'pg_basebackup ', 'primary_conninfo ', ' ', '\n', ' \n'])(
  'a long text of %j alone is gone through once',
  (part) => {
    const text = withoutGaps(part.repeat(500_000 / part.length));
    const began = process.cpuUsage();
    nextCommandsOf(text, serverIn(text));
    shapesIn(text.slice(0, 16_384));
    expect(computed(began)).toBeLessThan(5_000);
  },
);

it.each([
  '#',
  ';',
  '|',
  '>',
  '&',
  '\t',
  'A',
  '"a": ',
  ' |',
  ' |`',
  '\n|',
  'a:\n',
  'slot_name ',
  'pg_current_wal_lsn ',
  '"slot_name": ',
])('and so is one of %j where everything is looked for', async (part) => {
  const text = part.repeat(65_536 / part.length);
  const began = process.cpuUsage();
  shapesIn(text);
  await explained(text);
  expect(computed(began)).toBeLessThan(5_000);
});

/** Up to the longest text in which rows are looked for, of parts that differ by a number. */
const numbered = (begin: string, part: (number: number) => string, end: string): string => {
  const parts = [begin];
  for (let length = begin.length; length < 65_000; length += parts.at(-1)?.length ?? 0) parts.push(part(parts.length));
  return `${parts.join('')}${end}`;
};

it.each([
  ['one row of all columns', numbered('{"slot_name":1', (number) => `,"a${number}":1`, '}')],
  ['rows without a column in common', numbered('[', (number) => `{"slot_name":1,"a${number}":1},`, '{"slot_name":1}]')],
  ['one column a line', numbered('slot_name: a\nwal_status: b\n', (number) => `a${number}: 1\n`, '')],
])('%s: they make no table of millions of cells', (_name, text) => {
  const began = process.cpuUsage();
  expect(asPsqlPrints(text).length).toBeLessThan(20 * text.length);
  expect(computed(began)).toBeLessThan(2_000);
});

it('blank lines are left out where there are many, and others stay', () => {
  expect(withoutGaps('a\n\n\n\n\n  \n  b\n\n\nc\n')).toBe('a\n\n\n\n  b\n\n\nc\n');
});
