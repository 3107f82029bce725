import type { Slot } from '../../../src/facts/primary.ts';
import { slotInvalidated } from '../../../src/rules/standby/slot-invalidated.ts';
import { testRule } from '../rule-tester.ts';
import { aRunningStandby, healthyStandby } from '../standby-world.ts';

const slot = (change: Partial<Slot>): Slot => ({
  name: 'reader',
  type: 'logical',
  active: false,
  activePid: undefined,
  temporary: false,
  restartLsn: undefined,
  walStatus: 'reserved',
  safeWalBytes: undefined,
  retainedBytes: undefined,
  invalidationReason: undefined,
  ...change,
});
const having = (change: Partial<Slot>, feedback = 'off') => {
  const standby = aRunningStandby({ slots: [slot(change)] });
  const setting = { value: feedback, pendingRestart: false, source: 'default' };
  return {
    runningStandby: { ...standby, settings: new Map([...standby.settings, ['hot_standby_feedback', setting]]) },
  };
};
const drop = "SELECT pg_drop_replication_slot('reader');";
const again =
  'Create the slot and its subscription again, with a new copy of the data: what was changed meanwhile is not sent.';

testRule(
  slotInvalidated,
  {
    passes: [
      { name: 'a slot in good order', facts: having({}) },
      {
        name: 'one that is synchronized from the primary',
        facts: having({ synced: true, invalidationReason: 'rows_removed' }),
      },
    ],
    notApplicable: [{ name: 'a primary', facts: { runningStandby: aRunningStandby({ inRecovery: false }) } }],
    fails: [
      {
        name: 'vacuum on the primary removed what it needs',
        facts: having({ invalidationReason: 'rows_removed' }),
        message: /hot_standby_feedback is off/u,
        steps: ["ALTER SYSTEM SET hot_standby_feedback = 'on';", 'SELECT pg_reload_conf();', drop, again],
      },
      {
        name: 'the same with feedback on',
        facts: having({ invalidationReason: 'rows_removed' }, 'on'),
        steps: [drop, again],
      },
      {
        name: 'its WAL is gone',
        facts: having({ type: 'physical', walStatus: 'lost' }),
        message: /its WAL was removed/u,
      },
    ],
  },
  healthyStandby,
);
