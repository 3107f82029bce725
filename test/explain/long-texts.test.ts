import { expect, it } from 'vitest';

import { nextCommandsOf } from '../../src/explain/next-commands.ts';
import { serverIn } from '../../src/explain/of-server.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';
import { withoutGaps } from '../../src/explain/without-formatting.ts';

it.each(['$', '/', '/-', '"/', 'pg_basebackup ', 'primary_conninfo ', ' ', '\n', ' \n'])(
  'a long text of %j alone is gone through once',
  (part) => {
    const text = withoutGaps(part.repeat(500_000 / part.length));
    const began = performance.now();
    nextCommandsOf(text, serverIn(text));
    shapesIn(text.slice(0, 16_384));
    expect(performance.now() - began).toBeLessThan(5_000);
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
  const began = performance.now();
  shapesIn(text);
  await explained(text);
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('blank lines are left out where there are many, and others stay', () => {
  expect(withoutGaps('a\n\n\n\n\n  \n  b\n\n\nc\n')).toBe('a\n\n\n\n  b\n\n\nc\n');
});
