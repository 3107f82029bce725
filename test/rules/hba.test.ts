import { describe, expect, it } from 'vitest';

import { unseen } from '../../src/facts/observed.ts';
import type { HbaRules } from '../../src/facts/primary.ts';
import { parseHbaText } from './hba-text.ts';
import { invalidLine } from '../../src/rules/hba/invalid-line.ts';
import { methodNeedsOtherPassword } from '../../src/rules/hba/method-needs-other-password.ts';
import { noReplicationEntry } from '../../src/rules/hba/no-replication-entry.ts';
import { noUserMap } from '../../src/rules/hba/no-user-map.ts';
import { notReloaded } from '../../src/rules/hba/not-reloaded.ts';
import { openToEveryone } from '../../src/rules/hba/open-to-everyone.ts';
import { rejected } from '../../src/rules/hba/rejected.ts';
import { shadowed } from '../../src/rules/hba/shadowed.ts';
import { weakMethod } from '../../src/rules/hba/weak-method.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { isWeaker } from '../../src/derived/hba-strength.ts';
import { testRule, world } from './rule-tester.ts';
import type { ClientIdentity } from '../../src/facts/connection.ts';
import { parseUserMaps } from '../../src/postgres/user-map.ts';
import { aPlan, aRefusal, aRefusedLogin, aRole, aSession, anAttempt } from './world.ts';

const file = '/etc/postgresql/15/main/pg_hba.conf';
const hba = (...lines: readonly string[]): HbaRules => ({
  file,
  lines: parseHbaText(file, lines.join('\n')),
  changedSinceLoad: false,
});
const notAsked = unseen('not-asked', 'no --admin connection was given', 'add --admin CONNINFO');
const noEntry = aRefusedLogin(
  aRefusal(
    'no-hba-entry',
    '28000',
    'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", SSL encryption',
  ),
  aRefusal(
    'no-hba-entry',
    '28000',
    'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption',
    { encryption: 'none' },
  ),
);
const saidReject = aRefusedLogin(
  aRefusal(
    'hba-rejected',
    '28000',
    'pg_hba.conf rejects replication connection for host "10.0.0.7", user "replicator", SSL encryption',
  ),
);
const peerFailed = aRefusedLogin(
  aRefusal('other-method-refused', '28000', 'Ident authentication failed for user "replicator"'),
);
const passwordRefused = aRefusedLogin(
  aRefusal('password-refused', '28P01', 'password authentication failed for user "replicator"'),
);
const startingUp = aRefusedLogin(aRefusal('starting-up', '57P03', 'the database system is starting up'));
const noSenders = aRefusedLogin(
  aRefusal(
    'wal-senders-exhausted',
    '53300',
    'number of requested standby connections exceeds max_wal_senders (currently 0)',
  ),
);
const copy = `${file}.before-2026-11-21T200000`;

const certificateOf = (commonName: string): ClientIdentity => ({
  kind: 'certificate',
  file: '/var/lib/postgresql/.postgresql/postgresql.crt',
  commonName,
  distinguishedName: `CN=${commonName},O=Example`,
  issuer: 'CN=Example CA',
  validFrom: new Date('2026-01-01'),
  validTo: new Date('2027-01-01'),
});
const ident = '/etc/postgresql/15/main/pg_ident.conf';
const mapped = (text: string, ...lines: readonly string[]): HbaRules => ({
  ...hba(...lines),
  userMaps: { file: ident, lines: parseUserMaps({ file: ident, text, serverVersion: 15 }).lines, complete: true },
});
const certificateFailed = (commonName: string) =>
  aRefusedLogin(
    aRefusal('other-method-refused', '28000', 'certificate authentication failed for user "replicator"', {
      identity: certificateOf(commonName),
    }),
  );
const certLine = 'hostssl replication replicator 10.0.0.7/32 cert';
const identCopy = `${ident}.before-2026-11-21T200000`;
const noPasswordWith = (identity: ClientIdentity) =>
  aRefusedLogin(
    anAttempt({ identity, outcome: { kind: 'client-stopped', why: 'no-password', message: 'no password' } }),
  );

testRule(noReplicationEntry, {
  passes: [
    { name: 'a password was asked for, so a line matched', facts: { replicationLogin: passwordRefused } },
    { name: 'a line says reject', facts: { replicationLogin: saidReject }, because: /hba\/rejected/ },
  ],
  fails: [
    {
      name: 'all does not cover replication',
      facts: { replicationLogin: noEntry, hbaRules: hba('host all all 10.0.0.0/8 scram-sha-256') },
      message: /database replication, user replicator, address 10\.0\.0\.7, TLS/,
      risk: 'safe',
      steps: [
        `cp -p ${file} ${copy} &&\nprintf '\\n\\n%s\\n' 'hostssl replication replicator 10.0.0.7/32 scram-sha-256' >> ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'the role has only an md5 hash',
      facts: {
        replicationLogin: noEntry,
        hbaRules: hba('host replication other 10.0.0.7/32 md5'),
        replicationRole: aRole({ password: 'md5' }),
      },
      steps: [
        `cp -p ${file} ${copy} &&\nprintf '\\n\\n%s\\n' 'hostssl replication replicator 10.0.0.7/32 md5' >> ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    { name: 'nobody may look into the file', facts: { replicationLogin: noEntry, hbaRules: notAsked } },
    {
      name: 'no user was given, and one other role is let in',
      facts: {
        replicationLogin: noEntry,
        connectionPlan: aPlan({ sources: { user: "the operating system's user" } }),
        hbaRules: hba('host replication rep 10.0.0.0/24 scram-sha-256', 'host replication far 10.9.0.0/16 md5'),
      },
      steps: ['standbylint preflight pg_basebackup -U rep'],
    },
    ...(['scram-sha-256', 'reject'] as const).map((method) => ({
      name: `no user was given, and no role is let in: other lines say ${method}`,
      facts: {
        replicationLogin: noEntry,
        connectionPlan: aPlan({ user: 'root', sources: { user: "the operating system's user" } }),
        replicationRole: notAsked,
        hbaRules: hba(`host replication rep 10.9.0.0/16 ${method}`),
      },
      steps: [
        'Give the role that is meant for replication with -U. If that is "root", give -U root: the next report says what it needs.',
      ],
    })),
    {
      name: 'no user was given, and the role of the operating system may replicate',
      facts: {
        replicationLogin: noEntry,
        connectionPlan: aPlan({ sources: { user: "the operating system's user" } }),
        replicationRole: aRole(),
        hbaRules: hba('host all all 10.0.0.0/8 scram-sha-256'),
      },
      steps: [
        `cp -p ${file} ${copy} &&\nprintf '\\n\\n%s\\n' 'hostssl replication replicator 10.0.0.7/32 scram-sha-256' >> ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'in quotes it is a database of that name',
      facts: { replicationLogin: noEntry, hbaRules: hba('host "replication" replicator 10.0.0.7/32 scram-sha-256') },
    },
    {
      name: 'it is refused for the WAL senders, before the file is looked at',
      facts: { replicationLogin: noSenders, hbaRules: hba('host all all 10.0.0.0/8 scram-sha-256') },
      message: /so the server will refuse it/,
    },
  ],
  notApplicable: [
    {
      name: 'the file has it, the server has not read it',
      facts: { replicationLogin: noEntry, hbaRules: hba('host replication replicator 10.0.0.7/32 scram-sha-256') },
    },
    {
      name: 'a broken line keeps the file from being used',
      facts: { replicationLogin: noEntry, hbaRules: hba('host replication replicator 10.0.0.7 scram') },
    },
  ],
  unexamined: [
    { name: 'the server starts', facts: { replicationLogin: startingUp }, because: /starting up/ },
    {
      name: 'it is refused for the WAL senders, and the file may let it in',
      facts: { replicationLogin: noSenders, hbaRules: hba('host replication replicator db7 scram-sha-256') },
      because: /max_wal_senders/,
    },
  ],
});

testRule(rejected, {
  fails: [
    {
      name: 'the first matching line',
      facts: {
        replicationLogin: saidReject,
        hbaRules: hba(
          '# no replication from there',
          'host replication all 10.0.0.0/8 reject',
          'host replication replicator 10.0.0.7/32 scram-sha-256',
        ),
      },
      message: /Line 2 is the first matching line .* reject/,
      steps: [
        `cp -p ${file} ${copy} &&\n{ head -n 1 ${copy}; printf '%s\\n' 'hostssl replication replicator 10.0.0.7/32 scram-sha-256'; tail -n +2 ${copy}; } > ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    { name: 'nobody may look into the file', facts: { replicationLogin: saidReject, hbaRules: notAsked } },
  ],
  unexamined: [{ name: 'the server starts', facts: { replicationLogin: startingUp } }],
});

const gssapi = (only: { readonly impossible?: true } = {}) =>
  aRefusedLogin(
    anAttempt({ outcome: { kind: 'client-stopped', why: 'method', message: 'the server asks for GSSAPI', ...only } }),
  );

testRule(shadowed, {
  passes: [
    { name: 'a password was refused', facts: { replicationLogin: passwordRefused } },
    {
      name: 'a password is asked for, and the certificate is of somebody else',
      facts: {
        replicationLogin: noPasswordWith(certificateOf('alice')),
        hbaRules: hba('host replication all 10.0.0.0/8 scram-sha-256', certLine),
      },
    },
  ],
  notApplicable: [
    {
      name: 'the name in the certificate',
      facts: { replicationLogin: certificateFailed('alice'), hbaRules: hba(certLine) },
      because: /no-user-map/,
    },
  ],
  fails: [
    {
      name: 'a password line above the one that takes the certificate',
      facts: {
        replicationLogin: noPasswordWith(certificateOf('replicator')),
        hbaRules: hba('host replication all 10.0.0.0/8 scram-sha-256', `${certLine} clientname=CN`),
      },
      message: /Line 2, which accepts the client certificate, is never reached/,
      steps: [
        `cp -p ${file} ${copy} &&\n{ printf '%s\\n' 'hostssl replication replicator 10.0.0.7/32 cert clientname=CN'; tail -n +1 ${copy}; } > ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'the name in the certificate, without --admin',
      facts: {
        replicationLogin: certificateFailed('alice'),
        hbaRules: unseen('not-asked', 'no --admin connection was given'),
      },
      risk: 'safe',
      message: /The client sends one with CN "alice"/,
    },
    {
      name: 'ident first, a password below',
      facts: {
        replicationLogin: peerFailed,
        hbaRules: hba('host replication all 10.0.0.0/8 ident', 'host replication all 10.0.0.7/32 scram-sha-256'),
      },
      message: /Line 2 below it would work/,
      steps: [
        `cp -p ${file} ${copy} &&\n{ printf '%s\\n' 'hostssl replication replicator 10.0.0.7/32 scram-sha-256'; tail -n +1 ${copy}; } > ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    ...['LDAP', 'PAM', 'RADIUS', 'BSD'].map((method) => ({
      name: `a service that refuses: ${method}`,
      facts: {
        replicationLogin: aRefusedLogin(
          aRefusal('other-method-refused', '28000', `${method} authentication failed for user "replicator"`),
        ),
      },
      message: new RegExp(`${method} authentication failed`, 'u'),
    })),
    {
      name: 'a ticket that is not there',
      facts: { replicationLogin: gssapi({ impossible: true }) },
      message: /asks for GSSAPI/u,
    },
  ],
  unexamined: [
    { name: 'the server starts', facts: { replicationLogin: startingUp } },
    { name: 'a method that only libpq can answer', facts: { replicationLogin: gssapi() } },
  ],
});

testRule(notReloaded, {
  passes: [
    {
      name: 'the file does not let it in either',
      facts: { replicationLogin: noEntry, hbaRules: hba('host all all all scram-sha-256') },
    },
  ],
  fails: [
    {
      name: 'the entry stands in the file',
      facts: {
        replicationLogin: noEntry,
        hbaRules: { ...hba('hostssl replication +repl 10.0.0.7/32 scram-sha-256'), changedSinceLoad: true },
        replicationRole: aRole({ memberOf: ['repl'] }),
      },
      steps: ['SELECT pg_reload_conf();'],
    },
  ],
  unexamined: [{ name: 'nobody may look', facts: { replicationLogin: noEntry, hbaRules: notAsked } }],
});

testRule(invalidLine, {
  passes: [{ name: 'nobody may look, and the login works', facts: { hbaRules: notAsked } }],
  fails: [
    {
      name: 'the very entry, without a mask',
      facts: { replicationLogin: noEntry, hbaRules: hba('host replication replicator 10.0.0.7 scram-sha-256') },
      severity: 'error',
      steps: [
        `cp -p ${file} ${copy}-broken &&\nsed -e '1s/^/# /' ${copy}-broken > ${file}`,
        `cp -p ${file} ${copy} &&\nprintf '\\n\\n%s\\n' 'hostssl replication replicator 10.0.0.7/32 scram-sha-256' >> ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'the login works by the rules read before, by this very entry',
      facts: { hbaRules: hba('host replication replicator 10.0.0.7 scram-sha-256') },
      severity: 'warning',
      steps: [
        `cp -p ${file} ${copy}-broken &&\nsed -e '1s/^/# /' ${copy}-broken > ${file}`,
        `cp -p ${file} ${copy} &&\nprintf '\\n\\n%s\\n' 'hostssl replication replicator 10.0.0.7/32 scram-sha-256' >> ${file}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'the login works by the rules read before',
      facts: { hbaRules: hba('host replication replicator 10.0.0.7/32 scram-sha-256', 'hots all all all md5') },
      severity: 'warning',
    },
  ],
});

testRule(methodNeedsOtherPassword, {
  passes: [
    { name: 'a SCRAM secret is stored', facts: { replicationLogin: passwordRefused } },
    {
      name: 'md5 in pg_hba.conf takes the hash',
      facts: {
        replicationLogin: passwordRefused,
        replicationRole: aRole({ password: 'md5' }),
        hbaRules: hba('host replication replicator 10.0.0.7/32 md5'),
      },
    },
  ],
  fails: [
    {
      name: 'an md5 hash is stored',
      facts: { replicationLogin: passwordRefused, replicationRole: aRole({ password: 'md5' }) },
      steps: ["SET password_encryption = 'scram-sha-256';\n\\password replicator"],
    },
  ],
  unexamined: [{ name: 'the server starts', facts: { replicationLogin: startingUp } }],
});

const local = {
  attempts: [],
  outcome: { accepted: true as const, session: aSession({ attempt: anAttempt({ localAddress: '127.0.0.1' }) }) },
};
testRule(weakMethod, {
  passes: [
    {
      name: 'trust that does not leave the machine',
      facts: { replicationLogin: local, hbaRules: hba('host replication all 127.0.0.1/32 trust') },
    },
    { name: 'password over TLS', facts: { hbaRules: hba('hostssl replication all 10.0.0.7/32 password') } },
  ],
  fails: [
    { name: 'trust', facts: { hbaRules: hba('host replication all 10.0.0.0/8 trust') }, severity: 'warning' },
    { name: 'md5', facts: { hbaRules: hba('host replication all 10.0.0.0/8 md5') }, severity: 'info' },
  ],
});

testRule(openToEveryone, {
  passes: [
    { name: 'reject is no opening', facts: { hbaRules: hba('host replication all 0.0.0.0/0 reject') } },
    { name: 'all in the database column is none for replication', facts: { hbaRules: hba('host all all all md5') } },
  ],
  fails: [
    { name: '0.0.0.0/0', facts: { hbaRules: hba('host replication all 0.0.0.0/0 scram-sha-256') } },
    { name: 'the word all', facts: { hbaRules: hba('host replication replicator all scram-sha-256') } },
  ],
});

testRule(noUserMap, {
  passes: [
    {
      name: 'a wrong password, and the right name',
      facts: {
        replicationLogin: aRefusedLogin(
          aRefusal('password-refused', '28P01', 'password authentication failed', {
            identity: certificateOf('replicator'),
          }),
        ),
        hbaRules: hba('hostssl replication replicator 10.0.0.7/32 scram-sha-256 clientcert=verify-full'),
      },
    },
    { name: 'no password', facts: { replicationLogin: noPasswordWith(certificateOf('other')) } },
  ],
  fails: [
    {
      name: 'the map has no such line',
      facts: {
        replicationLogin: certificateFailed('standby1'),
        hbaRules: mapped('m standby2 replicator', `${certLine} map=m`),
      },
      message: /looks up "standby1" in map "m", but none of its lines matches/,
      steps: [
        `cp -p ${ident} ${identCopy} &&\nprintf '\\n%s\\n' 'm standby1 replicator' >> ${ident}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'the map does not exist',
      facts: { replicationLogin: certificateFailed('standby1'), hbaRules: mapped('', `${certLine} map=m`) },
      message: /has no such map/,
    },
    {
      name: 'another role',
      facts: {
        replicationLogin: certificateFailed('standby1'),
        hbaRules: mapped('m standby1 alice', `${certLine} map=m`),
      },
      message: /mapped to "alice", not to "replicator"/,
    },
    {
      name: 'upper and lower case',
      facts: {
        replicationLogin: certificateFailed('standby1'),
        hbaRules: mapped('m Standby1 replicator', `${certLine} map=m`),
      },
      message: /differs in upper and lower case/,
    },
    {
      name: 'the line is there, and not reloaded',
      facts: {
        replicationLogin: certificateFailed('standby1'),
        hbaRules: mapped('m standby1 replicator', `${certLine} map=m`),
      },
      message: /pg_ident.conf has a line for it, but the server has not loaded it yet/,
      steps: ['SELECT pg_reload_conf();'],
    },
    {
      name: 'the whole name',
      facts: {
        replicationLogin: certificateFailed('standby1'),
        hbaRules: mapped('m standby1 replicator', `${certLine} clientname=DN map=m`),
      },
      steps: [
        `cp -p ${ident} ${identCopy} &&\nprintf '\\n%s\\n' 'm "CN=standby1,O=Example" replicator' >> ${ident}`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'no map, and the certificate of somebody else',
      facts: { replicationLogin: certificateFailed('alice'), hbaRules: hba(certLine) },
      message: /whose CN is "replicator". The client sends one with CN "alice"/,
    },
    {
      name: 'beside a password',
      facts: {
        replicationLogin: aRefusedLogin(
          aRefusal('password-refused', '28P01', 'password authentication failed', { identity: certificateOf('alice') }),
        ),
        hbaRules: hba('hostssl replication replicator 10.0.0.7/32 scram-sha-256 clientcert=verify-full'),
      },
    },
  ],
  notApplicable: [
    { name: 'ident', facts: { replicationLogin: peerFailed, hbaRules: hba('host replication all 10.0.0.0/8 ident') } },
    { name: 'nobody may look into the file', facts: { replicationLogin: passwordRefused, hbaRules: notAsked } },
  ],
  unexamined: [
    {
      name: 'pg_ident.conf was not read',
      facts: { replicationLogin: certificateFailed('standby1'), hbaRules: hba(`${certLine} map=m`) },
    },
    {
      name: 'pg_hba.conf was not read',
      facts: { replicationLogin: certificateFailed('standby1'), hbaRules: notAsked },
    },
  ],
});

describe('an entry asks for no less than what is meant', () => {
  const methods = [
    'trust',
    'password',
    'md5',
    'scram-sha-256',
    'cert',
    'scram-sha-256 clientcert=verify-full',
    'md5 clientcert=verify-ca',
    'cert map=m',
  ];
  const passwords = ['scram-sha-256', 'md5', 'none'] as const;
  const pairs = methods.flatMap((one) => methods.map((other) => [one, other] as const));
  it.each(pairs)('%s and %s below what keeps the role out', (one, other) => {
    for (const blocking of ['reject', 'ident'])
      for (const password of passwords) {
        const lines = [blocking, one, other].map((what) => `hostssl replication all 10.0.0.0/8 ${what}`);
        const rule = blocking === 'reject' ? rejected : shadowed;
        const replicationLogin = blocking === 'reject' ? saidReject : peerFailed;
        const { result } = judge(
          rule,
          world({ replicationLogin, hbaRules: hba(...lines), replicationRole: aRole({ password }) }),
        );
        const printed = (result.outcome === 'failed' ? result.faults : [])
          .flatMap(({ remedy }) => remedy?.steps ?? [])
          .map(({ text }) => text)
          .join('\n');
        const [, added] = /'(hostssl replication replicator [^']+)'/.exec(printed) ?? [];
        const [entry, ...meant] = parseHbaText(file, [added ?? '', ...lines.slice(1)].join('\n')).filter(
          ({ kind }) => kind === 'rule',
        );
        if (entry?.kind !== 'rule') throw new Error(`no entry in ${printed}`);
        for (const line of meant)
          if (line.kind === 'rule')
            expect({ entry: entry.text, line: line.text, weaker: isWeaker(entry, line) }).toMatchObject({
              weaker: false,
            });
      }
  });
});
