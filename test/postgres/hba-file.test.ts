import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatHbaLine, formatHbaName, lineBreaksBeforeAppended } from '../../src/postgres/hba-format.ts';
import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import { formatHbaAddress } from '../../src/postgres/hba-line.ts';
import type { HbaLine, HbaRule } from '../../src/postgres/hba-line.ts';

const file = '/data/pg_hba.conf';

function parse(text: string, serverVersion = 18, files: Readonly<Record<string, string>> = {}): readonly HbaLine[] {
  const read = (path: string): string | undefined => files[path];
  const list = (directory: string): readonly string[] | undefined => {
    const names = Object.keys(files).filter((path) => path.startsWith(`${directory}/`));
    return names.length === 0 ? undefined : names.map((path) => path.slice(directory.length + 1)).reverse();
  };
  return parseHbaFile({ file, text, serverVersion, source: { read, list } }).lines;
}

function only(text: string, serverVersion = 18, files: Readonly<Record<string, string>> = {}): HbaRule {
  const [line, ...others] = parse(text, serverVersion, files);
  if (line?.kind !== 'rule' || others.length > 0) throw new Error(JSON.stringify([line, ...others]));
  return line;
}

function errorOf(text: string, serverVersion = 18, files: Readonly<Record<string, string>> = {}): string | undefined {
  const lines = parse(text, serverVersion, files);
  return lines.find((line) => line.kind === 'broken')?.error;
}

const names = (tokens: HbaRule['users']): readonly string[] =>
  tokens.map(({ text, quoted }) => (quoted === true ? `"${text}"` : text));

describe('names, quotes and commas', () => {
  test.each([
    ['a,b,c', ['a', 'b', 'c']],
    ['a, b', ['a', 'b']],
    ['"all"', ['"all"']],
    ['"a b"', ['"a b"']],
    ['"a""b"', ['"a"b"']],
    ['"a,b",c', ['"a,b"', 'c']],
    ['"#"', ['"#"']],
    ['al"l"', ['all']], // a quote that is not the first character leaves the keyword a keyword
    ['"al"l', ['"all"']],
    ['+"my group"', ['+my group']],
    ['"+group"', ['"+group"']],
    ['"@file"', ['"@file"']],
    ['""', ['""']],
    ['@', ['@']],
  ])('%s', (written, expected) => {
    expect(names(only(`host all ${written} 10.0.0.0/8 trust`).users)).toEqual(expected);
  });

  test('comments, blank lines, tabs and carriage returns', () => {
    const lines = parse('# all\n\n \t\r\nlocal\tall\tall\ttrust # why\r\nlocal all bob#x trust\n');
    expect(lines.map(({ kind, line }) => [kind, line])).toEqual([
      ['rule', 4],
      ['broken', 5],
    ]);
  });

  test('an unclosed quote runs to the end of its line', () => {
    expect(errorOf('local all "bob trust\nlocal all all trust')).toBe('end-of-line before authentication method');
  });
});

describe('continued lines', () => {
  const text = '# one \\\nlocal all all reject\nlocal \\\n  all all \\\n trust\nlocal all bob reject\n';

  test('from 14 on a backslash continues, comments too', () => {
    expect(parse(text, 14).map(({ line, endLine }) => [line, endLine])).toEqual([
      [3, 5],
      [6, 6],
    ]);
  });

  test('13 knows no continuation', () => {
    expect(parse(text, 13).map(({ line, kind }) => [line, kind])).toEqual([
      [2, 'rule'],
      [3, 'broken'],
      [4, 'broken'],
      [5, 'broken'],
      [6, 'rule'],
    ]);
  });

  test('13 cuts lines of 20479 bytes', () => {
    const [first, second] = parse(`local all ${'x,'.repeat(10_240)} trust\n`, 13);
    expect(first).toMatchObject({ kind: 'broken', line: 1, error: 'authentication file line too long' });
    expect(second).toMatchObject({ kind: 'broken', line: 2 });
  });
});

describe('addresses', () => {
  test.each([
    ['all', 'all'],
    ['samehost', 'samehost'],
    ['samenet', 'samenet'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.0 255.0.0.0', '10.0.0.0/8'],
    ['10.0.0.0 255.0.255.0', '10.0.0.0 255.0.255.0'],
    ['"10.0.0.0/ +8"', '10.0.0.0/8'],
    ['::/0', '::/0'],
    ['fe80::1%eth0/64', 'fe80::1/64'],
    ['2001:db8:: ffff:ffff::', '2001:db8::/32'],
    ['db1.example.com', 'db1.example.com'],
    ['.example.com', '.example.com'],
    ['"all"', 'all'],
  ])('%s', (written, expected) => {
    expect(formatHbaAddress(only(`host all all ${written} trust`).address)).toBe(expected);
  });

  test('a keyword in quotes is a host', () => {
    expect(only('host all all "samenet" trust').address).toEqual({ kind: 'host-name', name: 'samenet' });
  });
});

describe('errors, worded as pg_hba_file_rules words them', () => {
  test.each([
    ['lokal all all trust', 'invalid connection type "lokal"'],
    ['local,host all all trust', 'multiple values specified for connection type'],
    ['local', 'end-of-line before database specification'],
    ['local all', 'end-of-line before role specification'],
    ['local all all', 'end-of-line before authentication method'],
    ['host all all', 'end-of-line before IP address specification'],
    ['host all all 10.0.0.1', 'end-of-line before netmask specification'],
    ['host all all 10.0.0.1,10.0.0.2 trust', 'multiple values specified for host address'],
    ['host all all 10.0.0.1 255.0.0.0,1 trust', 'multiple values specified for netmask'],
    ['host all all 10.0.0.1 trust', 'invalid IP mask "trust": Name or service not known'],
    ['host all all 10.0.0.1 ffff:: trust', 'IP address and mask do not match'],
    ['host all all 10.0.0.1/33 trust', 'invalid CIDR mask in address "10.0.0.1/33"'],
    ['host all all 10.0.0.1/ trust', 'invalid CIDR mask in address "10.0.0.1/"'],
    ['host all all db1/32 trust', 'specifying both host name and CIDR mask is invalid: "db1/32"'],
    ['local all all md5,trust', 'multiple values specified for authentication type'],
    ['local all all MD5', 'invalid authentication method "MD5"'],
    ['local all all bsd', 'invalid authentication method "bsd": not supported by this build'],
    ['local all all gss', 'gssapi authentication is not supported on local sockets'],
    ['host all all all peer', 'peer authentication is only supported on local sockets'],
    ['host all all all cert', 'cert authentication is only supported on hostssl connections'],
    ['local all all trust x', 'authentication option not in name=value format: x'],
    ['local all all trust x=1', 'unrecognized authentication option name: "x"'],
    ['local all /( trust', 'invalid regular expression "(": parentheses () not balanced'],
    ['local @none all trust', 'could not open file "/data/none": No such file or directory'],
    ['include none', 'could not open file "/data/none": No such file or directory'],
    ['include_dir none', 'could not open directory "/data/none"'],
    ['include_dir " "', 'empty configuration directory name'],
  ])('%s', (text, error) => {
    expect(errorOf(text)).toBe(error);
  });

  test.each([
    [
      'local @none all trust',
      15,
      'could not open secondary authentication file "@none" as "/data/none": No such file or directory',
    ],
    ['include x.conf', 15, 'invalid connection type "include"'],
    ['host all all all oauth', 17, 'invalid authentication method "oauth"'],
    [
      'host all all all trust map=x',
      17,
      'authentication option "map" is only valid for authentication methods ident, peer, gssapi, sspi, and cert',
    ],
    [
      'hostssl all all all cert clientcert=verify-ca',
      14,
      'clientcert can only be set to "verify-full" when using "cert" authentication',
    ],
    ['hostssl all all all cert clientname=DN', 13, 'unrecognized authentication option name: "clientname"'],
    ['local all /( trust', 15, undefined],
    ['hostssl all all all md5 clientcert=1', 13, undefined],
    ['hostssl all all all md5 clientcert=1', 14, 'invalid value for clientcert: "1"'],
  ])('%s in %i', (text, version, error) => {
    expect(errorOf(text, version)).toBe(error);
  });

  test('hostssl without TLS is an error of a line that is in use', () => {
    const { lines } = parseHbaFile({ file, text: 'hostssl all all all trust', serverVersion: 15, ssl: false });
    expect(lines[0]).toMatchObject({ kind: 'rule', error: 'hostssl record cannot match because SSL is disabled' });
  });

  test('ident on a socket is peer', () => {
    expect(only('local all all ident').method).toBe('peer');
  });
});

describe('included files', () => {
  const files = {
    '/data/dbs': 'a, b\n# no\nc @more\n',
    '/data/more': '"d e"',
    '/data/empty': '# nothing\n',
    '/data/d/20.conf': 'local all twenty trust',
    '/data/d/10.conf': 'include ../one\nlocal all ten trust',
    '/data/d/.hidden.conf': 'local all hidden trust',
    '/data/d/x.txt': 'local all other trust',
    '/data/one': 'local all one trust',
    '/data/loop': 'include loop',
  };

  test('@file stands for its names', () => {
    expect(names(only('local @dbs,z all trust', 18, files).databases)).toEqual(['a', 'b', 'c', '"d e"', 'z']);
  });

  test('an @file without names moves the columns', () => {
    expect(names(only('local @empty all bob trust', 18, files).users)).toEqual(['bob']);
  });

  test('the lines of included files stand in place of the include', () => {
    const lines = parse(
      'local all zero trust\ninclude_dir d\n"include_if_exists" none\nlocal all last trust',
      16,
      files,
    );
    expect(
      lines.map((line) => [line.file, line.line, line.kind === 'rule' ? line.users[0]?.text : line.error]),
    ).toEqual([
      ['/data/pg_hba.conf', 1, 'zero'],
      ['/data/one', 1, 'one'],
      ['/data/d/10.conf', 2, 'ten'],
      ['/data/d/20.conf', 1, 'twenty'],
      ['/data/pg_hba.conf', 4, 'last'],
    ]);
  });

  test('a loop ends', () => {
    expect(errorOf('include loop', 16, files)).toBe('could not open file "/data/loop": maximum nesting depth exceeded');
    const bomb = { '/data/bomb': 'include bomb\n'.repeat(50) };
    expect(errorOf('include bomb', 16, bomb)).toContain('maximum nesting depth exceeded');
  });

  test('tells what it asked for', () => {
    const { asked } = parseHbaFile({
      file,
      text: 'local @dbs all trust\ninclude_dir d\ninclude /x',
      serverVersion: 16,
    });
    expect(asked).toEqual({ files: ['/data/dbs', '/x'], directories: ['/data/d'] });
  });
});

describe('secrets', () => {
  test.each([
    'host all all all ldap ldapbasedn=x ldapbindpasswd=hunter2',
    'host all all all ldap ldapbasedn=x "ldapbindpasswd=hunter2 hunter2"',
    'host all all all ldap ldapbasedn=x ldapbindpasswd="hunter2 hunter2"',
    'host all all all ldap ldapbasedn=x "ldapbind"passwd=hunter2',
    'host all all all ldap ldapbasedn=x ldapbindpasswd=the hunter2',
    'host all all all ldapbindpasswd=hunter2',
    'host all all 10.0.0.1 ldapbindpasswd=hunter2',
    'host all all all radius radiusservers=::1 radiussecrets=hunter2,hunter2',
    'host all all all radius radiusservers=::1 radiussecrets=a,hunter2=b hunter2',
    'local @none all ldap ldapbindpasswd=hunter2',
    'lokal all all ldap ldapbindpasswd=hunter2',
  ])('are not kept: %s', (text) => {
    for (const version of [13, 18]) {
      const lines = parse(text, version);
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toContain('hunter2');
    }
  });
});

describe('what is written is read back', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[\0\n\r]/.test(text));

  test('names', () => {
    fc.assert(
      fc.property(
        fc.oneof(name, fc.constantFrom('all', 'replication', '+x', '@x', 'a\\', '#', '"')),
        fc.integer({ min: 13, max: 18 }),
        (user, version) => {
          fc.pre(version < 16 || !user.startsWith('/'));
          const written = formatHbaLine({
            database: { kind: 'replication' },
            user,
            address: '10.0.0.7',
            encryption: 'tls',
            method: 'scram-sha-256',
            serverVersion: version,
          });
          const rule = only(`${written ?? ''}\n`, version);
          expect(rule.users).toEqual([{ text: user, quoted: expect.any(Boolean) }]);
          expect(rule.databases).toEqual([{ text: 'replication', quoted: false }]);
          expect(rule).toMatchObject({ type: 'hostssl', method: 'scram-sha-256' });
          expect(rule.users[0]?.quoted === true || !/^(all$|[+@])/.test(user)).toBe(true);
        },
      ),
    );
  });

  test.each([
    [{ address: '10.0.0.7', encryption: 'none' }, 'host replication replicator 10.0.0.7/32 scram-sha-256'],
    [{ address: 'fd00::2', encryption: 'tls' }, 'hostssl replication replicator fd00::2/128 scram-sha-256'],
    [{ address: 'fe80::2%eth0', encryption: 'gss' }, 'hostgssenc replication replicator fe80::2/128 scram-sha-256'],
    [{ address: 'local', encryption: 'none' }, 'local replication replicator scram-sha-256'],
    [{ address: 'db1', encryption: 'none' }, undefined],
  ] as const)('%j', ({ address, encryption }, expected) => {
    const entry = {
      database: { kind: 'replication' },
      user: 'replicator',
      method: 'scram-sha-256',
      serverVersion: 15,
    } as const;
    expect(formatHbaLine({ ...entry, address, encryption })).toBe(expected);
  });

  test('a name that no line can hold', () => {
    expect(formatHbaName('a\nb', 15)).toBeUndefined();
    expect(formatHbaName('a\nb', 16)).toBe(String.raw`"/^a\nb$"`);
    expect(formatHbaName('/tmp', 15)).toBe('/tmp');
    expect(formatHbaName('/tmp', 16)).toBe('/^/tmp$');
  });

  test('a line that is appended stands by itself', () => {
    const text = fc.array(fc.constantFrom('local all all trust', '# note', '\\', '\n', '\r\n', '\\\n', ' '), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(text, fc.constantFrom(13, 14, 18), (parts, version) => {
        const before = parts.join('');
        const breaks = '\n'.repeat(lineBreaksBeforeAppended(before, version));
        const lines = parse(`${before}${breaks}local all appended reject\n`, version);
        expect(lines.at(-1)).toMatchObject({ kind: 'rule', text: 'local all appended reject' });
        expect(lines.slice(0, -1).map(({ line, kind }) => [line, kind])).toEqual(
          parse(before, version).map(({ line, kind }) => [line, kind]),
        );
      }),
    );
  });

  test('any text is read without an exception, and each line is within the file', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('host', 'all', '@x', '"', ',', '\\', '\n', '10.0.0.0/8', 'include', 'x', ' ', 'trust', '/('),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 13, max: 18 }), (parts, version) => {
        const text = parts.join('');
        const last = text.split('\n').length;
        for (const { line, endLine } of parse(text, version, { '/data/x': text })) {
          expect(line).toBeGreaterThan(0);
          expect(endLine).toBeLessThanOrEqual(last);
        }
      }),
    );
  });
});
