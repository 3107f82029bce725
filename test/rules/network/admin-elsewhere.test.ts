import { parseSystemIdentifier } from '../../../src/postgres/lsn.ts';
import { notApplicable, unseen } from '../../../src/facts/observed.ts';
import { adminElsewhere } from '../../../src/rules/network/admin-elsewhere.ts';
import { testRule } from '../rule-tester.ts';
import type { Changes } from '../rule-tester.ts';
import { aControlFile, healthyStandby } from '../standby-world.ts';
import { aRefusal, aRefusedLogin, aSession, anAdminServer, anAttempt } from '../world.ts';

const other = parseSystemIdentifier('42');
if (other === undefined) throw new Error('42 does not parse');

const loggedIn: Changes = {
  replicationLogin: { attempts: [anAttempt()], outcome: { accepted: true, session: aSession() } },
};
const silent: Changes = {
  replicationLogin: aRefusedLogin(
    anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
  ),
};
const root = anAdminServer({
  identity: { is: 'another-server', which: 'a primary' },
  because: '--admin leads to another server of the cluster, 10.0.0.9:5432 (a primary)',
  address: '10.0.0.9',
});
const foreign = anAdminServer({
  identity: { is: 'another-cluster' },
  because: '--admin leads to another cluster, 10.0.0.9:5432',
  systemIdentifier: other,
  address: '10.0.0.9',
});
const unknown = anAdminServer({
  identity: { is: 'unknown' },
  because: 'nothing proves that --admin, which leads to 10.0.0.9:5432 (a primary), is the upstream',
});

testRule(adminElsewhere, {
  notApplicable: [
    { name: 'no --admin', facts: { adminServer: unseen('not-asked', 'no --admin connection was given') } },
    { name: 'no primary', facts: { adminServer: notApplicable('primary_conninfo is not set') } },
    { name: 'nothing answers', facts: { adminServer: unknown, ...silent } },
    { name: 'another cluster, and no login', facts: { adminServer: foreign, ...silent } },
  ],
  unexamined: [
    {
      name: 'the --admin login failed',
      facts: { adminServer: unseen('connection', '--admin was refused') },
      severity: 'info',
    },
  ],
  fails: [
    {
      name: 'another server of the cluster',
      facts: { adminServer: root, ...loggedIn },
      severity: 'info',
      message: /10\.0\.0\.9:5432 \(a primary\)\. What --admin shows is ignored/,
    },
    {
      name: 'a server that refuses, and that may be another one',
      facts: {
        adminServer: unknown,
        replicationLogin: aRefusedLogin(aRefusal('no-hba-entry', '28000', 'no pg_hba.conf entry')),
      },
      severity: 'info',
    },
    {
      name: 'two clusters before a copy',
      facts: { adminServer: foreign, ...loggedIn },
      severity: 'error',
      message: /The base backup would be taken from 10\.0\.0\.1:5432 \(db1\)\.$/,
      steps: [`standbylint preflight pg_basebackup -h 10.0.0.9 -p 5432`],
    },
  ],
});

testRule(
  adminElsewhere,
  {
    notApplicable: [
      {
        name: 'the standby is of the cluster of --admin',
        facts: { adminServer: foreign, controlFile: aControlFile({ systemIdentifier: other }), ...loggedIn },
        because: /system-identifier-differs/,
      },
    ],
    fails: [
      { name: 'a standby of the other cluster', facts: { adminServer: foreign, ...loggedIn }, severity: 'warning' },
    ],
  },
  healthyStandby,
);
