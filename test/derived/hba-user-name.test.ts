import { describe, expect, it } from 'vitest';

import { userNameFor } from '../../src/derived/hba-user-name.ts';
import type { Asking, UserName } from '../../src/derived/hba-user-name.ts';
import type { HbaRules } from '../../src/facts/primary.ts';
import type { HbaRule } from '../../src/postgres/hba-line.ts';
import { parseUserMaps } from '../../src/postgres/user-map.ts';
import { parseHbaText } from '../rules/hba-text.ts';
import { aPrimary, aRole, anAttempt } from '../rules/world.ts';

const [file, identFile] = ['/data/pg_hba.conf', '/data/pg_ident.conf'];
const certificate = {
  kind: 'certificate' as const,
  file: '/home/postgres/.postgresql/postgresql.crt',
  commonName: 'replicator',
  distinguishedName: 'CN=replicator,O=Example',
  issuer: 'Example CA',
  validFrom: new Date('2026-01-01T00:00:00Z'),
  validTo: new Date('2027-01-01T00:00:00Z'),
};
const withCertificate = (change: Partial<typeof certificate> | { readonly commonName: undefined } = {}) => ({
  attempt: anAttempt({ identity: { ...certificate, ...change } }),
});

function lineOf(text: string): HbaRule {
  const [line] = parseHbaText(file, text);
  if (line?.kind !== 'rule') throw new Error(`no rule: ${text}`);
  return line;
}

const rulesWith = (maps: string | undefined, { major = 15, complete = true } = {}): { readonly rules: HbaRules } => ({
  rules: {
    file,
    lines: [],
    changedSinceLoad: false,
    userMaps:
      maps === undefined
        ? undefined
        : {
            file: identFile,
            lines: parseUserMaps({ file: identFile, text: maps, serverVersion: major }).lines,
            complete,
          },
  },
});
const nameOf = (line: string, ...changes: readonly Partial<Asking>[]): UserName | undefined =>
  userNameFor(lineOf(line), {
    user: 'replicator',
    attempt: anAttempt(),
    ...rulesWith(undefined),
    role: aRole(),
    primary: aPrimary(),
    operatingSystemUser: 'postgres',
    ...Object.assign({}, ...changes),
  });

const cert = 'hostssl replication all all cert';
const byMap = 'hostssl replication all all cert map=staff';
const peer = 'local replication all peer';
const own = { map: undefined, answer: undefined };

describe('the name that a line takes the client’s word for', () => {
  const matches = { name: 'replicator', kind: 'CN', ...own, verdict: 'matches' } as const;
  const differs = { name: 'anna', kind: 'CN', ...own, verdict: 'does not match' } as const;
  const none = { kind: 'none', because: 'absent', file: '/x.crt', keyFile: '/x.key' } as const;

  it.each<readonly [string, string, Partial<Asking>, UserName | undefined]>([
    ['the CN of the certificate', cert, withCertificate(), matches],
    ['the CN is another one', cert, withCertificate({ commonName: 'anna' }), differs],
    [
      'upper and lower case differ',
      cert,
      withCertificate({ commonName: 'Replicator' }),
      { ...differs, name: 'Replicator' },
    ],
    ['beside a password', 'hostssl replication all all md5 clientcert=verify-full', withCertificate(), matches],
    [
      'beside a password any certificate will do',
      'hostssl replication all all md5 clientcert=verify-ca',
      withCertificate(),
      undefined,
    ],
    ['a password alone', 'hostssl replication all all md5', withCertificate(), undefined],
    [
      'the DN of the certificate',
      `${cert} clientname=DN`,
      withCertificate(),
      { name: 'CN=replicator,O=Example', kind: 'DN', ...own, verdict: 'does not match' },
    ],
    [
      'the DN of a certificate without a CN',
      `${cert} clientname=DN`,
      { ...withCertificate({ commonName: undefined }), user: 'CN=replicator,O=Example' },
      { name: 'CN=replicator,O=Example', kind: 'DN', ...own, verdict: 'matches' },
    ],
    ['the CN by name', `${cert} clientname=CN`, withCertificate(), matches],
    ['the certificate has no CN', cert, withCertificate({ commonName: undefined }), undefined],
    ['no certificate is shown', cert, { attempt: anAttempt({ identity: none }) }, undefined],
    ['nobody looked for a certificate', cert, {}, undefined],
    ['peer without a map', peer, { user: 'postgres' }, undefined],
    ['peer of nobody known', `${peer} map=staff`, { operatingSystemUser: undefined }, undefined],
    ['ident', 'host replication all all ident map=staff', {}, undefined],
  ])('%s', (_, line, change, name) => expect(nameOf(line, change)).toEqual(name));
});

describe('the name by a map', () => {
  it('of pg_ident.conf that was not seen', () => {
    expect(nameOf(byMap, withCertificate())).toEqual({
      name: 'replicator',
      kind: 'CN',
      map: 'staff',
      verdict: 'unknown',
      answer: undefined,
    });
    expect(nameOf(`${peer} map=staff`)).toEqual({
      name: 'postgres',
      kind: 'operating system user',
      map: 'staff',
      verdict: 'unknown',
      answer: undefined,
    });
  });

  it('an empty map is none', () =>
    expect(nameOf(`${cert} map=""`, withCertificate())).toEqual({
      name: 'replicator',
      kind: 'CN',
      ...own,
      verdict: 'matches',
    }));

  it.each<readonly [string, string, UserName['verdict'], readonly [ofMap: number, ofUser: number]]>([
    ['lets it in', 'staff anna replicator', 'matches', [1, 1]],
    ['lets it in by its second line', 'staff anna postgres\nstaff anna replicator', 'matches', [2, 2]],
    ['lets it be another role', 'staff anna postgres', 'does not match', [1, 1]],
    ['lets others be the role', 'staff bob replicator', 'does not match', [1, 0]],
    ['is not there', 'others anna replicator', 'does not match', [0, 0]],
    ['lets it in by a pattern', String.raw`staff /^(.*)$ replicator`, 'matches', [1, 1]],
    ['has all for a name, in 15', 'staff anna all', 'does not match', [1, 1]],
    ['is empty', '', 'does not match', [0, 0]],
  ])('%s', (_, maps, verdict, [ofMap, ofUser]) => {
    const name = nameOf(byMap, withCertificate({ commonName: 'anna' }), rulesWith(maps));
    expect(name).toMatchObject({ name: 'anna', kind: 'CN', map: 'staff', verdict, answer: { verdict } });
    expect([name?.answer?.ofMap.length, name?.answer?.ofUser.length]).toEqual([ofMap, ofUser]);
  });

  it('that is not whole may have more', () => {
    const of = (maps: string) =>
      nameOf(byMap, withCertificate({ commonName: 'anna' }), rulesWith(maps, { complete: false }));
    expect(of('staff anna postgres')).toMatchObject({ verdict: 'unknown', answer: { verdict: 'does not match' } });
    expect(of('staff anna replicator')).toMatchObject({ verdict: 'matches', answer: { verdict: 'matches' } });
  });

  const newer = { primary: aPrimary({ major: 16 }) };
  it.each<readonly [string, string, Partial<Asking>, UserName['verdict']]>([
    ['everybody', 'staff postgres all', newer, 'matches'],
    ['everybody, where the release is not seen', 'staff postgres all', { primary: undefined }, 'matches'],
    ['a group it is in', 'staff postgres +dba', { ...newer, role: aRole({ memberOf: ['dba'] }) }, 'matches'],
    ['a group it is not in', 'staff postgres +dba', newer, 'does not match'],
    [
      'a group, and its groups are hidden',
      'staff postgres +dba',
      { ...newer, role: aRole({ memberOf: undefined }) },
      'unknown',
    ],
    ['a group, and its role is not seen', 'staff postgres +dba', { ...newer, role: undefined }, 'unknown'],
  ])('of 16 and later for peer: %s', (_, maps, change, verdict) =>
    expect(nameOf(`${peer} map=staff`, rulesWith(maps, { major: 16 }), change)?.verdict).toBe(verdict),
  );
});
