import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

import * as fc from 'fast-check';
import digests from 'pg/lib/crypto/utils.js';
import { expect, test } from 'vitest';

import '../../src/servers/postgres-client.ts';

test('what SCRAM is made of is what it was, the first time and later', async () => {
  const made: Record<string, unknown> = { ...digests };
  const call = async (name: string, ...words: readonly unknown[]): Promise<unknown> => {
    const digest = made[name];
    return typeof digest === 'function' ? Reflect.apply(digest, undefined, words) : undefined;
  };
  await fc.assert(
    fc.asyncProperty(
      ...([fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1 }), fc.integer({ min: 1, max: 50 })] as const),
      async (password, salt, iterations) => {
        const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
        expect(await call('deriveKey', password, salt, iterations)).toEqual(key);
        expect(await call('deriveKey', password, salt, iterations)).toEqual(key);
        expect(await call('deriveKey', `${password} `, salt, iterations)).not.toEqual(key);
        expect(await call('hmacSha256', key, password)).toEqual(createHmac('sha256', key).update(password).digest());
        expect(await call('sha256', salt)).toEqual(createHash('sha256').update(salt).digest());
      },
    ),
  );
});
