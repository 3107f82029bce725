import type { ConfigurationFault, ManagerLog } from '../../../src/facts/manager.ts';
import { unseen } from '../../../src/facts/observed.ts';
import { holdsStartUp } from '../../../src/rules/manager/holds-start-up.ts';
import { testRule } from '../rule-tester.ts';
import { aStoppedDirectory, healthyStandby } from '../standby-world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

const said = (id: string, text: string): { readonly managerLog: ManagerLog } => ({
  managerLog: { by: 'patroni', words: [{ id, text, since: undefined, repeatedly: true }] },
});
const waits = said('patroni-dcs', 'Failed to get list of machines from http://etcd1:2379/v3: MaxRetryError()');
const down = { manager: aPatroniMember(), dataDirectory: aStoppedDirectory() };
const file = '/etc/patroni/config.yml';
const start =
  'Start Patroni, which starts the server: systemctl start patroni as root, or as its user: patroni /etc/patroni/config.yml';
const binDirectory = '/usr/lib/postgresql/17/bin';
const server = { path: `${binDirectory}/postgres`, binDirectory, version: '17', major: 17 };
const unreadable = (configurationFault: ConfigurationFault) => ({
  ...down,
  manager: aPatroniMember({ runs: false, configurationFault }),
  dataDirectory: aStoppedDirectory({ lastStart: undefined }),
  installedTools: { basebackups: [], onPath: undefined, servers: [server] },
});

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
        name: 'its configuration is closed to its user, and it has logged nothing',
        facts: {
          ...unreadable({ kind: 'closed', file, account: 'postgres', owner: 'root', mode: 0o200 }),
          managerLog: unseen('not-asked', 'no log of patroni was found'),
        },
        severity: 'error',
        message: /closed to postgres \(owner root, mode 0200\)/u,
        steps: [`As root: chown postgres ${file}`, `As root: chmod u+r ${file}`, start],
      },
      {
        name: 'its configuration is no YAML',
        facts: unreadable({ kind: 'not-yaml', file, where: 'line 17, column 3' }),
        severity: 'error',
        message: /is not YAML \(line 17, column 3\)/u,
      },
      {
        name: 'its bin_dir is of another release',
        facts: unreadable({ kind: 'other-release', binDirectory: '/usr/lib/postgresql/16/bin', major: 16, needs: 17 }),
        severity: 'error',
        message:
          /is \/usr\/lib\/postgresql\/16\/bin, which has the programs of release 16. The data directory is of release 17/u,
        steps: [`Set in ${file}, under postgresql: bin_dir: ${binDirectory}`, start],
      },
      {
        name: 'its bin_dir is of another release, and the last start shows where the right one is',
        facts: {
          ...unreadable({ kind: 'other-release', binDirectory: '/usr/lib/postgresql/16/bin', major: 16, needs: 17 }),
          dataDirectory: aStoppedDirectory({
            lastStart: {
              program: '/opt/pg17/bin/postgres',
              here: true,
              options: [],
              directory: '/data',
              at: undefined,
            },
          }),
        },
        severity: 'error',
        steps: [`Set in ${file}, under postgresql: bin_dir: /opt/pg17/bin`, start],
      },
      {
        name: 'its bin_dir has no programs, nor has the machine',
        facts: unreadable({ kind: 'no-program', binDirectory: '/opt/pg', needs: 12 }),
        severity: 'error',
        message: /which has no program postgres/u,
        steps: [
          `Install the server of release 12, and set in ${file}, under postgresql: bin_dir: FOLDER, the folder of its programs.`,
          start,
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
    unexamined: [
      {
        name: 'its log was not found',
        facts: { ...down, managerLog: unseen('not-asked', 'no log of patroni was found') },
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
