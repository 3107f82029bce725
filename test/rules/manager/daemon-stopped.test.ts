import { daemonStopped } from '../../../src/rules/manager/daemon-stopped.ts';
import { testRule } from '../rule-tester.ts';
import { healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

testRule(
  daemonStopped,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'it runs', facts: { manager: aRepmgrNode() } }],
    fails: [{ name: 'it does not run', facts: { manager: aRepmgrNode({ runs: false }) }, message: /no repmgrd runs/u }],
    notApplicable: [
      { name: 'failover by hand', facts: { manager: aRepmgrNode({ runs: false, automatic: false }) } },
      { name: 'Patroni', facts: { manager: aPatroniMember() } },
    ],
  },
  healthyStandby,
);
