import { standbyArchivingFails } from '../../src/rules/standby/archiving-fails.ts';
import { aLogUntil } from './a-log.ts';
import { testRule } from './rule-tester.ts';
import { aConfiguration, aLocalWal, aRunningStandby, configFile, directory, healthyStandby } from './standby-world.ts';
import { now } from './world.ts';

const setting = { value: 'always', pendingRestart: false, source: 'configuration file' };
const always = {
  runningStandby: aRunningStandby({ settings: new Map([...aRunningStandby().settings, ['archive_mode', setting]]) }),
  standbyConfiguration: aConfiguration([['archive_mode', 'always', configFile, 4]]),
};
const failing = aLogUntil(now, [
  'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit',
  'LOG:  archive command failed with exit code 1',
]);

testRule(
  standbyArchivingFails,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'it works', facts: always },
      { name: 'a few wait, and the log says nothing', facts: { ...always, localWal: aLocalWal({ ready: 3 }) } },
    ],
    fails: [
      {
        name: 'archive_command fails',
        facts: { ...always, serverLog: failing, localWal: aLocalWal({ ready: 3 }) },
        message: /3 segments \(48 MB\) in .* wait to be archived, because archive_command fails/,
        steps: [
          "ALTER SYSTEM SET archive_mode = 'on';",
          `/usr/lib/postgresql/15/bin/pg_ctl restart -D ${directory} -w -m fast -l ${directory}/server.log`,
        ],
      },
      {
        name: 'very many wait',
        facts: { ...always, localWal: aLocalWal({ ready: 400 }) },
        message: /400 segments/,
      },
    ],
  },
  healthyStandby,
);
