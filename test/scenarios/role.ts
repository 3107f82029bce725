import { by } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** The faults of the replication role, most of which a server hides behind "password authentication failed". */
export const roleScenarios: readonly Scenario[] = [
  { rule: 'role/missing', primary: { role: null } },
  {
    rule: 'role/missing',
    name: 'only in another case',
    primary: { role: { name: 'Replicator' }, hba: ['host replication all 127.0.0.1/32 scram-sha-256'] },
    options: by(({ primary }) => ['-h', '127.0.0.1', '-p', String(primary.server.port)]),
  },
  {
    rule: 'role/missing',
    name: 'a letter is missing, and pg_hba.conf names the right one',
    primary: { role: { name: 'replicatr' }, hba: ['host replication replicatr 127.0.0.1/32 scram-sha-256'] },
    options: by(({ primary }) => ['-h', '127.0.0.1', '-p', String(primary.server.port)]),
  },
  {
    rule: 'role/missing',
    name: 'seen without --admin, after trust',
    primary: { role: null, hba: ['host replication all 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 trust'] },
  },
  { rule: 'role/no-login', primary: { role: { attributes: 'NOLOGIN REPLICATION' } } },
  { rule: 'role/no-replication', primary: { role: { attributes: 'LOGIN' } } },
  {
    rule: 'role/no-replication',
    name: 'a member of a role that has it',
    primary: { role: { attributes: 'LOGIN' } },
    fault: async ({ primary }) => {
      await primary.server.psql('CREATE ROLE standbys REPLICATION; GRANT standbys TO replicator;');
    },
  },
  { rule: 'role/no-password', primary: { role: { password: null } } },
  { rule: 'role/password-expired', primary: { role: { attributes: "LOGIN REPLICATION VALID UNTIL '2020-01-01'" } } },
  {
    rule: 'role/connection-limit',
    name: 'WAL senders count up to 13',
    to: 13,
    primary: { role: { attributes: 'LOGIN REPLICATION CONNECTION LIMIT 1' } },
  },
  {
    rule: 'role/wrong-password',
    fault: async ({ primary }) => {
      await primary.server.psql("ALTER ROLE replicator PASSWORD 'another one'");
    },
    // the one who knows the right password finds that the client's is not mistyped
    byHand: async () => undefined,
  },
  {
    rule: 'role/no-write-server-files',
    from: 15,
    options: ({ primary }) => [
      ...primary.connection,
      '--target=server:/tmp/standbylint-not-there',
      '-X',
      'fetch',
      '-c',
      'fast',
    ],
    noClone: 'the primary keeps the copy',
  },
];
