import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { maskConninfo } from '../../src/postgres/conninfo-mask.ts';
import { logRecord } from '../../src/postgres/log/log-record.ts';
import { fitsMasked, maskedLine, maskSetting } from '../../src/postgres/masked-line.ts';
import { maskedPassfileLine } from '../../src/postgres/passfile.ts';
import { maskText } from '../../src/postgres/secrets-in-text.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';

/** A password and the pieces of it that would be known again: what stands between them is any printable character. */
interface Password {
  readonly text: string;
  readonly pieces: readonly string[];
}

const piece = fc.stringMatching(/^[a-z]{2}[QXZ][0-9]{2}[a-z]{2}$/u);
const odd = fc.constantFrom(
  ...Array.from('\'"\\`~&$:@/?#%;,=|<>(){}[]*!^+-_.§éß😀 '),
  "''",
  '\\\\',
  String.raw`\'`,
  String.raw`\1`,
  '$$',
  "' ",
  ' user=',
  '=',
);
const password: fc.Arbitrary<Password> = fc
  .array(fc.tuple(fc.string({ unit: odd, maxLength: 3 }), piece), { minLength: 1, maxLength: 3 })
  .chain((parts) =>
    fc.string({ unit: odd, maxLength: 3 }).map((end) => ({
      text: parts.flat().join('') + end,
      pieces: parts.map(([, one]) => one),
    })),
  );

/** Which of the ways to write a character is taken, each time another. */
type Choose = <T>(ways: readonly T[]) => T;

const choices = fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 });

function chooseBy(numbers: readonly number[]): Choose {
  let at = -1;
  return <T>(ways: readonly T[]): T => {
    at += 1;
    const way = ways[(numbers[at % numbers.length] ?? 0) % ways.length];
    if (way === undefined) throw new Error('there is no way');
    return way;
  };
}

const each = (text: string, pattern: RegExp, write: (character: string) => string): string =>
  text.replaceAll(pattern, write);

/** fe-connect.c, conninfo_parse. */
function conninfoValue(text: string, choose: Choose): string {
  const escaped = each(text, /['\\]/gu, (one) => `\\${one}`);
  return choose([`'${escaped}'`, each(text, /['\\\s]/gu, (one) => `\\${one}`)]);
}

function conninfo(secret: string, choose: Choose): string {
  const keyword = choose(['password', 'sslpassword', 'scram_client_key', 'oauth_client_secret']);
  const equals = choose(['=', ' = ', '= ', ' =']);
  const pair = `${keyword}${equals}${conninfoValue(secret, choose)}`;
  return choose([
    `host=db1 ${pair} user=rep`,
    `host=db1 user=rep ${pair}`,
    `${pair} host=db1 application_name='x y'`,
    `postgresql://rep:${encoded(secret)}@db1:5432/?sslmode=require`,
    `postgres://rep@db1/postgres?password=${encoded(secret)}&sslmode=require`,
    `postgres://db1/postgres?sslmode=require&pass%77ord=${encoded(secret)}`,
  ]);
}

const encoded = (text: string): string =>
  each(text, /[^A-Za-z0-9]/gu, (one) => encodeURIComponent(one)).replaceAll(
    /[!'()*~_.-]/gu,
    (one) => `%${one.codePointAt(0)?.toString(16)}`,
  );

/** guc-file.l, DeescapeQuotedString. */
const inConfiguration = (text: string, choose: Choose): string =>
  `'${each(text, /['\\]/gu, (one) =>
    one === "'" ? choose(["''", String.raw`\'`, String.raw`\047`]) : choose(['\\\\', String.raw`\134`]),
  )}'`;

const inSql = (text: string, choose: Choose): string =>
  choose([`'${text.replaceAll("'", "''")}'`, `E'${each(text, /['\\]/gu, (one) => `\\${one}`)}'`, `$pw$${text}$pw$`]);

const shellWord = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const inShell = (text: string, choose: Choose): string =>
  choose([
    shellWord(text),
    `"${each(text, /["\\$`]/gu, (one) => `\\${one}`)}"`,
    each(text, /[^A-Za-z0-9]/gu, (one) => `\\${one}`),
  ]);

function command(secret: string, choose: Choose): string {
  return choose([
    `PGPASSWORD=${inShell(secret, choose)} psql -h db1`,
    `AWS_SECRET_ACCESS_KEY=${inShell(secret, choose)} aws s3 cp s3://b/%f %p`,
    `fetch --password=${inShell(secret, choose)} %f`,
    `fetch --api-token ${inShell(secret, choose)} %f`,
    `pgbackrest --repo1-cipher-pass=${inShell(secret, choose)} archive-get %f %p`,
    `curl https://me:${encoded(secret)}@archive/%f -o %p`,
    `curl -u me:${each(secret, /[^A-Za-z0-9]/gu, (one) => `\\${one}`)} https://archive/%f -o %p`,
    `pg_receivewal -d ${inShell(conninfo(secret, choose), choose)} -D /x`,
  ]);
}

const shows = (shown: string, { pieces }: Password): readonly string[] => pieces.filter((one) => shown.includes(one));

const never = (show: (secret: string, choose: Choose) => string, numRuns = 3_000): void =>
  fc.assert(
    fc.property(password, choices, (secret, numbers) => {
      const shown = show(secret.text, chooseBy(numbers));
      expect(shows(shown, secret), shown).toEqual([]);
    }),
    { numRuns },
  );

describe('no part of a password is shown', () => {
  it('of a connection string', () => never((secret, choose) => maskConninfo(conninfo(secret, choose))));

  it('of a line of a configuration file', () =>
    never((secret, choose) => {
      const [name, value] = choose([
        ['primary_conninfo', conninfo(secret, choose)],
        ['PRIMARY_CONNINFO', conninfo(secret, choose)],
        ['restore_command', command(secret, choose)],
        ['ssl_passphrase_command', `echo ${secret}`],
        ['pglogical.dsn', conninfo(secret, choose)],
        ['primary_conninf', conninfo(secret, choose)],
      ] as const);
      const written = inConfiguration(value, choose);
      const line = `${choose(['', '#', ' # '])}${name}${choose([' = ', '=', ' '])}${written}${choose(['', ' # a comment'])}`;
      const shown = maskedLine(line);
      expect(fitsMasked(shown, line)).toBe(true);
      return `${shown}\n${maskSetting(name.toLowerCase(), value)}`;
    }));

  it('of a line that the server refuses', () =>
    never((secret, choose) => {
      const value = conninfo(secret, choose);
      return maskedLine(
        choose([
          `primary_conninfo = '${value}`,
          `primary_conninfo = '${value}'`,
          `primary_conninfo = "${value}"`,
          `primary_conninfo = ${value}`,
          `- primary_conninfo: ${value}`,
        ]),
      );
    }));

  it('of pg_hba.conf', () =>
    never((secret, choose) => {
      const name = choose(['ldapbindpasswd', 'radiussecrets', 'ldap"bind"passwd']);
      const quoted = `"${secret.replaceAll('"', '""')}"`;
      const line = `host all all all ldap ${choose([`${name}=${quoted}`, `"${name.replaceAll('"', '')}=${quoted.slice(1)}`])} x=y`;
      const at = choose([10, 23, 30, 36, line.length]);
      return writtenLines(`${line.slice(0, at)}\\\n${line.slice(at)}\nlocal all all peer\n`).lines.join('\n');
    }));

  it('of a password file', () =>
    never((secret) => maskedPassfileLine(`db1:5432:replication:rep:${each(secret, /[:\\]/gu, (one) => `\\${one}`)}`)));

  it('of a log', () =>
    never((secret, choose) => {
      const text = choose([
        `parameter "primary_conninfo" changed to "${conninfo(secret, choose)}"`,
        `parameter "restore_command" changed to "${command(secret, choose)}"`,
        `ALTER ROLE rep PASSWORD ${inSql(secret, choose)}`,
        `CREATE ROLE rep LOGIN ENCRYPTED PASSWORD ${inSql(secret, choose)} VALID UNTIL 'infinity';`,
        `CREATE SUBSCRIPTION s CONNECTION ${inSql(conninfo(secret, choose), choose)} PUBLICATION p`,
        `CREATE USER MAPPING FOR a SERVER b OPTIONS (user 'x', password ${inSql(secret, choose)})`,
        `SELECT dblink_connect('c', ${inSql(conninfo(secret, choose), choose)})`,
        `The failed archive command was: ${command(secret, choose)}`,
        JSON.stringify({ primary_conninfo: conninfo(secret, choose), port: 1 }),
        JSON.stringify({ user: 'rep', password: secret, port: 1 }),
        `could not connect to the primary server: ${libpqSays(secret, choose)}`,
      ]);
      const { message, statement } = logRecord({ message: text, line: 1, parts: { statement: text } });
      return `${message}\n${statement ?? ''}\n${maskText(text)}`;
    }, 10_000));
});

/** fe-connect.c, each message that quotes a part of the text. */
const libpqSays = (part: string, choose: Choose): string =>
  choose([
    `missing "=" after "${part}" in connection info string`,
    `invalid connection option "${part}"`,
    `invalid percent-encoded token: "${part}%zz"`,
    `forbidden value %00 in percent-encoded value: "${part}%00"`,
    `unexpected spaces found in "${part}", use percent-encoded spaces (%20) instead`,
    `end of string reached when looking for matching "]" in IPv6 host address in URI: "postgresql://u:${part}@[::1"`,
    `IPv6 host address may not be empty in URI: "postgresql://u:${part}@[]/"`,
    `unexpected character "x" at position 25 in URI (expected ":" or "/"): "postgresql://u:${part}@[::1]x"`,
    `extra key/value separator "=" in URI query parameter: "${part}"`,
    `missing key/value separator "=" in URI query parameter: "${part}"`,
    `invalid URI query parameter: "${part}"`,
    `invalid port number: "${part}"`,
    `invalid integer value "${part}" for connection option "port"`,
    `could not translate host name "${part.replaceAll('"', '')}@db1" to address: Name or service not known`,
    `password authentication failed for user "rep:${part.replaceAll('"', '')}"`,
  ]);

describe('what is no secret is shown', () => {
  it.each([
    'password authentication failed for user "rep"',
    'password retrieved from file "/home/rep/.pgpass"',
    'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", no encryption',
    'could not translate host name "db1" to address: Name or service not known',
    'connection to server at "db1" (10.0.0.7), port 5432 failed: Connection refused',
    'invalid connection option "pasword"',
    'missing "=" after "host" in connection info string',
    'syntax error in file "/data/postgresql.conf" line 3, near token "="',
    'User "rep" does not have a valid SCRAM secret.',
    "ssl_key_file = '/etc/ssl/private/key.pem'",
    'password_encryption = scram-sha-256',
    'starting up at postgresql://db1:5432/x',
    'see https://www.postgresql.org:443/docs/',
    'host=db1 sslkey=/a/b passfile=/c/d',
    'role "rep" does not exist',
    'provided user name (a) and authenticated user name (b@EXAMPLE.COM) do not match',
    'hostssl all all 0.0.0.0/0 password',
    "ALTER ROLE rep VALID UNTIL 'infinity'",
  ])('%s', (text) => expect(maskText(text)).toBe(text));

  it.each([
    ["CREATE ROLE a PASSWORD 'x' VALID UNTIL 'y'", "CREATE ROLE a PASSWORD *** VALID UNTIL 'y'"],
    ['PGPASSWORD=x psql -h db1', 'PGPASSWORD=*** psql -h db1'],
    ['host=db1 password=x user=rep', 'host=db1 password=*** user=rep'],
    ["host=db1 password='x y' user=rep", 'host=db1 password=*** user=rep'],
    ['host=db1 password=x y user=rep', 'host=db1 password=***'],
    ['{"password":"xy","port":1}', '{"password":***,"port":1}'],
    ['{"password":"x\\"y","port":1}', '{"password":***'],
    ['https://me:x@archive/%f', 'https://me:***@archive/%f'],
    ['invalid percent-encoded token: "x%zz"', 'invalid percent-encoded token: "***"'],
  ])('%s', (text, shown) => expect(maskText(text)).toBe(shown));
});

it('takes any text, in time', () => {
  fc.assert(
    fc.property(fc.string({ unit: odd, maxLength: 300 }), (text) => {
      expect(typeof maskText(`password ${text} password=${text}`)).toBe('string');
    }),
    { numRuns: 2_000 },
  );
  const started = performance.now();
  for (const long of ["''", '\\', 'password=', '//a:', '"', 'a.', ' ', "password='a''", 'curl -u ', 'md5'])
    maskText(`password=' ${long.repeat(20_000)}`);
  expect(performance.now() - started).toBeLessThan(5_000);
});
