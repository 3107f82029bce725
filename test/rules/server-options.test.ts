import { noWriteServerFiles } from '../../src/rules/role/no-write-server-files.ts';
import { walSummariesOff } from '../../src/rules/primary/wal-summaries-off.ts';
import { testRule } from './rule-tester.ts';
import { aBaseBackup, aRole, someSettings } from './world.ts';

const onServer = { baseBackup: aBaseBackup({ target: 'server:/srv/backup' }) };

testRule(noWriteServerFiles, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'a superuser', facts: { ...onServer, replicationRole: aRole({ superuser: true }) } },
    { name: 'a member', facts: { ...onServer, replicationRole: aRole({ memberOf: ['pg_write_server_files'] }) } },
  ],
  unexamined: [
    {
      name: 'its memberships were not seen',
      facts: { ...onServer, replicationRole: aRole({ memberOf: undefined }) },
      because: /memberships/,
    },
  ],
  notApplicable: [
    { name: 'another target', facts: { baseBackup: aBaseBackup({ target: 'blackhole' }) } },
    {
      name: 'no such role',
      facts: { ...onServer, replicationRole: { exists: false, name: 'replicator', similar: [] } },
    },
  ],
  fails: [
    {
      name: 'no member',
      facts: { ...onServer, replicationRole: aRole({ memberOf: ['pg_monitor'] }) },
      steps: ['GRANT pg_write_server_files TO replicator;'],
    },
  ],
});

const incremental = { baseBackup: aBaseBackup({ incremental: '/srv/full/backup_manifest' }) };

testRule(walSummariesOff, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'on', facts: { ...incremental, primarySettings: someSettings({ summarize_wal: 'on' }) } }],
  notApplicable: [{ name: 'a release before 17', facts: { ...incremental, primarySettings: someSettings({}) } }],
  fails: [
    {
      name: 'off',
      facts: { ...incremental, primarySettings: someSettings({ summarize_wal: 'off' }) },
      steps: ["ALTER SYSTEM SET summarize_wal = 'on';", 'SELECT pg_reload_conf();'],
    },
  ],
});
