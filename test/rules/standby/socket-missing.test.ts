import { socketMissing } from '../../../src/rules/standby/socket-missing.ts';
import { unseen } from '../../../src/facts/observed.ts';
import { testRule } from '../rule-tester.ts';
import { aDataDirectory, aStoppedDirectory, directory, healthyStandby } from '../standby-world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const lost = aDataDirectory({
  postmaster: { pid: 700, port: 5432, process: 'running', program: 'postgres', missingSocket: '/tmp/.s.PGSQL.5432' },
});

testRule(
  socketMissing,
  {
    notApplicable: [{ name: 'it is down', facts: { dataDirectory: aStoppedDirectory() } }],
    fails: [
      {
        name: 'removed from /tmp',
        facts: {
          dataDirectory: lost,
          runningStandby: unseen('connection', 'no such file or directory'),
          standbyControl: { control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: bin }, running: true },
        },
        message:
          /listens on \/tmp\/\.s\.PGSQL\.5432, but this file does not exist: nothing can connect over it\. A cleaner/,
        risk: 'disruptive',
      },
      { name: 'it answers over TCP', facts: { dataDirectory: lost }, message: /It answers over TCP/ },
    ],
  },
  healthyStandby,
);
