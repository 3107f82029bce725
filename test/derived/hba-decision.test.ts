import { describe, expect, it } from 'vitest';

import {
  attemptToLetIn,
  decide,
  frameOf,
  inWords,
  isUsable,
  laterUsable,
  nearestLines,
} from '../../src/derived/hba-decision.ts';
import type { HbaRules } from '../../src/facts/primary.ts';
import type { HbaMethod } from '../../src/postgres/hba-line.ts';
import { parseHbaText } from '../rules/hba-text.ts';
import { aPlan, aPrimary, aRefusal, aRefusedLogin, aRole, anAttempt, anHbaRule } from '../rules/world.ts';

const file = '/etc/postgresql/15/main/pg_hba.conf';
const rulesOf = (...lines: readonly string[]): HbaRules => ({
  file,
  lines: parseHbaText(file, lines.join('\n')),
  changedSinceLoad: false,
});
const decideOn = (rules: HbaRules, attempt = anAttempt()) => decide(rules, attempt, aPlan(), aRole(), aPrimary());
const lineThat = (rules: HbaRules, role: Parameters<typeof decide>[3], primary: Parameters<typeof decide>[4]) => {
  const { matched, certain } = decide(rules, anAttempt(), aPlan(), role, primary).match;
  return [matched?.line, certain];
};

describe('the connection that pg_hba.conf is asked about', () => {
  const of = (
    ...[attempt, role, primary]: readonly [
      ReturnType<typeof anAttempt>,
      ReturnType<typeof aRole>?,
      ReturnType<typeof aPrimary>?,
    ]
  ) => decide(rulesOf(), attempt, aPlan(), role, primary).connection;

  it('is that of the attempt', () =>
    expect(of(anAttempt(), aRole({ memberOf: ['dba'] }), aPrimary())).toEqual({
      kind: 'physical-replication',
      database: 'replication',
      user: 'replicator',
      address: '10.0.0.7',
      encryption: 'tls',
      userRoles: new Set(['dba']),
      userExists: true,
      serverInterfaces: undefined,
      hostNames: undefined,
      serverVersion: 15,
    }));

  it('is of the newest release where that is not seen', () =>
    expect(of(anAttempt({ encryption: 'none' }))).toMatchObject({
      encryption: 'none',
      userRoles: undefined,
      userExists: undefined,
      serverVersion: 18,
    }));

  it.each([
    ['its own end', anAttempt(), '10.0.0.7'],
    ['not known', anAttempt({ localAddress: undefined }), undefined],
    ['a socket', anAttempt({ address: '/run/.s.PGSQL.5432', localAddress: undefined }), 'local'],
    [
      'the one that the server names',
      aRefusal(
        'no-hba-entry',
        '28000',
        'no pg_hba.conf entry for replication connection from host "192.0.2.9", user "x"',
      ),
      '192.0.2.9',
    ],
  ])('its address: %s', (_, attempt, address) => expect(of(attempt).address).toBe(address));
});

describe('what pg_hba.conf says', () => {
  const group = rulesOf('host replication +dba all md5', 'host replication all all md5');
  const pattern = rulesOf('host replication /^repl all md5');

  it.each<readonly [string, HbaRules, Parameters<typeof decide>[3], Parameters<typeof decide>[4], readonly unknown[]]>([
    ['a member of the group', group, aRole({ memberOf: ['dba'] }), aPrimary(), [1, true]],
    ['no member of the group', group, aRole(), aPrimary(), [2, true]],
    ['a role that does not exist', group, { exists: false, name: 'replicator', similar: [] }, aPrimary(), [2, true]],
    ['its groups are hidden', group, aRole({ memberOf: undefined }), aPrimary(), [2, false]],
    ['its role is not seen', group, undefined, aPrimary(), [2, false]],
    ['a pattern is a name in 15', pattern, aRole(), aPrimary(), [undefined, true]],
    ['a pattern is one in 16', pattern, aRole(), aPrimary({ major: 16 }), [1, true]],
    ['a pattern is one in the newest', pattern, aRole(), undefined, [1, true]],
    ['nothing matches', rulesOf('host all all all md5'), aRole(), aPrimary(), [undefined, true]],
    ['it is empty', rulesOf(), aRole(), aPrimary(), [undefined, true]],
  ])('%s', (_, rules, role, primary, decided) => expect(lineThat(rules, role, primary)).toEqual(decided));

  it('passes broken lines over and has them', () => {
    const { match, broken } = decideOn(
      rulesOf('host replication all all magic', 'hos x', 'host replication all all md5'),
    );
    expect(match.matched?.line).toBe(3);
    expect(broken.map(({ line }) => line)).toEqual([1, 2]);
    expect(decideOn(rulesOf('host replication all all md5')).broken).toEqual([]);
  });
});

describe('the attempt that a new entry is for', () => {
  const [overTls, plain] = [
    aRefusal('no-hba-entry', '28000', 'no entry'),
    aRefusal('no-hba-entry', '28000', 'no entry', { encryption: 'none' }),
  ];
  const noTls = anAttempt({ outcome: { kind: 'tls-not-offered' } });
  const elsewhere = { ...overTls, host: 'db2' };

  it.each([
    ['over TLS, where that was refused as well', [overTls, plain], overTls],
    ['over TLS, where that comes after it', [plain, overTls], overTls],
    ['the only one', [plain], plain],
    ['without TLS, where none is offered', [noTls, plain], plain],
    ['without TLS, where only another host refused it', [elsewhere, plain], plain],
  ])('%s', (_, attempts, attempt) =>
    expect(attemptToLetIn({ ...aRefusedLogin(plain), attempts }, plain)).toBe(attempt),
  );
});

it.each<readonly [HbaMethod, boolean]>([
  ['trust', true],
  ['scram-sha-256', true],
  ['md5', true],
  ['password', true],
  ['reject', false],
  ['peer', false],
  ['ident', false],
  ['cert', false],
  ['gss', false],
  ['ldap', false],
  ['oauth', false],
])('a client with a password alone can use %s: %s', (method, usable) => expect(isUsable(method)).toBe(usable));

describe('a line below the one that decided', () => {
  const reject = 'host replication all all reject';
  it.each<readonly [string, readonly string[], number | undefined]>([
    ['would let it in', [reject, 'host replication all all md5'], 2],
    [
      'is the first that would',
      [
        reject,
        'host all all all md5',
        'host replication all all ldap',
        'host replication all all trust',
        'host replication all all md5',
      ],
      4,
    ],
    ['is for other addresses', [reject, 'host replication all 10.9.0.0/16 md5'], undefined],
    ['may be for it', [reject, 'host replication all db2.example md5'], undefined],
    ['is above it', ['host replication all 10.9.0.0/16 md5', reject], undefined],
    ['is the one that decided', ['host replication all all md5'], undefined],
    ['is not there where none decided', ['host all all all md5'], undefined],
    ['is broken', [reject, 'host replication all all magic'], undefined],
  ])('%s', (_, lines, number) => {
    const rules = rulesOf(...lines);
    expect(laterUsable(rules, decideOn(rules))?.line).toBe(number);
  });
});

describe('the lines nearest to what is wanted', () => {
  const far = 'local all postgres peer';
  const [wrongUser, wrongAddress] = ['host replication other all md5', 'host replication all 10.9.0.0/16 md5'];
  const numbers = (rules: HbaRules, ...most: readonly number[]) =>
    nearestLines(rules, decideOn(rules), ...most)?.lines.map(({ number }) => number);

  it('are told with what keeps them from matching', () => {
    const rules = rulesOf(wrongUser, wrongAddress);
    expect(nearestLines(rules, decideOn(rules))).toEqual({
      side: 'primary',
      file,
      lines: [
        { number: 1, text: wrongUser, remark: 'for role "other", not "replicator"' },
        { number: 2, text: wrongAddress, remark: '10.0.0.7 is outside this network' },
      ],
    });
  });

  it.each<readonly [string, readonly string[], readonly number[], readonly number[] | undefined]>([
    [
      'four of them, in the order of the file',
      [far, wrongUser, far, wrongUser, wrongAddress, far, wrongUser],
      [],
      [2, 4, 5, 7],
    ],
    ['as many as are wanted', [far, wrongUser, wrongAddress], [1], [2]],
    ['far ones where there are no others', [far, far], [], [1, 2]],
    ['up to the one that decided', [wrongUser, 'host replication all all reject', wrongAddress], [], [1, 2]],
    ['none of broken ones', ['host replication all all magic'], [], undefined],
    ['none where it is empty', [], [], undefined],
  ])('%s', (_, lines, most, expected) => expect(numbers(rulesOf(...lines), ...most)).toEqual(expected));

  it('are of pg_hba.conf itself, not of what it includes', () => {
    const included = anHbaRule({
      file: '/etc/postgresql/15/main/more.conf',
      users: [{ text: 'other', quoted: false }],
    });
    expect(numbers({ ...rulesOf(), lines: [included] })).toBeUndefined();
    expect(numbers({ ...rulesOf(), lines: [included, ...rulesOf(wrongUser).lines] })).toEqual([1]);
  });
});

it('a frame shows a line where it stands', () =>
  expect(frameOf(anHbaRule({ file: '/more.conf' }), 'this one')).toEqual({
    side: 'primary',
    file: '/more.conf',
    lines: [{ number: 97, text: 'hostssl replication replicator 10.0.0.7/32 scram-sha-256', remark: 'this one' }],
  }));

describe('a connection in words', () => {
  const connection = decideOn(rulesOf()).connection;
  const none = 'none' as const;
  it.each([
    ['over TLS', {}, 'address 10.0.0.7, TLS'],
    ['without it', { encryption: none }, 'address 10.0.0.7, no encryption'],
    ['by a socket', { address: 'local', encryption: none }, 'Unix socket, no encryption'],
    ['from nobody knows where', { address: undefined }, 'address unknown, TLS'],
  ])('%s', (_, change, words) =>
    expect(inWords({ ...connection, ...change })).toBe(`database replication, user replicator, ${words}`),
  );
});
