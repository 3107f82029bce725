import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { configurationValue, conninfoValue, formatConninfo } from '../../src/postgres/conninfo-format.ts';
import { conninfoOptions, isSecretKeyword, nearestKeyword } from '../../src/postgres/conninfo-options.ts';
import { looksLikeConninfo, parseConninfo } from '../../src/postgres/conninfo.ts';
import type { Conninfo, ConninfoProblem, ConninfoValues } from '../../src/postgres/conninfo.ts';
import { secret } from '../../src/postgres/secret.ts';

function parsed(text: string, libpqVersion?: number): Conninfo {
  const result = parseConninfo(text, libpqVersion === undefined ? {} : { libpqVersion });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

function problemOf(text: string, libpqVersion?: number): ConninfoProblem {
  const result = parseConninfo(text, libpqVersion === undefined ? {} : { libpqVersion });
  if (result.ok) throw new Error(`accepted: ${text}`);
  return result.problem;
}

/** Values with their secrets shown, for comparing. */
const plain = (values: ConninfoValues): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => [keyword, typeof value === 'string' ? value : value.reveal()]),
  );

const marked = (text: string, { at, end }: { at: number; end: number }): string => text.slice(at, end);

describe('keyword/value', () => {
  test.each([
    ['', {}],
    [' \t\n', {}],
    ['host=db1', { host: 'db1' }],
    ["host = db1\tport\n=\n5433  user='rep user'", { host: 'db1', port: '5433', user: 'rep user' }],
    [String.raw`password='it\'s \\ \a'`, { password: String.raw`it's \ a` }],
    [String.raw`password=it\'s\ me user=x`, { password: "it's me", user: 'x' }],
    ["host= user=''", { host: "user=''" }],
    ["host='' user=a", { host: '', user: 'a' }],
    ["host='a'port=1", { host: 'a', port: '1' }],
    ["host=a'b", { host: "a'b" }],
    ['host=a=b', { host: 'a=b' }],
    ['host=a host=b', { host: 'b' }],
    ['host=a\\', { host: 'a' }],
    ['requiressl=1', { sslmode: 'require' }],
    ['requiressl=0', { sslmode: 'prefer' }],
    ['user=søren application_name=станция', { user: 'søren', application_name: 'станция' }],
  ])('%j', (text, expected) => {
    expect(plain(parsed(text).values)).toEqual(expected);
  });

  test.each([
    ['host', 'missing-equals', 'host'],
    ['host=a port 5432', 'missing-equals', 'port'],
    ["host='abc", 'unterminated-quote', "'abc"],
    [String.raw`host='abc\'`, 'unterminated-quote', String.raw`'abc\'`],
    ['hots=db1', 'unknown-keyword', 'hots'],
    ['host=a hots=db1 x', 'unknown-keyword', 'hots'],
    ['host="a b"', 'missing-equals', 'b"'],
    ['HOST=db1', 'unknown-keyword', 'HOST'],
    ['=x', 'unknown-keyword', ''],
    ['host=a\u00A0user=b port', 'missing-equals', 'port'],
    ['ssl=true', 'unknown-keyword', 'ssl'],
  ])('%j is refused: %s', (text, kind, where) => {
    const problem = problemOf(text);
    expect(problem.kind).toBe(kind);
    expect(marked(text, problem)).toBe(where);
  });

  test('what libpq would refuse next is named, up to a word that can be a part of a password', () => {
    expect(problemOf('master_host=a port=1 MASTER_PORT=2 nosuch=3')).toMatchObject({
      name: 'master_host',
      others: [
        { name: 'MASTER_PORT', suggestion: 'port' },
        { name: 'nosuch', suggestion: undefined },
      ],
    });
    expect(problemOf('hots=a password=b c=d nosuch=e')).not.toHaveProperty('others');
    expect(problemOf('hots=a master_password=b c=d')).toMatchObject({ others: [{ name: 'master_password' }] });
    expect(problemOf('password=b c=d nosuch=e')).not.toHaveProperty('others');
  });

  test('a keyword is known to the releases that have it', () => {
    expect(problemOf('require_auth=none', 15)).toMatchObject({
      kind: 'unknown-keyword',
      name: 'require_auth',
      known: { since: 16, until: undefined },
    });
    expect(parsed('require_auth=none', 16).values.require_auth).toBe('none');
    expect(parsed('tty=x', 13).values.tty).toBe('x');
    expect(problemOf('tty=x', 14)).toMatchObject({ known: { since: 13, until: 13 } });
  });

  test('settings say where each keyword stands', () => {
    const text = "host=a  port = '5' host=b";
    const { settings, oddities } = parsed(text);
    expect(settings.map((setting) => [setting.keyword, marked(text, setting)])).toEqual([
      ['host', 'host=a'],
      ['port', "port = '5'"],
      ['host', 'host=b'],
    ]);
    expect(oddities).toEqual([{ kind: 'given-twice', keyword: 'host', at: 19 }]);
  });

  test('quotation marks that libpq does not know are pointed at', () => {
    expect(parsed('user=“rep” application_name="x"').oddities).toEqual([
      { kind: 'foreign-quote', keyword: 'user', quote: '“', at: 5 },
      { kind: 'foreign-quote', keyword: 'application_name', quote: '"', at: 28 },
    ]);
  });
});

describe('nearest keyword', () => {
  test.each([
    ['hots', 'host'],
    ['master_host', 'host'],
    ['source_port', 'port'],
    ['Host', 'host'],
    ['prot', 'port'],
    ['usr', 'user'],
    ['username', 'user'],
    ['passwrod', 'password'],
    ['database', 'dbname'],
    ['ssl-mode', 'sslmode'],
    ['applicationname', 'application_name'],
    ['\u00A0user', 'user'],
    ['target_session_attr', 'target_session_attrs'],
    ['zzz', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('%j → %s', (name, keyword) => {
    expect(nearestKeyword(name)).toBe(keyword);
  });

  test('what this libpq does not know is not suggested', () => {
    expect(nearestKeyword('sslnegotation', 17)).toBe('sslnegotiation');
    expect(nearestKeyword('sslnegotation', 16)).toBeUndefined();
  });
});

describe('URI', () => {
  test.each([
    ['postgresql://', {}],
    ['postgres://db1', { host: 'db1' }],
    ['postgres://rep@db1:5433/app', { user: 'rep', host: 'db1', port: '5433', dbname: 'app' }],
    ['postgres://rep:p%40ss%2F%25@db1', { user: 'rep', password: 'p@ss/%', host: 'db1' }],
    ['postgres://:pw@db1', { password: 'pw', host: 'db1' }],
    ['postgres://a:b:c@db1', { user: 'a', password: 'b:c', host: 'db1' }],
    ['postgres://[::1]:5433,[fe80::1%25eth0],db3:1/', { host: '::1,fe80::1%eth0,db3', port: '5433,,1' }],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/app', { host: '/var/run/postgresql', dbname: 'app' }],
    ['postgres:///app?host=/tmp&port=5433', { dbname: 'app', host: '/tmp', port: '5433' }],
    ['postgres://h?ssl=true', { host: 'h', sslmode: 'require' }],
    ['postgres://h/?requiressl=1', { host: 'h', sslmode: 'require' }],
    ['postgres://h/d/e?options=-c%20x%3D1', { host: 'h', dbname: 'd/e', options: '-c x=1' }],
    ['postgres://u:p?w#x@h', { user: 'u', password: 'p?w#x', host: 'h' }],
    ['postgres://@@abstract/', { host: '@abstract' }],
    ['postgres://h:5432/my@db', { host: 'h', port: '5432', dbname: 'my@db' }],
    ['postgres://h?application_name=%D1%81', { host: 'h', application_name: 'с' }],
    ['postgres://h?', { host: 'h' }],
    ['postgres://h?user=x&', { host: 'h', user: 'x' }],
  ])('%s', (text, expected) => {
    expect(plain(parsed(text).values)).toEqual(expected);
  });

  test.each([
    ['postgres://[::1/x', 'unclosed-bracket', '[::1/x'],
    ['postgres://[]/x', 'empty-bracket', '[]'],
    ['postgres://[::1]x', 'after-bracket', 'x'],
    ['postgres://h/a%zz', 'percent-token', '%'],
    ['postgres://h/a%4', 'percent-token', '%'],
    ['postgres://h/a%00b', 'percent-zero', '%00'],
    ['postgres://h/a b', 'space-in-uri', ' '],
    ['postgres://h?host', 'parameter-without-equals', 'host'],
    ['postgres://h?host&port=1', 'parameter-without-equals', 'host'],
    ['postgres://h?host=a=b', 'parameter-with-two-equals', '='],
    ['postgres://h?hots=a', 'unknown-keyword', 'hots'],
    ['postgres://h?ssl=false', 'unknown-keyword', 'ssl'],
    ['postgres://u:pa@ss@h', 'unencoded-credentials', '@'],
    ['postgres://u:pa@s/w@h:5432/x', 'unencoded-credentials', '@'],
    ['postgres://u:pa/ss@h', 'unencoded-credentials', '/'],
    ['Postgres://h', 'missing-equals', 'Postgres://h'],
  ])('%s is refused: %s', (text, kind, where) => {
    const problem = problemOf(text);
    expect(problem.kind).toBe(kind);
    expect(marked(text, problem)).toBe(where);
  });

  test('spaces are letters up to 17, and from 18 on trimmed or refused', () => {
    expect(plain(parsed('postgres:// u @h/ d ', 17).values)).toEqual({ user: ' u ', host: 'h', dbname: ' d ' });
    expect(plain(parsed('postgres:// u @h/ d ', 18).values)).toEqual({ user: 'u', host: 'h', dbname: 'd' });
    expect(plain(parsed('postgres://h/a b', 17).values)).toEqual({ host: 'h', dbname: 'a b' });
  });
});

test('psql takes a text for a connection string when it is a URI or holds a "="', () => {
  expect(['postgres://', 'a=b', 'app', 'Postgres://'].map(looksLikeConninfo)).toEqual([true, true, false, false]);
});

describe('secrets', () => {
  const canary = 'canary4711';
  test.each([
    `password=x ${canary}`,
    `password=x ${canary}=1`,
    `password='x'${canary}`,
    `password='x'${canary}='`,
    `password='x'${canary}='y`,
    `password='${canary}`,
    `password:${canary}`,
    `postgress://u:${canary}@h/db`,
    `jdbc:postgresql://h/db?user=u&password=${canary}`,
    `postgres://u:x@${canary}@h/db`,
    `postgres://u:${canary}/x@h/db`,
    `postgres://u:${canary}%zz@h/db`,
    `postgres://u:x${canary} y@h/db?a`,
    `postgres://h?password=a=${canary}`,
    `postgres://h?password=a&${canary}`,
    `postgres://h?password=a&${canary}=1`,
    `oauth_client_secret=a ${canary}`,
  ])('%s: no message quotes it', (text) => {
    const result = parseConninfo(text);
    expect(JSON.stringify(result)).not.toContain(canary);
    expect(result.ok).toBe(text.includes('x@h/db?a'));
  });

  test('every secret keyword is kept as one', () => {
    const secrets = conninfoOptions.map((option) => option.keyword).filter(isSecretKeyword);
    expect(secrets).toEqual(['password', 'sslpassword', 'scram_client_key', 'scram_server_key', 'oauth_client_secret']);
    const text = secrets.map((keyword) => `${keyword}=${canary}`).join(' ');
    expect(JSON.stringify(parsed(text))).not.toContain(canary);
  });
});

describe('writing', () => {
  test('secrets are masked, left out or replaced, and never written', () => {
    const values: ConninfoValues = { host: 'db 1', password: secret('p'), user: "o'neil", port: '5432' };
    expect(formatConninfo(values)).toBe(String.raw`host='db 1' password=*** user='o\'neil' port=5432`);
    expect(formatConninfo(values, { secrets: 'left-out' })).toBe(String.raw`host='db 1' user='o\'neil' port=5432`);
    expect(formatConninfo({ password: secret('p') }, { secrets: { placeholder: '<password>' } })).toBe(
      "password='<password>'",
    );
  });

  test('every text survives being written and read again', () => {
    const keyword = fc.constantFrom('host', 'user', 'dbname', 'options', 'application_name', 'passfile');
    fc.assert(
      fc.property(fc.dictionary(keyword, fc.string({ unit: 'grapheme' })), (values) => {
        expect(plain(parsed(formatConninfo(values)).values)).toEqual({ ...values });
      }),
    );
  });

  test('a value of postgresql.conf doubles what the server undoes', () => {
    expect(configurationValue(`password=${conninfoValue("it's")}`)).toBe(String.raw`'password=''it\\''s'''`);
  });
});

const words = [
  'postgres://',
  'host',
  'password',
  '=',
  "'",
  '\\',
  ' ',
  '%2',
  '%',
  '@',
  ':',
  '/',
  '?',
  '&',
  ',',
  '[',
  ']',
  'ü',
];

test('no text makes the parser throw or point outside of the text', () => {
  const piece = fc.constantFrom(...words);
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        for (const libpqVersion of [13, 18]) {
          const result = parseConninfo(text, { libpqVersion });
          const spans = result.ok ? result.value.settings : [result.problem];
          for (const { at, end } of spans) {
            expect(at).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThanOrEqual(at);
            expect(end).toBeLessThanOrEqual(text.length + 1);
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});
