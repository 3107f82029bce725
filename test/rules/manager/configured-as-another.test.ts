import { parseSystemIdentifier } from '../../../src/postgres/lsn.ts';
import { configuredAsAnother } from '../../../src/rules/manager/configured-as-another.ts';
import { testRule } from '../rule-tester.ts';
import { aRunningStandby, healthyStandby } from '../standby-world.ts';
import { present } from '../../present.ts';
import { anAdminServer, someSettings } from '../world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

const anotherCluster = present(parseSystemIdentifier('42'));
const namesake = '/srv/db1/patroni.yml';
const promoted = {
  manager: aPatroniMember(),
  runningStandby: aRunningStandby({ inRecovery: false, receiver: undefined }),
};
const of = (cluster: string, change: Parameters<typeof anAdminServer>[0] = {}) => ({
  adminServer: anAdminServer({
    identity: { is: 'another-server', which: 'a primary' },
    settings: someSettings({ cluster_name: cluster }),
    ...change,
  }),
});

testRule(
  configuredAsAnother,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'a member like the others', facts: { manager: aPatroniMember() } },
      {
        name: 'the leader of a standby cluster, whose primary has another scope',
        facts: { manager: aPatroniMember(), ...of('main') },
      },
      { name: 'promoted in its own cluster', facts: { ...promoted, ...of('shop') } },
      { name: 'the other one is a standby', facts: { ...promoted, ...of('main', { inRecovery: true }) } },
      {
        name: 'the other one is of another system',
        facts: { ...promoted, ...of('main', { systemIdentifier: anotherCluster }) },
      },
      { name: 'the other one is without Patroni', facts: { ...promoted, ...of('') } },
    ],
    fails: [
      {
        name: 'two of one name, and this one was promoted',
        facts: { ...promoted, manager: aPatroniMember({ namesake }) },
        severity: 'error',
        message: /gives this member the name db2, and so does \/srv\/db1\/patroni\.yml/u,
        steps: [
          'Stop this Patroni (not that of /srv/db1/patroni.yml), set name in /etc/patroni/config.yml to one that no other member has, and start Patroni again.',
          'Wait until patronictl list shows it: Patroni rewinds it where use_pg_rewind is true. If it reports "system ID" or "diverged" instead, run this again.',
        ],
      },
      {
        name: 'two of one name, and this one still streams',
        facts: { manager: aPatroniMember({ namesake }) },
        severity: 'warning',
      },
      {
        name: 'promoted in a cluster of its own',
        facts: { ...promoted, ...of('main') },
        severity: 'error',
        message: /scope in \/etc\/patroni\/config\.yml is shop\..* is of cluster main/u,
        steps: [
          'Stop this Patroni, set scope: main in /etc/patroni/config.yml, and start Patroni again.',
          'Wait until patronictl list shows it: Patroni rewinds it where use_pg_rewind is true. If it reports "system ID" or "diverged" instead, run this again.',
        ],
      },
    ],
    notApplicable: [{ name: 'repmgr', facts: { manager: aRepmgrNode() } }],
  },
  healthyStandby,
);
