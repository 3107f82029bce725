import { inspect } from 'node:util';

import { expect, test } from 'vitest';

import { sameSecret, secret } from '../../src/postgres/secret.ts';

test('a secret shows itself in no rendering', () => {
  const password = secret('canary-4711');
  const renderings = [
    String(password),
    password.toString(),
    JSON.stringify({ password, list: [password] }),
    inspect({ deep: { password } }, { showHidden: true, depth: null }),
    Object.values(password).map(String).join(' '),
    Object.entries(password).join(' '),
  ];
  for (const rendering of renderings) expect(rendering).not.toContain('canary');
  expect(JSON.stringify({ password })).toBe('{"password":"***"}');
  expect(inspect(password)).toBe('***');
  expect(password.reveal()).toBe('canary-4711');
});

test('secrets are compared by their text', () => {
  expect(sameSecret(secret('a'), secret('a'))).toBe(true);
  expect(sameSecret(secret('a'), secret('b'))).toBe(false);
});
