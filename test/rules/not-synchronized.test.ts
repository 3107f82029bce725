import { notSynchronized } from '../../src/rules/slot/not-synchronized.ts';
import { testRule } from './rule-tester.ts';
import { aConninfo, aDataDirectory, aRunningStandby, conninfo, directory, healthyStandby } from './standby-world.ts';
import { aPrimary } from './world.ts';

const right = {
  sync_replication_slots: 'on',
  hot_standby_feedback: 'on',
  primary_slot_name: 's1',
  wal_level: 'logical',
};
const having = (change: Readonly<Record<string, string>> = {}, text = `${conninfo} dbname=postgres`) => ({
  dataDirectory: aDataDirectory({ major: 17 }),
  standbyConninfo: aConninfo({ text }),
  runningStandby: aRunningStandby({
    settings: new Map(
      Object.entries({ ...right, ...change }).map(([name, value]) => [
        name,
        { value, pendingRestart: false, source: 'configuration file' },
      ]),
    ),
  }),
});

testRule(
  notSynchronized,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'all is set', facts: having() }],
    notApplicable: [
      { name: 'it is off', facts: having({ sync_replication_slots: 'off' }) },
      { name: '16', facts: { ...having({}, conninfo), dataDirectory: aDataDirectory({ major: 16 }) } },
    ],
    fails: [
      {
        name: 'no database',
        facts: having({}, conninfo),
        message: /dbname is not in primary_conninfo: the standby synchronizes no slot/,
        steps: [`ALTER SYSTEM SET primary_conninfo = '${conninfo} dbname=postgres';`, 'SELECT pg_reload_conf();'],
      },
      {
        name: 'no feedback',
        facts: having({ hot_standby_feedback: 'off' }),
        message: /hot_standby_feedback is off/,
        steps: ["ALTER SYSTEM SET hot_standby_feedback = 'on';", 'SELECT pg_reload_conf();'],
      },
      {
        name: 'no slot',
        facts: having({ primary_slot_name: '' }),
        message: /primary_slot_name is empty/,
        steps: [
          "SELECT pg_create_physical_replication_slot('standby1', true);",
          "ALTER SYSTEM SET primary_slot_name = 'standby1';",
          'SELECT pg_reload_conf();',
        ],
      },
      {
        name: 'wal_level',
        facts: having({ wal_level: 'replica' }),
        message: /wal_level on the standby is replica/,
        steps: [
          "ALTER SYSTEM SET wal_level = 'logical';",
          `/usr/lib/postgresql/15/bin/pg_ctl restart -D ${directory} -w -m fast -l ${directory}/server.log`,
        ],
      },
      {
        name: 'below a standby',
        facts: { ...having(), primary: aPrimary({ inRecovery: true }) },
        message: /upstream server is itself a standby/,
        steps: ["ALTER SYSTEM SET sync_replication_slots = 'off';", 'SELECT pg_reload_conf();'],
      },
    ],
  },
  healthyStandby,
);
