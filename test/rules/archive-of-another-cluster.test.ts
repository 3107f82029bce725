import type { ClusterOfSegments } from '../../src/facts/standby-wal.ts';
import { systemIdentifier as identifier } from '../../src/postgres/lsn.ts';
import { archiveOfAnotherCluster } from '../../src/rules/recovery/archive-of-another-cluster.ts';
import { testRule } from './rule-tester.ts';
import { aConfiguration, configFile, healthyStandby, standardSettings } from './standby-world.ts';
import { systemIdentifier } from './world.ts';

const foreign = identifier(systemIdentifier + (1n << 40n)) ?? systemIdentifier;
const older = identifier(systemIdentifier - (1n << 40n)) ?? systemIdentifier;

const archive = (otherCluster?: Partial<ClusterOfSegments>) => ({
  command: 'cp /mnt/archive/%f %p',
  program: { name: 'cp', found: true, executable: true },
  directory: '/mnt/archive',
  listed: true,
  more: false,
  segments: [],
  histories: [],
  ...(otherCluster === undefined
    ? {}
    : {
        otherCluster: {
          systemIdentifier: foreign,
          sample: '000000010000000000000007',
          changedAt: new Date('2099-01-01'),
          all: true,
          ...otherCluster,
        },
      }),
});

testRule(
  archiveOfAnotherCluster,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'its own', facts: { archive: archive() } },
      { name: 'both, as after pg_upgrade', facts: { archive: archive({ all: false }) } },
      {
        name: 'what pg_upgrade left behind',
        facts: { archive: archive({ systemIdentifier: older, changedAt: new Date(0) }) },
        because: /older than this cluster/,
      },
    ],
    notApplicable: [
      { name: 'where it reads from is not known', facts: { archive: { ...archive({}), directory: undefined } } },
    ],
    fails: [
      {
        name: 'while it streams',
        facts: {
          archive: archive({}),
          standbyConfiguration: aConfiguration([
            ...standardSettings,
            ['restore_command', 'cp /mnt/archive/%f %p', configFile, 71],
          ]),
        },
        severity: 'warning',
        message: /If the primary removes WAL that the standby needs, this archive cannot provide it\./,
      },
      {
        name: 'an older cluster that goes on archiving there',
        facts: { archive: archive({ systemIdentifier: older }) },
        severity: 'warning',
      },
    ],
  },
  healthyStandby,
);
