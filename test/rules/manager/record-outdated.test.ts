import { recordOutdated } from '../../../src/rules/manager/record-outdated.ts';
import { testRule } from '../rule-tester.ts';
import { aConninfo, aRunningStandby, healthyStandby } from '../standby-world.ts';
import { someSettings } from '../world.ts';
import { aPatroniMember, aRecord, aRepmgrNode } from './managers.ts';

const manager = aRepmgrNode();
const at = (port: string) => ({ name: 'db1', host: 'db1', port, isPrimary: true, primary: 1 });
const place = { host: 'db2', port: '5432' };
const here = {
  manager,
  repmgrRecord: aRecord({ place }),
  primarySettings: someSettings({ port: '5432' }),
  runningStandby: aRunningStandby({ port: 5432 }),
};

testRule(
  recordOutdated,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'as it is', facts: here },
      { name: 'a port that is forwarded', facts: { ...here, primarySettings: someSettings({ port: '6000' }) } },
      {
        name: 'the primary is reached by another network',
        facts: { ...here, repmgrRecord: aRecord({ place, upstream: { ...at('6432'), host: '10.0.0.1' } }) },
      },
      {
        name: 'the recorded port is that of the server, behind a forwarded one',
        facts: {
          ...here,
          repmgrRecord: aRecord({ place, upstream: at('6000') }),
          primarySettings: someSettings({ port: '6000' }),
          standbyConninfo: aConninfo(),
        },
      },
    ],
    fails: [
      {
        name: 'another port for the standby',
        facts: { ...here, repmgrRecord: aRecord({ place: { ...place, port: '5499' } }) },
        message: /db2 is reached at db2:5499/u,
        steps: ['repmgr -f /etc/repmgr.conf standby register --force'],
      },
      {
        name: 'another port for the primary',
        facts: { ...here, repmgrRecord: aRecord({ place, upstream: at('5499') }) },
        message: /db1 is reached at db1:5499/u,
        steps: [
          'In the repmgr.conf of db1, correct the port in conninfo, where it is wrong there, too. Then, with that file: repmgr -f FILE primary register --force',
        ],
      },
    ],
    notApplicable: [
      { name: 'Patroni', facts: { ...here, manager: aPatroniMember() } },
      {
        name: 'repmgr.conf itself leads to another server',
        facts: {
          ...here,
          repmgrRecord: aRecord({ place: { ...place, port: '5499' } }),
          runningStandby: aRunningStandby({ port: 5433 }),
        },
      },
      { name: 'a primary', facts: { ...here, repmgrRecord: aRecord({ type: 'primary' }) } },
    ],
  },
  healthyStandby,
);
