import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  formatSynchronousStandbyNames,
  isSynchronous,
  parseSynchronousStandbyNames,
} from '../../src/postgres/synchronous-standby-names.ts';

describe('synchronous_standby_names', () => {
  it.each([
    ['s1', { method: 'first', count: 1, names: ['s1'] }],
    ['s1, s2 ,s3', { method: 'first', count: 1, names: ['s1', 's2', 's3'] }],
    ['2 (s1, s2, s3)', { method: 'first', count: 2, names: ['s1', 's2', 's3'] }],
    ['first 2 (s1,s2)', { method: 'first', count: 2, names: ['s1', 's2'] }],
    ['ANY 1 (*)', { method: 'any', count: 1, names: ['*'] }],
    ['"Stand ""by"", 1", s2', { method: 'first', count: 1, names: ['Stand "by", 1', 's2'] }],
  ])('reads %s', (text, expected) => {
    expect(parseSynchronousStandbyNames(text)).toEqual(expected);
  });

  it.each(['', '  ', 'ANY (s1)', 'ANY 0 (s1)', 'ALL 2 (s1)', 'ANY 1 (s1'])('has nothing to wait for in %j', (text) => {
    expect(parseSynchronousStandbyNames(text)).toBeUndefined();
  });

  it('compares names whatever their case', () => {
    const names = parseSynchronousStandbyNames('ANY 1 ("DB-2")') ?? { method: 'any', count: 1, names: [] };
    expect(isSynchronous(names, 'db-2')).toBe(true);
    expect(isSynchronous(names, 'db-3')).toBe(false);
  });

  it('reads what it wrote', () => {
    const value = fc.record({
      method: fc.constantFrom('first' as const, 'any' as const),
      count: fc.integer({ min: 1, max: 9 }),
      names: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(value, (names) => {
        expect(parseSynchronousStandbyNames(formatSynchronousStandbyNames(names))).toEqual(names);
      }),
    );
  });
});
