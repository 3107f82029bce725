import { otherServerInConfiguration } from '../../../src/rules/manager/other-server-in-configuration.ts';
import { testRule } from '../rule-tester.ts';
import { healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

const at = (conninfo: Readonly<Record<string, string>>) => ({ manager: aRepmgrNode({ conninfo }) });

testRule(
  otherServerInConfiguration,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'its own port', facts: at({ host: '127.0.0.1', port: '5433' }) }],
    fails: [
      {
        name: 'the port of another server',
        facts: at({ host: '/var/run/postgresql' }),
        message: /leads to port 5432, but/u,
        steps: [
          'In /etc/repmgr.conf, set port=5433 in conninfo.',
          'repmgr -f /etc/repmgr.conf standby register --force',
        ],
      },
    ],
    notApplicable: [
      { name: 'a name that may forward its ports', facts: at({ host: 'db2', port: '6432' }) },
      { name: 'Patroni', facts: { manager: aPatroniMember() } },
    ],
  },
  healthyStandby,
);
