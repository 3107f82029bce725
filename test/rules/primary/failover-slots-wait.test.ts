import { failoverSlotsWait } from '../../../src/rules/primary/failover-slots-wait.ts';
import { testRule, type Changes } from '../rule-tester.ts';
import { aConfiguration, conninfo } from '../standby-world.ts';
import { aPrimary, aSlot, someSettings } from '../world.ts';

const orders = aSlot({ name: 'orders', type: 'logical', failover: true });
const named = (synchronized_standby_slots: string) => someSettings({ synchronized_standby_slots });

const ofStandby: Changes = {
  standbyConfiguration: aConfiguration([
    ['primary_slot_name', 's1'],
    ['primary_conninfo', conninfo],
  ]),
  runningStandby: { status: 'not-applicable', why: 'no server runs there' },
};

testRule(failoverSlotsWait, {
  passes: [
    {
      name: 'its slot is in use',
      facts: { primarySettings: named('s1'), slots: [orders, aSlot({ name: 's1', active: true })] },
    },
    {
      name: 'no slot waits: without failover',
      facts: { primarySettings: named('gone'), slots: [{ ...orders, failover: false }] },
    },
  ],
  fails: [
    {
      name: 'one of two does not exist',
      facts: { primarySettings: named('s1, "s2"'), slots: [orders, aSlot({ name: 's1', active: true })] },
      steps: ["ALTER SYSTEM SET synchronized_standby_slots = 's1';", 'SELECT pg_reload_conf();'],
      message: /Slot s2 does not exist\./u,
    },
    {
      name: 'it is not in use',
      facts: { primarySettings: named('s1'), slots: [orders, aSlot({ name: 's1' })] },
      message: /Slot s1 is not in use\./u,
    },
    {
      name: 'it is that of the examined standby: what else is not in use is left out, and this one stays',
      facts: {
        ...ofStandby,
        primarySettings: named('s1, s2'),
        slots: [orders, aSlot({ name: 's1' }), aSlot({ name: 's2' })],
      },
      steps: ["ALTER SYSTEM SET synchronized_standby_slots = 's1';", 'SELECT pg_reload_conf();'],
    },
    {
      name: 'only that of the examined standby is not in use: nothing is typed until it streams',
      facts: { ...ofStandby, primarySettings: named('s1'), slots: [orders, aSlot({ name: 's1' })] },
      message: /Slot s1 is not in use\./u,
      steps: [
        'Only if this standby is not to stream again soon: ALTER SYSTEM SET synchronized_standby_slots without its slot, and reload. A failover to it can then lose changes that subscribers have.',
      ],
    },
    {
      name: 'it is lost',
      facts: { primarySettings: named('s1'), slots: [orders, aSlot({ name: 's1', walStatus: 'lost' })] },
      message: /Slot s1 has been invalidated\./u,
    },
    {
      name: 'it is logical',
      facts: { primarySettings: named('orders'), slots: [orders] },
      message: /Slot orders is a logical slot/u,
    },
  ],
  notApplicable: [
    {
      name: 'a standby, where slots that are copied wait for nothing',
      facts: { primarySettings: named('gone'), slots: [orders], primary: aPrimary({ inRecovery: true }) },
    },
  ],
});
