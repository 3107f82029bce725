import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { capitalized } from '../../src/findings/sentence.ts';

test.each([
  'pg_wal of the standby',
  'backup_label was removed',
  'postgresql.conf:3 is wrong',
  '/srv/a is gone',
  'slot "a"',
])('the name in "%s" keeps its case', (text) =>
  expect(capitalized(text)).toBe(text.startsWith('slot') ? 'Slot "a"' : text),
);

test('a name with a dot, a slash, an underscore or a digit is never touched', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,8}[._/0-9][a-z0-9]{1,8}$/u), (name) => {
      expect(capitalized(`${name} is there`)).toBe(`${name} is there`);
    }),
  );
});
