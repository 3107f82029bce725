import { spawnSync } from 'node:child_process';

import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { unprintable } from '../../src/postgres/unprintable.ts';
import { identifier, literal, shellWord } from '../../src/remedies/quoting.ts';
import { passwordSet } from '../../src/remedies/role.ts';

const hostile = 'rep\u001B[2J\nit\'s \\ 100% \u202E"';

it('a shell word is what it was, and shows no control character but a line break', () => {
  const words = fc.string({
    unit: fc.constantFrom(...Array.from('ab \'"\\$`%\n\t\u0001\u001B\u009B\u202Eéß😀')),
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 8 }), (list) => {
      const command = `printf '%s\\0' ${list.map((word) => shellWord(word)).join(' ')}`;
      const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
      expect(stdout).toBe(list.map((word) => `${word}\0`).join(''));
    }),
    { numRuns: 60 },
  );
  expect(shellWord(hostile)).toBe(String.raw`"$(printf 'rep\033[2J\012it'\''s \\ 100%% \342\200\256"')"`);
});

it('SQL has escapes for control characters, and psql asks for the password of such a role by a variable', () => {
  expect(identifier(hostile)).toBe(String.raw`U&"rep\001b[2J\000ait's \\ 100% \202e"""`);
  expect(literal(hostile)).toBe(String.raw`E'rep\u001b[2J\u000ait''s \\ 100% \u202e"'`);
  expect(passwordSet(hostile).text.split('\n').slice(1)).toEqual([
    String.raw`SELECT ${literal(hostile)} AS role \gset`,
    String.raw`\password :"role"`,
  ]);
  expect(passwordSet(hostile).text.replaceAll('\n', '').search(unprintable)).toBe(-1);
});

it.each(['replicator', 'a\nb', "it's"])('%j is quoted as ever', (name) => {
  expect([identifier(name), literal(name), shellWord(name)].join('')).not.toMatch(/U&|E'|printf/u);
});
