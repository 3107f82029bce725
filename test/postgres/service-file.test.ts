import { describe, expect, test } from 'vitest';

import { parseServiceFile } from '../../src/postgres/service-file.ts';

const file = `# services
[other]
this line is nobody's business

  [rep]  # a remark
host=db1
 port = 5433
`;

function settingsOf(text: string, service: string): readonly (readonly [string, string, number])[] {
  const found = parseServiceFile(text, service);
  if (found.kind !== 'found') throw new Error(found.kind);
  return found.settings.map(({ keyword, value, line }) => [keyword, value.reveal(), line]);
}

describe('a service', () => {
  test('holds its settings with their lines, until the next one begins', () => {
    const text = '[a]\r\nhost=db1\r\n\r\n# x\r\n  user=rep \r\npassword= p \r\n[b]\r\nnonsense\r\n';
    expect(settingsOf(text, 'a')).toEqual([
      ['host', 'db1', 2],
      ['user', 'rep', 5],
      ['password', ' p', 6],
    ]);
  });

  test('is the first of its name, and the first line of a keyword counts', () => {
    expect(settingsOf('[a]\nhost=1\nhost=2\n[a]\nport=3', 'a')).toEqual([['host', '1', 2]]);
  });

  test('that is missing is told with those that are there', () => {
    expect(parseServiceFile(file, 'replica')).toEqual({ kind: 'not-found', services: ['other', 'rep'] });
    expect(parseServiceFile('', 'a')).toEqual({ kind: 'not-found', services: [] });
  });
});

test.each([
  [file, 'rep', 'unknown-keyword', 7, 'port'],
  [file, 'other', 'no-equals', 3, undefined],
  ['[a]\nservice=b', 'a', 'nested-service', 2, undefined],
  ['[a]\nhots=b', 'a', 'unknown-keyword', 2, 'host'],
  [`# ${'x'.repeat(1020)}\n[a]`, 'a', 'line-too-long', 1, undefined],
])('a line that libpq refuses: %#', (text, service, kind, line, suggestion) => {
  expect(parseServiceFile(text, service)).toMatchObject({ kind: 'malformed', problem: { kind, line, suggestion } });
});

test('libpq 13 reads lines of up to 254 bytes', () => {
  const text = `[a]\n#${'x'.repeat(252)}\nhost=b`;
  expect(parseServiceFile(text, 'a', { libpqVersion: 13 }).kind).toBe('found');
  expect(parseServiceFile(text.replace('#', '##'), 'a', { libpqVersion: 13 }).kind).toBe('malformed');
  expect(parseServiceFile(text.replace('#', '##'), 'a', { libpqVersion: 14 }).kind).toBe('found');
});

test('no value of the file stands in what is told of it', () => {
  for (const line of ['password canary', 'canary', 'passwort=canary', 'pass word=canary', 'password=canary\nx']) {
    expect(JSON.stringify(parseServiceFile(`[a]\n${line}`, 'a'))).not.toContain('canary');
  }
});
