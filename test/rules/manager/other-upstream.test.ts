import { otherUpstream } from '../../../src/rules/manager/other-upstream.ts';
import { testRule } from '../rule-tester.ts';
import { aRunningStandby, aWalSender, healthyStandby } from '../standby-world.ts';
import { aPrimary, aRefusedLogin, anAttempt } from '../world.ts';
import { aPatroniMember, aRecord, aRepmgrNode } from './managers.ts';

const silent = aRefusedLogin(
  anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
);
const manager = aRepmgrNode();
const second = { name: 'db3', host: 'db3', port: '5432', isPrimary: false, primary: 1 };
const here = { manager, repmgrRecord: aRecord(), walSenders: [aWalSender()] };

testRule(
  otherUpstream,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'the primary lists it, as recorded', facts: here },
      {
        name: 'a standby is recorded, and lists it, whatever --admin leads to',
        facts: { ...here, primary: aPrimary({ inRecovery: true }), repmgrRecord: aRecord({ upstream: second }) },
      },
    ],
    fails: [
      {
        name: 'nothing answers where primary_conninfo leads',
        facts: { ...here, repmgrRecord: aRecord({ follows: false }), replicationLogin: silent },
        severity: 'error',
        message: /Nothing answers at db1:5432/u,
        steps: ['repmgr -f /etc/repmgr.conf standby follow'],
      },
      {
        name: 'it streams from the primary, and another standby is recorded',
        facts: { ...here, repmgrRecord: aRecord({ upstream: second }) },
        steps: ['repmgr -f /etc/repmgr.conf standby register --force --upstream-node-id=1'],
      },
      {
        name: 'the primary is recorded, and does not list it',
        facts: { ...here, walSenders: [] },
        steps: ['repmgr -f /etc/repmgr.conf standby follow'],
      },
      {
        name: 'the primary is recorded, and a standby lists it',
        facts: { ...here, primary: aPrimary({ inRecovery: true }) },
        message: /follows the primary, .* but it streams from another standby/u,
        steps: ['repmgr -f /etc/repmgr.conf standby follow'],
      },
      {
        name: 'a standby is recorded, and another one lists it',
        facts: {
          ...here,
          primary: aPrimary({ inRecovery: true }),
          repmgrRecord: aRecord({ upstream: second, follows: false }),
        },
        steps: ['repmgr -f /etc/repmgr.conf standby follow'],
      },
    ],
    notApplicable: [
      { name: 'Patroni', facts: { ...here, manager: aPatroniMember() } },
      { name: 'no upstream is recorded', facts: { ...here, repmgrRecord: aRecord({ upstream: undefined }) } },
      {
        name: 'it does not stream, and the server there refuses it',
        facts: {
          ...here,
          runningStandby: aRunningStandby({ receiver: undefined }),
          repmgrRecord: aRecord({ follows: false }),
        },
      },
    ],
  },
  healthyStandby,
);
