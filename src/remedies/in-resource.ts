import type { Keeper, Patroni } from '../facts/manager.ts';
import { assignedSettings, hbaEntries, isOfHba } from './assigned-setting.ts';
import { manual } from './remedy.ts';
import type { Way } from './remedy.ts';

type Writer = Keeper['kind'] | NonNullable<Patroni['operator']>;

/** Where each of them has what it writes into postgresql.conf and pg_hba.conf. */
const written: Readonly<
  Record<Writer, { readonly resource: (cluster: string) => string; readonly parameters: string; readonly hba: string }>
> = {
  'cloudnative-pg': {
    resource: (cluster) => `the resource of the cluster (kubectl edit cluster ${cluster})`,
    parameters: 'spec.postgresql.parameters',
    hba: 'spec.postgresql.pg_hba',
  },
  zalando: {
    resource: (cluster) => `the resource of the cluster (kubectl edit postgresql ${cluster})`,
    parameters: 'spec.postgresql.parameters',
    hba: 'spec.patroni.pg_hba',
  },
  crunchy: {
    resource: (cluster) => `the resource of the cluster (kubectl edit postgrescluster ${cluster.replace(/-ha$/u, '')})`,
    parameters: 'spec.patroni.dynamicConfiguration.postgresql.parameters',
    hba: 'spec.patroni.dynamicConfiguration.postgresql.pg_hba',
  },
  stackgres: {
    resource: (cluster) => `the resources of the SGCluster ${cluster}`,
    parameters: '"postgresql.conf" of its SGPostgresConfig',
    hba: 'its configuration of Patroni',
  },
  stolon: {
    resource: () => 'the specification of the cluster (stolonctl update --patch)',
    parameters: 'pgParameters',
    hba: 'pgHBA',
  },
  bitnami: {
    resource: () => 'the volume of the container',
    parameters: 'a file in /bitnami/postgresql/conf/conf.d',
    hba: '/bitnami/postgresql/conf/pg_hba.conf',
  },
};

/** A setting or an entry of pg_hba.conf, where the file is written again from somewhere else: a person changes it there. */
export function inResource<T extends Way>(way: T, writer: Writer, cluster: string | undefined): T {
  const { resource, parameters, hba } = written[writer];
  const others = way.steps.filter(
    (step) =>
      !isOfHba(step) &&
      assignedSettings(step).length === 0 &&
      !['reload', 'start', 'restart', 'stop'].includes(step.does),
  );
  const where = resource(cluster ?? 'NAME');
  const settings = way.steps.flatMap(assignedSettings);
  const entries = hbaEntries(way.steps);
  const sentences = [
    ...settings.map(({ name, value }) => `In ${where}, set ${name} to '${value}' in ${parameters}.`),
    ...entries.map((entry) => `In ${where}, add "${entry}" to ${hba}, before the entries that are there.`),
  ];
  return {
    ...way,
    summary: `change it in ${where}: the configuration files are written from there`,
    steps: [...others, ...sentences.map((sentence) => manual('primary', sentence))],
  };
}
