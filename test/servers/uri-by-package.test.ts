import * as fc from 'fast-check';
import { parse as parseWithPackage } from 'pg-connection-string';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { parseConninfo } from '../../src/postgres/conninfo.ts';
import type { Conninfo, ConninfoValues } from '../../src/postgres/conninfo.ts';
import { valuesByPackage } from '../../src/servers/uri-by-package.ts';

// libpq's grammar is held against libpq itself, in test/live/conninfo.test.ts; here, the package against the grammar.
function byGrammar(uri: string, libpqVersion = 18): Conninfo {
  const result = parseConninfo(uri, { libpqVersion });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

const plain = (values: ConninfoValues | undefined): Readonly<Record<string, string>> | undefined =>
  values &&
  Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => [keyword, typeof value === 'string' ? value : value.reveal()]),
  );

const byPackage = (uri: string): Readonly<Record<string, string>> | undefined =>
  plain(valuesByPackage(uri, byGrammar(uri)));

describe('the package reads the URIs that are typed day by day', () => {
  test.each([
    ['postgresql://', {}],
    ['postgres://db1', { host: 'db1' }],
    ['postgres://rep@db1:5433/app', { user: 'rep', host: 'db1', port: '5433', dbname: 'app' }],
    ['postgres://rep:p%40ss%2F%25@DB-1.example.com', { user: 'rep', password: 'p@ss/%', host: 'DB-1.example.com' }],
    ['postgres://søren:x@10.0.0.5/données', { user: 'søren', password: 'x', host: '10.0.0.5', dbname: 'données' }],
    ['postgres:///app?host=/tmp&port=5433', { dbname: 'app', host: '/tmp', port: '5433' }],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/app', { host: '/var/run/postgresql', dbname: 'app' }],
    ['postgres://h?dbname=app&user=u', { host: 'h', dbname: 'app', user: 'u' }],
    ['postgres://h/?options=-c%20x%3D1', { host: 'h', options: '-c x=1' }],
  ])('%s', (uri, expected) => {
    expect(byPackage(uri)).toEqual(expected);
    expect(plain(byGrammar(uri).values)).toEqual(expected);
  });

  test('and none of the files that the parameters of TLS name, which it would open', () => {
    const uri =
      'postgres://rep@db1/app?sslmode=verify-ca&sslkey=/none/key&application_name=s1&ssl%63ert=/none/crt&sslrootcert=system';
    expect(() => parseWithPackage(uri)).toThrow('ENOENT');
    expect(byPackage(uri)).toEqual({
      ...{ user: 'rep', host: 'db1', dbname: 'app', application_name: 's1' },
      ...{ sslmode: 'verify-ca', sslkey: '/none/key', sslcert: '/none/crt', sslrootcert: 'system' },
    });
  });

  test('without a warning of its own on the screen', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => warned.mockRestore());
    expect(byPackage('postgres://h?sslmode=require')).toEqual({ host: 'h', sslmode: 'require' });
    expect(warned).not.toHaveBeenCalled();
    parseWithPackage('postgres://h?sslmode=require');
    expect(warned).toHaveBeenCalledOnce();
  });
});

/** What the package answers, in libpq's keywords; `throws` where it gives none. */
function rawly(uri: string): unknown {
  try {
    const { database, dbname, ...answer } = Object.fromEntries(Object.entries(parseWithPackage(uri)));
    return Object.fromEntries(
      Object.entries({ ...answer, dbname: dbname ?? database }).filter(([, value]) => value !== '' && value !== null),
    );
  } catch {
    return 'throws';
  }
}

describe('where libpq differs, its grammar is read by hand', () => {
  test.each<[uri: string, ofPackage: unknown, ofLibpq: object]>([
    ['postgres://h1:5432,h2:5433/db', 'throws', { host: 'h1,h2', port: '5432,5433', dbname: 'db' }],
    // one port for both, where libpq takes the default for the first
    ['postgres://h1,h2:5433', { host: 'h1,h2', port: '5433' }, { host: 'h1,h2', port: ',5433' }],
    ['postgres://h1,h2', { host: 'h1,h2' }, { host: 'h1,h2', port: ',' }],
    ['postgres://[0:0::1]', { host: '::1' }, { host: '0:0::1' }],
    ['postgres://[fe80::1%25eth0]', 'throws', { host: 'fe80::1%eth0' }],
    ['postgres://h:05432', { host: 'h', port: '5432' }, { host: 'h', port: '05432' }],
    ['postgres://h:70000', 'throws', { host: 'h', port: '70000' }],
    ['postgres://h:%35', 'throws', { host: 'h', port: '5' }],
    ['postgres://:5433/db', 'throws', { port: '5433', dbname: 'db' }],
    ['postgres://@@abstract/', { user: '@', host: 'abstract' }, { host: '@abstract' }],
    // an @ ends the user's name wherever no slash is before it
    ['postgres://h?user=@', { host: 'h', user: '@' }, { user: 'h?user=' }],
    ['postgres://h/a/../b', { host: 'h', dbname: 'b' }, { host: 'h', dbname: 'a/../b' }],
    ['postgres://h/%2E', { host: 'h' }, { host: 'h', dbname: '.' }],
    ['postgres://h/a%2Fb', { host: 'h', dbname: 'a%2Fb' }, { host: 'h', dbname: 'a/b' }],
    ['postgres://h/a#b', { host: 'h', dbname: 'a' }, { host: 'h', dbname: 'a#b' }],
    ['postgres://u:p#x@h', 'throws', { user: 'u', password: 'p#x', host: 'h' }],
    ['postgres://u:p?w@h', 'throws', { user: 'u', password: 'p?w', host: 'h' }],
    ['postgres://h?options=-c+x', { host: 'h', options: '-c x' }, { host: 'h', options: '-c+x' }],
    ['postgres://u@h?user=', { user: 'u', host: 'h' }, { user: '', host: 'h' }],
    ['postgres://%2Ftmp/db?host=x', { host: 'x', dbname: '%2Ftmp/db' }, { host: 'x', dbname: 'db' }],
    ['postgres://h?ssl=true', { host: 'h', ssl: true }, { host: 'h', sslmode: 'require' }],
    [
      'postgres://h?sslnegotiation=direct',
      { host: 'h', ssl: true, sslnegotiation: 'direct' },
      { host: 'h', sslnegotiation: 'direct' },
    ],
    ['postgres://h/d\tb', { host: 'h', dbname: 'db' }, { host: 'h', dbname: 'd\tb' }],
    ['postgres://%FF@h', 'throws', { user: '\uFFFD', host: 'h' }],
  ])('%j', (uri, ofPackage, ofLibpq) => {
    expect(rawly(uri)).toEqual(ofPackage);
    expect(plain(byGrammar(uri).values)).toEqual(ofLibpq);
    const taken = byPackage(uri);
    if (taken !== undefined) expect(taken).toEqual(ofLibpq);
  });

  test('the keyword/value form, which it takes for a path', () => {
    const text = 'host=10.0.0.5 port=5432 user=rep';
    expect(rawly(text)).toMatchObject({ host: 'base' });
    expect(byPackage(text)).toBeUndefined();
  });
});

test('of no URI it says anything else than libpq', () => {
  const letters = fc.constantFrom(
    ...['a', 'B', '7', '.', '-', '_', '~', '%2F', '%2E', '%40', '%25', '%C3%A9', '%FF', 'é', '\u{1F600}', "'", '"'],
    ...['+', '=', '&', ':', '@', '/', '?', '#', ',', ';', '[', ']', '\\', '^', '|', '$', '*', '(', ' ', '\t', '%20'],
  );
  const word = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('a', 'db1', 'p%20w', 'x.y', 'ø') },
    { weight: 1, arbitrary: fc.string({ unit: letters, maxLength: 5 }) },
  );
  const optional = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), arbitrary);
  const keywords = ['user', 'host', 'dbname', 'port', 'options', 'sslmode', 'sslkey', 'application_name', 'password'];
  const parameter = fc.tuple(fc.constantFrom(...keywords), word).map((parts) => parts.join('='));
  const uris = fc
    .tuple(
      fc.constantFrom('postgres://', 'postgresql://'),
      optional(fc.tuple(word, optional(word.map((text) => `:${text}`))).map(([user, rest]) => `${user}${rest}@`)),
      fc.oneof(word, fc.constantFrom('h', 'h1,h2', '[::1]', '%2Ftmp', '')),
      fc.constantFrom('', '', ':5432', ':0', ':99999', ':1,h2'),
      optional(word.map((text) => `/${text}`)),
      optional(fc.array(parameter, { maxLength: 3 }).map((parts) => `?${parts.join('&')}`)),
    )
    .map((parts) => parts.join(''));
  let read = 0;
  fc.assert(
    fc.property(uris, fc.constantFrom(13, 18), (uri, libpqVersion) => {
      const parsed = parseConninfo(uri, { libpqVersion });
      if (!parsed.ok) return;
      const values = valuesByPackage(uri, parsed.value);
      if (values === undefined) return;
      read += 1;
      expect(plain(values)).toEqual(plain(parsed.value.values));
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(2_000);
});
