import { createRequire } from 'node:module';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import * as ours from '../../src/servers/pg-crypto.ts';

/** The functions whose place ours take in the built program. */
const itsOwn: unknown = createRequire(import.meta.url)('pg/lib/crypto/utils.js');

async function asked(of: unknown, name: string, ...words: readonly unknown[]): Promise<unknown> {
  const found: unknown = typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
  if (typeof found !== 'function') throw new Error(`there is no ${name}`);
  const answered: unknown = await Reflect.apply(found, undefined, words);
  return typeof answered === 'string' ? answered : Buffer.from(bytesOf(answered)).toString('hex');
}

function bytesOf(answered: unknown): Uint8Array {
  if (answered instanceof Uint8Array) return answered;
  if (answered instanceof ArrayBuffer) return new Uint8Array(answered);
  throw new Error('no bytes');
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array));

test.each([
  ['deriveKey', fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), bytes, fc.integer({ min: 1, max: 50 }))],
  ['hmacSha256', fc.tuple(bytes, fc.string({ unit: 'grapheme' }))],
  ['sha256', fc.tuple(bytes)],
  ['hashByName', fc.tuple(fc.constantFrom('SHA-256', 'SHA-384', 'SHA-512'), bytes)],
  ['postgresMd5PasswordHash', fc.tuple(fc.string(), fc.string({ unit: 'grapheme' }), bytes)],
] as const)('%s gives what that of pg gives', async (name, words) => {
  const any: fc.Arbitrary<readonly unknown[]> = words;
  await fc.assert(
    fc.asyncProperty(any, async (given) => {
      expect(await asked(ours, name, ...given)).toBe(await asked(itsOwn, name, ...given));
    }),
    { numRuns: 30 },
  );
});

test('every function that pg asks for is there, and no nonce comes twice', () => {
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(itsOwn ?? {}).filter((name) => name !== 'md5')));
  expect(ours.randomBytes(18)).toHaveLength(18);
  expect(ours.randomBytes(18)).not.toEqual(ours.randomBytes(18));
});
