import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import type { HbaLine, HbaToken } from '../../src/postgres/hba-line.ts';
import { judgeHbaRule, matchHba } from '../../src/postgres/hba-match.ts';
import type { ConsideredHbaLine } from '../../src/postgres/hba-match.ts';
import type { HbaConnection } from '../../src/postgres/hba-connection.ts';

const replicator: HbaConnection = {
  kind: 'physical-replication',
  database: '',
  user: 'replicator',
  address: '10.0.0.7',
  encryption: 'none',
  userRoles: new Set(['standbys', 'all_standbys']),
  serverInterfaces: [{ address: '10.0.0.1', netmask: '255.255.255.0' }],
  hostNames: ['Standby.Example.com'],
  serverVersion: 17,
};

function parse(text: string, serverVersion = replicator.serverVersion): readonly HbaLine[] {
  return parseHbaFile({ file: '/pg_hba.conf', text, serverVersion }).lines;
}

function judge(text: string, change: Partial<HbaConnection> = {}): ConsideredHbaLine {
  const connection = { ...replicator, ...change };
  const [line] = parse(text, connection.serverVersion);
  if (line?.kind !== 'rule') throw new Error(JSON.stringify(line));
  return judgeHbaRule(line, connection);
}

function match(text: string, change: Partial<HbaConnection> = {}): readonly unknown[] {
  const { matched, certain, considered, insertBefore } = matchHba(parse(text), { ...replicator, ...change });
  return [matched?.line, certain, considered.length, insertBefore?.line];
}

function withoutQuotes(tokens: readonly HbaToken[]): readonly HbaToken[] {
  return tokens.map(({ text }) => ({ text, quoted: 'unknown' }));
}

describe('one line', () => {
  test.each([
    ['host replication replicator 10.0.0.0/24 trust', '"replication", "replicator", 10.0.0.7 is within 10.0.0.0/24'],
    ['host replication all all trust', '"replication", every role'],
    [
      'host a,replication b,replicator samenet trust',
      '"replication", "replicator", 10.0.0.7 is in a network of the server',
    ],
    [
      'host replication +standbys 10.0.0.7/32 trust',
      '"replication", role "replicator" belongs to "standbys", 10.0.0.7 is within 10.0.0.7/32',
    ],
    ['host replication +replicator all trust', '"replication", role "replicator" belongs to "replicator"'],
    ['host replication all standby.example.com trust', '"replication", every role, 10.0.0.7 is Standby.Example.com'],
    ['host replication all .EXAMPLE.com trust', '"replication", every role, 10.0.0.7 is Standby.Example.com'],
    [
      'host replication all 10.0.0.0 255.0.255.0 trust',
      '"replication", every role, 10.0.0.7 is within 10.0.0.0 255.0.255.0',
    ],
    ['hostnossl replication "replicator" all trust', '"replication", "replicator"'],
    ['hostnogssenc replication /^repl all trust', '"replication", "replicator" matches /^repl'],
    ['host replication "/^repl" all trust', '"replication", "replicator" matches /^repl'],
  ])('%s matches: %s', (text, because) => {
    expect(judge(text)).toMatchObject({ verdict: 'matches', because, differs: [], assumes: undefined });
  });

  test.each([
    ['host all all 10.0.0.0/8 trust', '"all" does not cover replication'],
    ['host sameuser all all trust', '"sameuser" does not cover replication'],
    ['host samerole all all trust', '"samerole" does not cover replication'],
    ['host /.* all all trust', 'a regular expression does not cover replication'],
    ['host "replication" all all trust', '"replication" in quotes is a database of that name'],
    ['host app,web all all trust', 'for databases "app", "web", not for replication'],
    ['host Replication all all trust', 'for database "Replication", not for replication'],
    ['host replication x all trust', 'for role "x", not "replicator"'],
    ['host replication Replicator all trust', 'for role "Replicator", not "replicator" (upper and lower case differ)'],
    ['host replication a,b,c,d all trust', 'for 4 other roles, not "replicator"'],
    ['host replication +others all trust', 'role "replicator" is not a member of "others"'],
    ['host replication "+standbys" all trust', '"+standbys" in quotes is a role of that name'],
    ['host replication "all" all trust', '"all" in quotes is a role of that name'],
    ['host replication /^x all trust', '"replicator" does not match /^x'],
    ['host replication replicator 10.0.1.0/24 trust', '10.0.0.7 is outside this network'],
    ['host replication replicator ::/0 trust', '10.0.0.7 is IPv4, this network is IPv6'],
    ['host replication replicator samehost trust', '10.0.0.7 is not an address of the server'],
    ['host replication replicator db1 trust', '10.0.0.7 is Standby.Example.com, not db1'],
    ['hostssl replication replicator all trust', 'hostssl: this connection is not encrypted'],
    ['hostgssenc replication replicator all trust', 'hostgssenc: this connection is not encrypted by GSSAPI'],
    ['local replication replicator trust', '"local" is for Unix sockets, this connection comes over TCP'],
  ])('%s does not match: %s', (text, because) => {
    expect(judge(text)).toMatchObject({ verdict: 'does not match', because });
  });

  test.each<[string, Partial<HbaConnection>, string]>([
    [
      'host replication +standbys all trust',
      { userRoles: undefined },
      'whether role "replicator" belongs to "standbys" is not known',
    ],
    [
      'host replication all db1 trust',
      { hostNames: undefined },
      'what 10.0.0.7 resolves to on the server is not known',
    ],
    [
      'host replication all samenet trust',
      { serverInterfaces: undefined },
      "the addresses of the server's network interfaces are not known",
    ],
    [
      'host replication all 10.0.0.0/8 trust',
      { address: undefined },
      'the client address that the server receives is not known',
    ],
    [
      'host replication /(?=r) all trust',
      {},
      'whether "replicator" matches /(?=r) is not known: it looks ahead or behind',
    ],
  ])('%s is unknown with %j', (text, change, because) => {
    expect(judge(text, change)).toMatchObject({ verdict: 'unknown', because, differs: [] });
  });

  test.each<[string, Partial<HbaConnection>, ConsideredHbaLine['verdict']]>([
    ['local replication replicator trust', { address: 'local' }, 'matches'],
    ['hostssl replication replicator all trust', { address: 'local' }, 'does not match'],
    ['hostssl replication replicator all trust', { encryption: 'tls' }, 'matches'],
    ['hostssl replication replicator all trust', { encryption: 'gss' }, 'does not match'],
    ['hostnossl replication replicator all trust', { encryption: 'tls' }, 'does not match'],
    ['hostnossl replication replicator all trust', { encryption: 'gss' }, 'matches'],
    ['hostgssenc replication replicator all trust', { encryption: 'gss' }, 'matches'],
    ['hostnogssenc replication replicator all trust', { encryption: 'gss' }, 'does not match'],
    ['hostnogssenc replication replicator all trust', { encryption: 'tls' }, 'matches'],
    ['host replication +standbys all trust', { userExists: false }, 'does not match'],
    ['host replication +replicator all trust', { userExists: false, userRoles: new Set() }, 'does not match'],
    ['host replication +replicator all trust', { userRoles: undefined }, 'matches'],
    ['host replication /^repl all trust', { serverVersion: 15 }, 'does not match'],
    ['host replication /^repl all trust', { serverVersion: 15, user: '/^repl' }, 'matches'],
    ['host replication all 10.0.0.7/32 trust', { address: '::ffff:10.0.0.7' }, 'does not match'],
    ['host replication all ::ffff:10.0.0.7/128 trust', { address: '::ffff:10.0.0.7' }, 'matches'],
    ['host replication all fe80::/10 trust', { address: 'fe80::1%eth0' }, 'matches'],
    ['host replication all samenet trust', { address: '127.0.0.2', serverInterfaces: undefined }, 'matches'],
    ['host replication all samehost trust', { address: '127.0.0.2', serverInterfaces: undefined }, 'does not match'],
    ['host replication all samehost trust', { address: '::1', serverInterfaces: undefined }, 'matches'],
    [
      'host replication all samenet trust',
      { serverInterfaces: [{ address: '10.0.0.6', netmask: '0.0.0.0' }] },
      'does not match',
    ],
    ['host replication x db1 trust', { hostNames: undefined }, 'does not match'], // known enough
    ['host all all all trust', { kind: 'database', database: 'app' }, 'matches'],
    ['host replication all all trust', { kind: 'database', database: 'replication' }, 'does not match'],
    ['host "replication" all all trust', { kind: 'database', database: 'replication' }, 'matches'],
    ['host sameuser all all trust', { kind: 'database', database: 'replicator' }, 'matches'],
    ['host sameuser all all trust', { kind: 'database', database: 'app' }, 'does not match'],
    ['host samerole all all trust', { kind: 'database', database: 'standbys' }, 'matches'],
    ['host samegroup all all trust', { kind: 'database', database: 'replicator' }, 'matches'],
    ['host samerole all all trust', { kind: 'database', database: 'app' }, 'does not match'],
    ['host samerole,app all all trust', { kind: 'database', database: 'app' }, 'matches'],
    ['host "sameuser" all all trust', { kind: 'database', database: 'replicator' }, 'does not match'],
    ['host /^a all all trust', { kind: 'database', database: 'app' }, 'matches'],
  ])('%s with %j: %s', (text, change, verdict) => {
    expect(judge(text, change).verdict).toBe(verdict);
  });

  test('tells all that differs, so that the nearest line can be found', () => {
    expect(judge('hostssl all x 10.1.0.0/16 trust').differs).toEqual(['database', 'user', 'encryption', 'address']);
    expect(judge('host replication replicator 10.1.0.0/16 trust').differs).toEqual(['address']);
  });

  test('names what it takes for granted where the quotes are not known', () => {
    const [line] = parse('host replication +standbys all trust');
    if (line?.kind !== 'rule') throw new Error('no rule');
    const fromView = { ...line, databases: withoutQuotes(line.databases), users: withoutQuotes(line.users) };
    expect(judgeHbaRule(fromView, replicator)).toMatchObject({
      verdict: 'matches',
      assumes: '"replication" is not in quotes in the file and "+standbys" is not in quotes in the file',
    });
  });
});

describe('a file', () => {
  test('the first match decides', () => {
    const text = 'host all all all trust\nhost replication all 10.0.0.0/8 reject\nhost replication all all trust\n';
    expect(match(text)).toEqual([2, true, 2, 2]);
  });

  test('no match', () => {
    expect(match('host all all all trust\nlokal\n')).toEqual([undefined, true, 1, undefined]);
    expect(match('')).toEqual([undefined, true, 0, undefined]);
  });

  test('a line that could match is passed, and makes the answer uncertain', () => {
    const text = 'host replication all db1 reject\nhost replication all all trust\n';
    expect(match(text, { hostNames: undefined })).toEqual([2, false, 2, 1]);
    expect(match(text)).toEqual([2, true, 2, 2]);
  });

  test('a line put before insertBefore (else at the end) decides, whatever the file says', () => {
    const line = fc
      .tuple(
        fc.constantFrom('host', 'hostssl', 'hostnossl', 'local'),
        fc.constantFrom('all', 'replication', '"replication"'),
        fc.constantFrom('all', 'replicator', '+standbys', '+x', '/^r', 'x'),
        fc.constantFrom('all', 'samenet', 'samehost', '10.0.0.0/8', '::/0', 'db1', '10.0.0.7 255.255.255.255'),
        fc.constantFrom('trust', 'reject', 'md5'),
      )
      .map(([type, database, user, address, method]) =>
        [type, database, user, ...(type === 'local' ? [] : [address]), method].join(' '),
      );
    const knowledge = fc.record({
      userRoles: fc.constantFrom(undefined, new Set<string>(), replicator.userRoles),
      hostNames: fc.constantFrom(undefined, [], ['db1']),
      serverInterfaces: fc.constantFrom(undefined, [], replicator.serverInterfaces),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), knowledge, (written, known) => {
        const connection = { ...replicator, ...known };
        const before = matchHba(parse(written.join('\n')), connection);
        const place = (before.insertBefore?.line ?? written.length + 1) - 1;
        const after = matchHba(
          parse(written.toSpliced(place, 0, 'host replication replicator 10.0.0.7/32 scram-sha-256').join('\n')),
          connection,
        );
        expect(after.matched?.line).toBe(place + 1);
        expect(after.certain).toBe(true);
      }),
    );
  });
});
