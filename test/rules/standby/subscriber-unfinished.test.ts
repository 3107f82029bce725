import { unseen } from '../../../src/facts/observed.ts';
import { writtenLines } from '../../../src/postgres/written-lines.ts';
import { subscriberUnfinished } from '../../../src/rules/standby/subscriber-unfinished.ts';
import { testRule, type Changes } from '../rule-tester.ts';
import {
  aConfiguration,
  aDataDirectory,
  aStoppedDirectory,
  autoConf,
  conninfo,
  directory,
  healthyStandby,
} from '../standby-world.ts';
import { aSlot } from '../world.ts';

const block = [
  "primary_conninfo = 'user=postgres host=db1'",
  "recovery_target = ''",
  "recovery_target_timeline = 'latest'",
  'recovery_target_inclusive = false',
  'recovery_target_action = promote',
  "recovery_target_lsn = '0/3000378'",
];
const above = `primary_conninfo = '${conninfo}'`;
const file = (...lines: readonly string[]): Changes => ({
  standbyConfiguration: aConfiguration(undefined, {
    written: new Map([[autoConf, writtenLines(`${lines.join('\n')}\n`)]]),
  }),
});
const down: Changes = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: { status: 'not-applicable', why: 'no server runs there' },
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/usr/lib/postgresql/17/bin' },
    running: false,
  },
};

testRule(
  subscriberUnfinished,
  {
    passes: [
      { name: 'a target of a person', facts: file(above, "recovery_target_lsn = '0/3000378'") },
      { name: 'without promotion', facts: file(above, ...block.filter((line) => !line.includes('promote'))) },
    ],
    fails: [
      {
        name: 'it was interrupted, and has left a slot',
        facts: {
          ...down,
          ...file(above, ...block),
          slots: [aSlot({ name: 'pg_createsubscriber_5_7d1f', type: 'logical' })],
        },
        message: /left slot pg_createsubscriber_5_7d1f/u,
        steps: [
          `cp -p ${autoConf} ${autoConf}.before-2026-11-21T200000 &&\nsed -e '2,7s/^/# /' ${autoConf}.before-2026-11-21T200000 > ${autoConf}`,
          `/usr/lib/postgresql/17/bin/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      {
        name: 'no other primary_conninfo stands above: it stays',
        facts: { ...down, ...file(...block) },
      },
      {
        name: 'how it is started is not known: a reload would leave the recovery target in force',
        facts: { ...file(above, ...block), standbyControl: unseen('not-asked', 'not asked') },
        steps: [
          `cp -p ${autoConf} ${autoConf}.before-2026-11-21T200000 &&\nsed -e '2,7s/^/# /' ${autoConf}.before-2026-11-21T200000 > ${autoConf}`,
          'Restart the PostgreSQL server.',
        ],
      },
      { name: 'the server runs: it is started without what the run had started it with', facts: file(above, ...block) },
    ],
    notApplicable: [
      {
        name: 'no signal file: it was promoted',
        facts: {
          ...file(above, ...block),
          dataDirectory: aDataDirectory({
            signals: { standby: false, recovery: false, misnamed: [], recoveryConf: undefined },
          }),
        },
      },
    ],
  },
  healthyStandby,
);
