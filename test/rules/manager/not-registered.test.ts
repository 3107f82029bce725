import { notApplicable } from '../../../src/facts/observed.ts';
import { notRegistered } from '../../../src/rules/manager/not-registered.ts';
import { testRule } from '../rule-tester.ts';
import { aRunningStandby, healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRecord, aRepmgrNode } from './managers.ts';

const manager = aRepmgrNode();
const startedBefore = (seconds: number) => {
  const server = aRunningStandby();
  return { ...server, startedAt: new Date(server.clock.getTime() - seconds * 1_000) };
};

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
      {
        name: 'without an upstream',
        facts: { manager, repmgrRecord: aRecord({ upstream: undefined }) },
        message: /without an upstream/u,
        steps: ['repmgr -f /etc/repmgr.conf standby register --force'],
      },
      { name: 'inactive', facts: { manager, repmgrRecord: aRecord({ active: false }) }, message: /inactive/u },
      {
        name: 'inactive a minute after the start',
        facts: { manager, repmgrRecord: aRecord({ active: false }), runningStandby: startedBefore(61) },
        message: /inactive/u,
      },
      {
        name: 'a primary has its ID',
        facts: { manager, repmgrRecord: aRecord({ type: 'primary', name: 'db1' }) },
        message: /the two nodes have one ID/u,
        steps: [
          'If another node has node_id 2 in its repmgr.conf, set node_id in /etc/repmgr.conf to a number that repmgr cluster show does not list. If not, register the primary first, on its own machine (repmgr primary register --force). Then: repmgr -f /etc/repmgr.conf standby register --force',
        ],
      },
      {
        name: 'inactive, and without repmgrd nothing puts it right',
        facts: {
          manager: aRepmgrNode({ runs: false }),
          repmgrRecord: aRecord({ active: false }),
          runningStandby: startedBefore(20),
        },
        message: /inactive/u,
      },
    ],
    notApplicable: [
      { name: 'Patroni', facts: { manager: aPatroniMember(), repmgrRecord: aRecord() } },
      {
        name: 'the server was started 20 s ago',
        facts: { manager, repmgrRecord: aRecord({ active: false }), runningStandby: startedBefore(20) },
      },
      {
        name: 'the server is down',
        facts: { manager, repmgrRecord: aRecord({ active: false }), runningStandby: notApplicable('not running') },
      },
    ],
  },
  healthyStandby,
);
