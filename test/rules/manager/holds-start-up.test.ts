import type { ManagerLog } from '../../../src/facts/manager.ts';
import { holdsStartUp } from '../../../src/rules/manager/holds-start-up.ts';
import { testRule } from '../rule-tester.ts';
import { aStoppedDirectory, healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

const said = (id: string, text: string): { readonly managerLog: ManagerLog } => ({
  managerLog: { by: 'patroni', words: [{ id, text, since: undefined, repeatedly: true }] },
});
const waits = said('patroni-dcs', 'Failed to get list of machines from http://etcd1:2379/v3: MaxRetryError()');
const down = { manager: aPatroniMember(), dataDirectory: aStoppedDirectory() };

testRule(
  holdsStartUp,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'it waits for its store, and the server runs', facts: { ...waits, manager: aPatroniMember() } },
      { name: 'what PostgreSQL says decides', facts: { ...down, ...said('patroni-start-failed', 'failed') } },
    ],
    fails: [
      {
        name: 'it waits for its store',
        facts: { ...down, ...waits },
        severity: 'error',
        message: /store .* that \/etc\/patroni\/config\.yml names does not answer/u,
        steps: [
          'Compare the address of the store in /etc/patroni/config.yml with that of the other members. If it differs, correct it and restart Patroni (systemctl restart patroni as root). If not, start the store, or open the way to it.',
        ],
      },
      {
        name: 'its name is taken',
        facts: {
          ...down,
          manager: aPatroniMember({ runs: false }),
          ...said('patroni-same-name', "Can't start; there is already a node named 'db2' running"),
        },
        severity: 'error',
        steps: [
          'Set name in /etc/patroni/config.yml to one that patronictl list does not show, and start Patroni (systemctl start patroni as root).',
        ],
      },
      {
        name: 'the port of its REST API is taken',
        facts: {
          ...down,
          manager: aPatroniMember({ configFile: undefined, runs: false }),
          ...said('patroni-rest-taken', "Couldn't start a service on '0.0.0.0:8008'"),
        },
        severity: 'error',
        message: /restapi\.listen in Patroni's configuration/u,
      },
    ],
    notApplicable: [
      {
        name: 'it waited for its store when it ran last',
        facts: { ...down, ...waits, manager: aPatroniMember({ runs: false }) },
      },
      { name: 'repmgr', facts: { ...down, manager: aRepmgrNode(), ...waits } },
    ],
  },
  healthyStandby,
);
