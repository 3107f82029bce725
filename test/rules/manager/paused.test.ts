import { paused } from '../../../src/rules/manager/paused.ts';
import { testRule } from '../rule-tester.ts';
import { healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

testRule(
  paused,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'it is not', facts: { manager: aPatroniMember() } }],
    fails: [
      {
        name: 'it is',
        facts: { manager: aPatroniMember({ paused: true }) },
        steps: ['patronictl -c /etc/patroni/config.yml resume shop'],
      },
    ],
    notApplicable: [{ name: 'repmgr', facts: { manager: aRepmgrNode() } }],
  },
  healthyStandby,
);
