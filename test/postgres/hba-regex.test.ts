import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatHbaName } from '../../src/postgres/hba-format.ts';
import { compileHbaRegex } from '../../src/postgres/hba-regex.ts';

function matches(pattern: string, name: string): boolean {
  const regex = compileHbaRegex(pattern);
  if (regex.kind !== 'compiled') throw new Error(`${pattern}: ${JSON.stringify(regex)}`);
  return regex.matches(name);
}

describe('regular expressions of pg_hba.conf', () => {
  test.each([
    ['rep', 'myreplica', true],
    ['^rep$', 'replica', false],
    ['^rep.*$', 'replicator', true],
    ['^(a|b)+$', 'abba', true],
    ['^(a|b)+$', 'abca', false],
    ['^(?:ab){2,3}$', 'abab', true],
    ['^(?:ab){2,3}$', 'ab', false],
    ['^a{2,}$', 'aaaa', true],
    ['^a{0}$', '', true],
    [String.raw`^db\d+$`, 'db12', true],
    [String.raw`^db\D$`, 'db1', false],
    [String.raw`^[[:alpha:]_]+$`, 'rep_lica', true],
    ['^[^a-c]$', 'd', true],
    ['^[]x]$', ']', true],
    ['^[a-]$', '-', true],
    [String.raw`^[\d.]+$`, '1.2', true],
    [String.raw`\mrep\M`, 'my rep', true],
    [String.raw`\mrep\M`, 'replica', false],
    ['^(|x)y$', 'y', true],
    ['^a+?b??$', 'aa', true],
    ['^x{y$', 'x{y', true],
    ['()*', 'x', true],
    ['^(a*)*$', 'aaab', false],
    ['REP', 'rep', false],
    ['^..$', 'é', true], // bytes
    [String.raw`^\x41\u0042\U00000043$`, 'ABC', true],
    ['', 'anything', true],
  ])('/%s on %j: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  test.each([
    ['(', 'parentheses () not balanced'],
    [')', 'parentheses () not balanced'],
    ['[a', 'brackets [] not balanced'],
    ['a{1', 'braces {} not balanced'],
    ['a{1x}', 'invalid repetition count(s)'],
    ['a{2,1}', 'invalid repetition count(s)'],
    ['a{256}', 'invalid repetition count(s)'],
    ['*a', 'quantifier operand invalid'],
    ['a**', 'quantifier operand invalid'],
    ['^*', 'quantifier operand invalid'],
    ['a|+', 'quantifier operand invalid'],
    ['a\\', 'invalid escape \\ sequence'],
    [String.raw`\q`, 'invalid escape \\ sequence'],
    ['[b-a]', 'invalid character range'],
    ['[[:nope:]]', 'invalid character class'],
  ])('/%s is refused: %s', (pattern, error) => {
    expect(compileHbaRegex(pattern)).toEqual({ kind: 'broken', error });
  });

  test.each([
    '***:x',
    '(?i)x',
    '(?=x)',
    String.raw`(a)\1`,
    '[[.x.]]',
    '[[:<:]]x',
    String.raw`\0`,
    '((a{255}){255}){255}',
  ])('/%s is left to PostgreSQL', (pattern) => {
    expect(compileHbaRegex(pattern).kind).toBe('unsupported');
  });

  test('nested repetitions take no time', () => {
    expect(matches('^((a*)*)*b$', 'a'.repeat(63))).toBe(false);
  });

  test('where JavaScript means the same, it agrees', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '\\d', '^', '$');
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}');
    const part = fc.tuple(atom, quantifier).map(([a, q]) => (a === '^' || a === '$' ? a : a + q));
    const pattern = fc.array(
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    );
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, name, (branches, text) => {
        expect(matches(branches.join('|'), text)).toBe(new RegExp(branches.join('|')).test(text));
      }),
      { numRuns: 500 },
    );
  });

  test('a name that must be written as a regular expression matches itself and nothing near it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string(), (rest, other) => {
        fc.pre(!rest.includes('\0'));
        const name = `/${rest}`;
        const written = formatHbaName(name, 16) ?? '';
        const pattern = written
          .replace(/^"(.*)"$/s, '$1')
          .replaceAll('""', '"')
          .slice(1);
        expect(matches(pattern, name)).toBe(true);
        expect(matches(pattern, name + other)).toBe(other === '');
      }),
    );
  });
});
