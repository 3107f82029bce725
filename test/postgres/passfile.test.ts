import { describe, expect, test } from 'vitest';

import { findPassword, passfileHost, passfileModeProblem } from '../../src/postgres/passfile.ts';
import type { PassfileKey } from '../../src/postgres/passfile.ts';

const key: PassfileKey = { host: 'db1', port: '5432', database: 'replication', user: 'rep' };

function found(text: string, wanted: Partial<PassfileKey> = {}): readonly [string, number] | undefined {
  const lookup = findPassword(text, { ...key, ...wanted });
  return lookup.kind === 'found' ? [lookup.password.reveal(), lookup.line] : undefined;
}

describe('the password', () => {
  test.each<[string, Partial<PassfileKey>, readonly [string, number] | undefined]>([
    ['db1:5432:replication:rep:pw', {}, ['pw', 1]],
    ['#db1:5432:replication:rep:no\n\n*:*:*:*:pw\r\ndb1:*:*:*:late', {}, ['pw', 3]],
    ['db1:5432:*:rep:pw', { database: 'app' }, ['pw', 1]],
    ['db1:5432:replication:rep:', {}, ['', 1]],
    [String.raw`fe80\:\:1:5432:*:a\\b:p\:w\\\x` + '\\', { host: 'fe80::1', user: 'a\\b' }, ['p:w\\x\\', 1]],
    ['db1:5432:replication:rep:p:w', {}, ['p', 1]],
    ['db1:5432:replication:rep', {}, undefined],
    ['*1:5432:replication:rep:pw', {}, undefined],
    [String.raw`\*:*:*:*:pw`, {}, undefined],
    [String.raw`\*:*:*:*:pw`, { host: '*' }, ['pw', 1]],
    ['db1:05432:replication:rep:pw', {}, undefined],
    [' db1:5432:replication:rep:pw', {}, undefined],
    ['db1:5432:replication:rep:pw\r\r\n', {}, ['pw', 1]],
    [`db1:5432:replication:rep:${'x'.repeat(5000)}`, {}, ['x'.repeat(5000), 1]],
    ['*:*:*:*:pw', { user: '' }, undefined],
  ])('%#: %s', (text, wanted, expected) => {
    expect(found(text, wanted)).toEqual(expected);
  });

  test('that is empty, or cut at a colon, is told', () => {
    expect(findPassword('*:*:*:*:', key)).toMatchObject({ kind: 'found', empty: true, cutAtColon: false });
    expect(findPassword('*:*:*:*:a:b', key)).toMatchObject({ kind: 'found', empty: false, cutAtColon: true });
  });
});

const nearMisses = (text: string): readonly (readonly [number, string])[] => {
  const lookup = findPassword(text, key);
  return lookup.kind === 'found' ? [] : lookup.nearMisses.map(({ line, because }) => [line, because]);
};

describe('near misses', () => {
  test.each([
    ['db1 : 5432 : * : rep : canary', 'the blanks around its fields are a part of them for libpq'],
    ['\uFEFFdb1:5432:*:rep:canary', 'the file begins with a byte order mark, which libpq reads as a part of the host'],
    ['"db1":"5432":"*":"rep":canary', 'the quotes around its fields are a part of them for libpq'],
    ['db2 : 5432 : * : rep : canary', undefined],
  ])('%s', (line, because) => {
    expect(nearMisses(line).map(([, why]) => why)).toEqual(because === undefined ? [] : [because]);
  });

  test('say what differs', () => {
    const text = [
      'db1:5432:postgres:rep:canary',
      'db1:5433:*:rep:canary',
      'db1:*:replication:replicator:canary',
      'db2:5432:replication:rep:canary',
      'db2:5432:app:rep:canary',
      '# db1',
      'db1:5432:rep:canary',
    ].join('\n');
    expect(nearMisses(text)).toEqual([
      [1, 'the database is "postgres", and "replication" is looked up'],
      [2, 'the port is 5433, and 5432 is looked up'],
      [3, 'the user is another one than "rep"'],
      [4, 'the host is "db2", and "db1" is looked up'],
      [7, 'the line does not have the form host:port:database:user:password'],
    ]);
  });

  test.each([
    'db1:5432:rep:canary',
    'db1:rep:canary:x',
    'db1:replication:rep:canary:x',
    'db1:5432:rep:canary:x',
    '*:*:rep:canary:x:y',
    'db1:5432:app:rep:canary',
  ])('never quote what can be a password: %s', (line) => {
    const lookup = findPassword(line, key);
    expect(lookup).toMatchObject({ kind: 'no-match', nearMisses: [{ line: 1 }] });
    expect(JSON.stringify(lookup)).not.toContain('canary');
  });
});

test('the default socket directory is looked up as localhost, another one by its path', () => {
  expect(passfileHost('/var/run/postgresql', '/var/run/postgresql')).toBe('localhost');
  expect(passfileHost('/run/postgresql', '/var/run/postgresql')).toBe('/run/postgresql');
  expect(passfileHost('', '/tmp')).toBe('localhost');
  expect(passfileHost('db1', '/tmp')).toBe('db1');
});

test.each([
  [true, 0o600, undefined],
  [true, 0o400, undefined],
  [true, 0o640, { kind: 'group-or-world-access', mode: '0640' }],
  [true, 0o601, { kind: 'group-or-world-access', mode: '0601' }],
  [false, 0o600, { kind: 'not-a-plain-file' }],
])('isFile %s with mode %o', (isFile, mode, problem) => {
  expect(passfileModeProblem({ isFile, mode })).toEqual(problem);
});
