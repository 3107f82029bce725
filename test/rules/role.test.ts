import { unseen } from '../../src/facts/observed.ts';
import { connectionLimit } from '../../src/rules/role/connection-limit.ts';
import { missing } from '../../src/rules/role/missing.ts';
import { noLogin } from '../../src/rules/role/no-login.ts';
import { noPassword } from '../../src/rules/role/no-password.ts';
import { noReplication } from '../../src/rules/role/no-replication.ts';
import { passwordExpired } from '../../src/rules/role/password-expired.ts';
import { superuser } from '../../src/rules/role/superuser.ts';
import { wrongPassword } from '../../src/rules/role/wrong-password.ts';
import { testRule } from './rule-tester.ts';
import { healthyStandby } from './standby-world.ts';
import { anAdminServer, aPlan, aRefusal, aRefusedLogin, aRole, aSession, anAttempt } from './world.ts';
import { parseHbaText } from './hba-text.ts';

const notAsked = unseen('not-asked', 'no --admin connection was given', 'add --admin CONNINFO');
const refusedPassword = aRefusedLogin(
  aRefusal('password-refused', '28P01', 'password authentication failed for user "replicator"'),
);
const absent = { exists: false as const, name: 'replicator', similar: ['Replicator'] };

testRule(missing, {
  passes: [
    { name: 'it exists, and the login failed for another reason', facts: { replicationLogin: refusedPassword } },
  ],
  fails: [
    {
      name: 'the server hides it behind a refused password',
      facts: { replicationLogin: refusedPassword, replicationRole: absent },
      message: /"Replicator"\. If one of them is the right one, give it with -U/,
      risk: 'safe',
      steps: ['standbylint preflight pg_basebackup -U Replicator'],
    },
    {
      name: 'no user was given, and one other role is let in',
      facts: {
        replicationLogin: refusedPassword,
        replicationRole: { ...absent, similar: [] },
        connectionPlan: aPlan({ sources: { user: 'PGUSER' } }),
        hbaRules: {
          file: '/hba',
          lines: parseHbaText('/hba', 'host replication rep all scram-sha-256'),
          changedSinceLoad: false,
        },
      },
      message: /the name comes from PGUSER\. pg_hba\.conf lets "rep" in/,
      steps: ['standbylint preflight pg_basebackup -U rep'],
    },
    {
      name: 'no user was given, and nobody means a role of that name',
      facts: {
        replicationLogin: refusedPassword,
        replicationRole: { ...absent, similar: [] },
        connectionPlan: aPlan({ user: 'root', sources: { user: "the operating system's user" } }),
        hbaRules: notAsked,
      },
      steps: [
        'Give the role that is meant for replication with -U. If that is "root", give -U root: the next report says what it needs.',
      ],
    },
    {
      name: 'two roles of that name but for its case',
      facts: {
        replicationLogin: refusedPassword,
        replicationRole: { ...absent, similar: ['REPLICATOR', 'Replicator'] },
      },
      message: /Similar roles exist: "REPLICATOR", "Replicator"/,
      steps: [
        "CREATE ROLE replicator WITH LOGIN REPLICATION;\nSET password_encryption = 'scram-sha-256';\n\\password replicator",
      ],
    },
    {
      name: 'the server says so itself, after trust',
      facts: {
        replicationLogin: aRefusedLogin(aRefusal('role-missing', '28000', 'role "replicator" does not exist')),
        replicationRole: notAsked,
      },
      message: /no role with the exact name/,
    },
  ],
  unexamined: [
    {
      name: 'a refused password, and nobody who may look inside',
      facts: { replicationLogin: refusedPassword, replicationRole: notAsked },
      because: /no --admin/,
    },
  ],
});

const renamedTo = {
  replicationLogin: refusedPassword,
  replicationRole: { ...absent, similar: [] },
  adminServer: anAdminServer({ replicationRoles: [{ name: 'follower', superuser: false }] }),
  walSenders: [],
};

testRule(
  missing,
  {
    fails: [
      {
        name: 'perhaps renamed: a password file finds a password by the name',
        facts: renamedTo,
        message: /Its only role for replication is "follower", .* unless it was an MD5 one/u,
        steps: [
          "cp -p /etc/postgresql/15/main/pg_hba.conf /etc/postgresql/15/main/pg_hba.conf.before-2026-11-21T200000 &&\nprintf '\\n\\n%s\\n' 'hostssl replication follower 10.0.0.7/32 scram-sha-256' >> /etc/postgresql/15/main/pg_hba.conf",
          'SELECT pg_reload_conf();',
          'In line 1 of /var/lib/postgresql/.pgpass, change the user (the fourth field) to follower.',
          "ALTER SYSTEM SET primary_conninfo = 'user=follower passfile=/var/lib/postgresql/.pgpass host=db1 port=5432 sslmode=prefer';",
          'SELECT pg_reload_conf();',
        ],
      },
    ],
  },
  healthyStandby,
);

testRule(noLogin, {
  passes: [{ name: 'the login failed for another reason', facts: { replicationLogin: refusedPassword } }],
  fails: [
    {
      name: 'the server refuses it',
      facts: {
        replicationLogin: aRefusedLogin(
          aRefusal('role-no-login', '28000', 'role "replicator" is not permitted to log in'),
        ),
        replicationRole: aRole({ canLogin: false }),
      },
      risk: 'safe',
      steps: ['ALTER ROLE replicator WITH LOGIN;'],
    },
    {
      name: 'seen from inside, while the password was refused first',
      facts: { replicationLogin: refusedPassword, replicationRole: aRole({ canLogin: false }) },
    },
  ],
  notApplicable: [
    { name: 'there is no such role', facts: { replicationLogin: refusedPassword, replicationRole: absent } },
  ],
  unexamined: [{ name: 'nobody may look', facts: { replicationLogin: refusedPassword, replicationRole: notAsked } }],
});

testRule(noReplication, {
  passes: [
    {
      name: 'a superuser needs no attribute',
      facts: { replicationLogin: refusedPassword, replicationRole: aRole({ superuser: true, replication: false }) },
      because: /superuser/,
    },
  ],
  fails: [
    {
      name: 'membership in a role that has it does not help',
      facts: {
        replicationLogin: aRefusedLogin(
          aRefusal('role-no-replication', '42501', 'must be superuser or replication role to start walsender'),
        ),
        replicationRole: aRole({ replication: false, memberOf: ['repl_group'], replicationThrough: ['repl_group'] }),
      },
      message: /member of repl_group, which has the attribute, but attributes are not inherited/,
      steps: ['ALTER ROLE replicator WITH REPLICATION;'],
    },
  ],
  notApplicable: [
    { name: 'there is no such role', facts: { replicationLogin: refusedPassword, replicationRole: absent } },
  ],
});

testRule(noPassword, {
  passes: [{ name: 'one is stored', facts: { replicationLogin: refusedPassword } }],
  fails: [
    {
      name: 'the server refuses what it has nothing to hold against',
      facts: { replicationLogin: refusedPassword, replicationRole: aRole({ password: 'none' }) },
      steps: ["SET password_encryption = 'scram-sha-256';\n\\password replicator"],
    },
    {
      name: 'the client has none either',
      facts: {
        replicationLogin: aRefusedLogin(
          anAttempt({
            outcome: { kind: 'client-stopped', why: 'no-password', message: 'fe_sendauth: no password supplied' },
          }),
        ),
        replicationRole: aRole({ password: 'none' }),
      },
    },
  ],
  notApplicable: [
    { name: 'there is no such role', facts: { replicationLogin: refusedPassword, replicationRole: absent } },
  ],
  unexamined: [
    {
      name: 'only a superuser sees it',
      facts: { replicationLogin: refusedPassword, replicationRole: aRole({ password: 'unknown' }) },
      because: /superuser/,
    },
  ],
});

testRule(passwordExpired, {
  passes: [
    {
      name: 'it has an end that has not come',
      facts: {
        replicationLogin: refusedPassword,
        replicationRole: aRole({ validUntil: new Date('2027-01-01T00:00:00Z') }),
      },
      because: /valid until 2027-01-01/,
    },
  ],
  fails: [
    {
      name: 'the end has passed',
      facts: {
        replicationLogin: refusedPassword,
        replicationRole: aRole({ validUntil: new Date('2026-01-01T00:00:00Z'), expired: true }),
      },
      steps: ["ALTER ROLE replicator VALID UNTIL 'infinity';"],
    },
  ],
});

testRule(connectionLimit, {
  passes: [
    { name: 'a limit that the server does not apply', facts: { replicationRole: aRole({ connectionLimit: 0 }) } },
  ],
  fails: [
    {
      name: '13 counts the second connection of -X stream',
      facts: {
        replicationLogin: {
          attempts: [anAttempt()],
          outcome: {
            accepted: true,
            session: aSession({
              second: {
                accepted: false,
                attempt: aRefusal('role-connection-limit', '53300', 'too many connections for role "replicator"'),
              },
            }),
          },
        },
        replicationRole: aRole({ connectionLimit: 1 }),
      },
      message: /a second connection, which -X stream needs/,
      steps: ['ALTER ROLE replicator CONNECTION LIMIT 3;'],
    },
  ],
});

testRule(wrongPassword, {
  notApplicable: [
    {
      name: 'the role is not there at all',
      facts: { replicationLogin: refusedPassword, replicationRole: absent },
      because: /role\/missing/,
    },
    {
      name: 'the password has expired',
      facts: { replicationLogin: refusedPassword, replicationRole: aRole({ expired: true }) },
      because: /role\/password-expired/,
    },
  ],
  fails: [
    {
      name: 'the role is in order',
      facts: { replicationLogin: refusedPassword },
      message: /the password from line 1 of \/var\/lib\/postgresql\/\.pgpass/,
    },
    {
      name: 'nobody may look, so the reasons are named',
      facts: { replicationLogin: refusedPassword, replicationRole: notAsked },
      message: /the same for a wrong password, an expired password, and a role that does not exist/,
    },
  ],
});

testRule(superuser, {
  fails: [{ name: 'it is one', facts: { replicationRole: aRole({ superuser: true }) }, severity: 'info' }],
  notApplicable: [{ name: 'there is no such role', facts: { replicationRole: absent } }],
});
