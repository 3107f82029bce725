import { notApplicable } from '../../../src/facts/observed.ts';
import { notRegistered } from '../../../src/rules/manager/not-registered.ts';
import { testRule } from '../rule-tester.ts';
import { healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRecord, aRepmgrNode } from './managers.ts';

const manager = aRepmgrNode();

testRule(
  notRegistered,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'active', facts: { manager, repmgrRecord: aRecord() } }],
    fails: [
      {
        name: 'not there',
        facts: { manager, repmgrRecord: { node: undefined } },
        message: /is not there/u,
        steps: ['repmgr -f /etc/repmgr.conf standby register --force'],
      },
      { name: 'inactive', facts: { manager, repmgrRecord: aRecord({ active: false }) }, message: /inactive/u },
      { name: 'a primary', facts: { manager, repmgrRecord: aRecord({ type: 'primary' }) }, message: /a primary/u },
    ],
    notApplicable: [
      { name: 'Patroni', facts: { manager: aPatroniMember(), repmgrRecord: aRecord() } },
      {
        name: 'the server is down',
        facts: { manager, repmgrRecord: aRecord({ active: false }), runningStandby: notApplicable('not running') },
      },
    ],
  },
  healthyStandby,
);
