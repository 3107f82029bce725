import { storeSilent } from '../../../src/rules/manager/store-silent.ts';
import { testRule } from '../rule-tester.ts';
import { healthyStandby } from '../standby-world.ts';
import { anAdminServer } from '../world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

const silentFor = (storeSilentSeconds: number, unlocked = false) => ({
  manager: aPatroniMember({ state: { storeSilentSeconds, unlocked } }),
});

testRule(
  storeSilent,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'within its ttl', facts: silentFor(30) },
      { name: 'a longer ttl', facts: { manager: { ...aPatroniMember(silentFor(90).manager), ttlSeconds: 120 } } },
    ],
    fails: [
      { name: 'a member that streams', facts: silentFor(31), message: /31 s ago\. A leader/u },
      {
        name: 'no member is the primary',
        facts: { ...silentFor(300, true), adminServer: anAdminServer({ inRecovery: true }) },
        severity: 'error',
        message: /no member accepts writes/u,
      },
    ],
    notApplicable: [
      { name: 'its REST API was not read', facts: { manager: aPatroniMember({ state: undefined }) } },
      { name: 'repmgr', facts: { manager: aRepmgrNode() } },
    ],
  },
  healthyStandby,
);
