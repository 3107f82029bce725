import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fitsMasked, maskedLine } from '../../src/postgres/masked-line.ts';
import { maskedPassfileLine } from '../../src/postgres/passfile.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';

describe('a line of a configuration file without its secrets', () => {
  it.each([
    ["primary_conninfo = 'host=a password=geheim user=b'", "primary_conninfo = 'host=a password=*** user=b'"],
    ["primary_conninfo 'password=''ge heim'' user=b' # was x", "primary_conninfo 'password=*** user=b' # was x"],
    ["#primary_conninfo = 'password=geheim'", "#primary_conninfo = 'password=***'"],
    ["primary_conninfo = 'postgresql://u:geheim@h/'", "primary_conninfo = 'postgresql://u:***@h/'"],
    ["primary_conninfo = 'host=a password=geheim", "primary_conninfo = 'host=a password=***"],
    [String.raw`primary_conninfo = 'host=a password=ge\'heim'`, "primary_conninfo = 'host=a password=***'"],
    [
      String.raw`primary_conninfo = 'host=a password=''it\\''s-geheim'' user=b'`,
      "primary_conninfo = 'host=a password=*** user=b'",
    ],
    ["primary_conninfo = 'host=a password=''it's-geheim'' user=b'", "primary_conninfo = 'host=a password=***"],
    ["primary_conninfo = 'host=a password=two geheim user=b'", "primary_conninfo = 'host=a password=***'"],
    [
      String.raw`primary_conninfo = 'host=a p\141ssword=geheim user=b'`,
      String.raw`primary_conninfo = 'host=a p\141ssword=*** user=b'`,
    ],
    ["#primary_conninfo = 'host=a password=geheim user=b' password=geheim", "#primary_conninfo = 'host=a password=***"],
    ["archive_command = 'curl -u x:y https://a:geheim@b/%f'", "archive_command = 'curl -u x:*** https://a:***@b/%f'"],
    ["ssl_passphrase_command = 'echo geheim'", "ssl_passphrase_command = '***'"],
    ["primary_conninf = 'host=a password=geheim'", "primary_conninf = 'host=a password=***'"],
    ['host all all all ldap ldap"bindpasswd"=geheim x=y', 'host all all all ldap ldap"bindpasswd"=***'],
    ["password_encryption = 'md5' # as of old", "password_encryption = 'md5' # as of old"],
    ['host all all all ldap ldapbindpasswd=geheim x=y', 'host all all all ldap ldapbindpasswd=***'],
    ['host replication password 10.0.0.0/8 password', 'host replication password 10.0.0.0/8 password'],
    ['max_connections = 100', 'max_connections = 100'],
    ['', ''],
  ])('%s', (line, shown) => {
    expect(maskedLine(line)).toBe(shown);
    expect(fitsMasked(shown, line)).toBe(true);
  });

  it('shows nothing of a secret that goes on in the next line', () => {
    const text = 'host all all all ldap "ldapbindpasswd=a \\\nb c\\\nd"\nlocal all all peer';
    expect(writtenLines(text).lines).toEqual([
      'host all all all ldap "ldapbindpasswd=***',
      '***',
      '***',
      'local all all peer',
    ]);
  });

  it('fits the line that it is made of, whatever that is', () => {
    const piece = fc.constantFrom(
      'primary_conninfo',
      ' = ',
      "'",
      "''",
      'host=a',
      ' ',
      'password=',
      'x',
      '\\',
      '#',
      '***',
      '=',
      '"',
      'restore_command',
      'postgres://a:b@c',
      'ldapbindpasswd=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(fitsMasked(maskedLine(pieces.join('')), pieces.join(''))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never shows a password of a connection string that libpq understands', () => {
    const value = fc.constantFrom('geheim', "'geheim'", "'ge geheim'", String.raw`ge\'geheim`, "'geheim' ");
    const other = fc.constantFrom('host=a ', 'user = b ', "application_name='x y' ", 'port=1 ');
    const keyword = fc.constantFrom('password', 'password ', 'sslpassword', 'scram_client_key');
    fc.assert(
      fc.property(
        fc.array(other),
        keyword,
        value,
        fc.array(other),
        fc.boolean(),
        (left, name, secret, right, doubled) => {
          const conninfo = `${left.join('')}${name}=${secret} ${right.join('')}`;
          const quoted = conninfo.replaceAll('\\', '\\\\').replaceAll("'", doubled ? "''" : String.raw`\'`);
          expect(maskedLine(`primary_conninfo = '${quoted}'`)).not.toContain('geheim');
        },
      ),
      { numRuns: 500 },
    );
  });
});

it.each([
  ['h:5432:replication:u:geheim', 'h:5432:replication:u:***'],
  [String.raw`a\:b:*:*:u\\:ge\:heim`, String.raw`a\:b:*:*:u\\:***`],
  ['# h:1:d:u:geheim', '***'],
  ['geheim', '***'],
  ['', ''],
])('of the password file %s is shown as %s', (line, shown) => expect(maskedPassfileLine(line)).toBe(shown));
