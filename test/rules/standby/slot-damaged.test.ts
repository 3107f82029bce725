import { slotDamaged } from '../../../src/rules/standby/slot-damaged.ts';
import { testRule } from '../rule-tester.ts';
import { aDataDirectory, aStoppedDirectory, directory, healthyStandby } from '../standby-world.ts';

const down = {
  dataDirectory: aStoppedDirectory(),
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/bin' },
    running: false,
  } as const,
};
const empty = { name: 'child', because: 'it does not exist' };

testRule(
  slotDamaged,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'no server runs, and each slot can be read', facts: down }],
    notApplicable: [{ name: 'a running server', facts: { dataDirectory: aDataDirectory(), damagedSlots: [empty] } }],
    fails: [
      {
        name: 'a slot without its state',
        facts: { ...down, damagedSlots: [empty] },
        steps: [
          `mv ${directory}/pg_replslot/child ${directory}/damaged-slot-child`,
          `/bin/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      {
        name: 'two of them',
        facts: { ...down, damagedSlots: [empty, { name: 'other', because: 'its checksum is wrong' }] },
        message: /and 1 more/u,
      },
    ],
  },
  healthyStandby,
);
