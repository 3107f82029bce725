import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { behind } from './scenario.ts';
import type { Scenario, Stage } from './scenario.ts';

const scram = 'host replication replicator 127.0.0.1/32 scram-sha-256';
const hbaFile = ({ primary }: Stage): string => join(primary.server.dataDirectory, 'pg_hba.conf');

/** The faults of pg_hba.conf, and near misses that look right to the eye. */
export const hbaScenarios: readonly Scenario[] = [
  {
    rule: 'hba/no-replication-entry',
    name: 'all in the database column does not cover replication',
    primary: { hba: ['host all all 127.0.0.1/32 scram-sha-256', 'host all all ::1/128 scram-sha-256'] },
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'another address, another role, and "replication" in quotes',
    primary: {
      hba: [
        'host replication replicator 10.0.1.0/24 scram-sha-256',
        'host replication backup 127.0.0.1/32 scram-sha-256',
        'host "replication" replicator 127.0.0.1/32 scram-sha-256',
      ],
    },
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'the file ends without a line feed, and the role has only an md5 hash',
    primary: { hba: [], settings: { password_encryption: 'md5' } },
    fault: async (stage) => {
      await appendFile(hbaFile(stage), 'host all all 127.0.0.1/32 md5');
      await stage.primary.server.reload();
    },
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'a name that must be quoted',
    primary: { hba: [], role: { name: 'Repl User' } },
  },
  {
    rule: 'hba/no-replication-entry',
    name: '-U was not given, and the role of that name is another one',
    from: 15,
    fault: async ({ primary }) => primary.server.psql('CREATE ROLE somebody LOGIN'),
    options: behind(({ primary }) => [
      ...primary.connection.filter((word, at, all) => word !== '-U' && all[at - 1] !== '-U'),
    ]),
    env: () => ({ PGUSER: 'somebody' }),
  },
  { rule: 'hba/rejected', primary: { hba: ['host replication all 127.0.0.0/8 reject', scram] } },
  { rule: 'hba/shadowed', primary: { hba: ['host replication all 127.0.0.0/8 ident', scram] } },
  {
    rule: 'hba/not-reloaded',
    primary: { hba: [] },
    fault: async (stage) => appendFile(hbaFile(stage), `${scram}\n`),
  },
  {
    rule: 'hba/invalid-line',
    name: 'the entry itself lacks its mask',
    primary: { hba: [] },
    fault: async (stage) => {
      await appendFile(hbaFile(stage), 'host replication replicator 127.0.0.1 scram-sha-256\n');
      await stage.primary.server.reload();
    },
  },
  {
    rule: 'hba/invalid-line',
    name: 'a typing error elsewhere keeps the entry from being used',
    primary: { hba: [] },
    fault: async (stage) => {
      await appendFile(hbaFile(stage), `${scram}\nhots all all 127.0.0.1/32 md5\n`);
      await stage.primary.server.reload();
    },
  },
  {
    rule: 'hba/method-needs-other-password',
    primary: { settings: { password_encryption: 'md5' } },
  },
];
