import { isDeepStrictEqual } from 'node:util';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { secret } from '../../src/postgres/secret.ts';
import { fromTaggedJson, toTaggedJson } from '../../src/recording/tagged-json.ts';

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, Number.NEGATIVE_INFINITY),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
);

const key = fc.oneof(fc.string(), fc.constantFrom('$', 'value', '__proto__', 'constructor', 'length', '0'));

const { value } = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value')),
    fc.array(fc.tuple(key, tie('value'))).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
  ),
}));

describe('what is written is what is read', () => {
  it('of any value', () =>
    fc.assert(
      fc.property(value, (given) => {
        // Vitest's own comparison reads a key `constructor` as the class
        expect(isDeepStrictEqual(fromTaggedJson(toTaggedJson(given)), given)).toBe(true);
      }),
      { numRuns: 400 },
    ));

  it('of what is in it more than once, wherever that is', () =>
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 120 }), (given, length) => {
        const long = { given, text: 'x'.repeat(length) };
        const all = [
          long,
          { long, map: new Map([[long, [long, given]]]), set: new Set([long, [long]]) },
          [[long]],
          given,
        ];
        expect(isDeepStrictEqual(fromTaggedJson(toTaggedJson(all)), all)).toBe(true);
      }),
      { numRuns: 100 },
    ));

  it('what is long is written once, and read as one value', () => {
    const setting = { name: 'wal_keep_size', value: 'x'.repeat(100), file: undefined };
    const text = toTaggedJson({ one: [setting, 1], other: new Map([['a', { ...setting }]]) });
    expect(text.split('wal_keep_size')).toHaveLength(2);
    const read = fromTaggedJson(text) as { readonly one: readonly unknown[]; readonly other: Map<string, unknown> };
    expect(read.other.get('a')).toBe(read.one[0]);
  });

  it('a date that is none', () =>
    expect(fromTaggedJson(toTaggedJson(new Date(Number.NaN)))).toEqual(new Date(Number.NaN)));

  it('a key that is there with undefined stays there', () =>
    expect(Object.keys(fromTaggedJson(toTaggedJson({ a: undefined })) as object)).toEqual(['a']));
});

describe('what cannot be written', () => {
  it('a secret stays behind', () => {
    const text = toTaggedJson({ password: secret('hunter2') });
    expect(text).toBe('{"password":{"$":"secret"}}');
    const read = fromTaggedJson(text) as { readonly password: ReturnType<typeof secret> };
    expect(read.password.reveal()).toBe('***');
  });

  it.each([
    [() => 0, 'a function cannot be recorded'],
    [Symbol('a'), 'a symbol cannot be recorded'],
    [new URL('http://a/'), 'an object of the class URL cannot be recorded'],
  ])('%s', (given, message) => expect(() => toTaggedJson({ given })).toThrow(message));
});

it.each([
  '{"$":"other"}',
  '{"$":"map","value":1}',
  '{"$":"bigint","value":"x"}',
  `${'['.repeat(300)}${']'.repeat(300)}`,
])('a text that nothing writes is refused: %.40s', (text) => expect(() => fromTaggedJson(text)).toThrow());
