import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { Keeper } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';

/** A file of the image, or beside the data directory, that no base backup brings along; and the variables that name the cluster and the member. */
const signs: readonly (Pick<Keeper, 'kind'> & {
  readonly file: (path: string) => string;
  readonly cluster: string;
  readonly member: string;
})[] = [
  // cloudnative-pg: pkg/specs/pods.go, createEnvConfig
  { kind: 'cloudnative-pg', file: () => '/controller/manager', cluster: 'CLUSTER_NAME', member: 'POD_NAME' },
  // stolon: cmd/keeper/cmd/keeper.go, keeperLocalStateFilePath; the data lie in `postgres` beside it
  {
    kind: 'stolon',
    file: (path) => posix.join(posix.dirname(path), 'keeperstate'),
    cluster: 'STKEEPER_CLUSTER_NAME',
    member: 'STKEEPER_UID',
  },
  // bitnami/containers: libpostgresql.sh writes the configuration from the environment at each start
  {
    kind: 'bitnami',
    file: () => '/opt/bitnami/scripts/libpostgresql.sh',
    cluster: '',
    member: '',
  },
];

export async function keeperOf(
  host: Host,
  { path }: DataDirectory,
): Promise<{ readonly manager: Keeper; readonly source: string } | undefined> {
  const looks = await Promise.all(signs.map(async (sign) => (await host.status(sign.file(path))).ok));
  const sign = signs[looks.indexOf(true)];
  if (sign === undefined) return undefined;
  const { environment } = host;
  const manager = { kind: sign.kind, cluster: environment[sign.cluster], member: environment[sign.member] };
  return { manager, source: sign.file(path) };
}
