import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { Place } from '../facts/machine.ts';
import { ifSeen, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { ofMachineAt } from '../hosts/of-machine.ts';
import { defineCheck } from './check.ts';
import { identityOf } from './directory-identity.ts';
import { runningClusters, stoppedClusters } from './other-clusters.ts';
import type { ClusterHere } from './other-clusters.ts';

/** It waits for no server: what is found is ready when the primary's tablespaces are known. */
export const clustersHereCheck = defineCheck({
  brings: ['clustersHere'],
  after: ['dataDirectory', 'targetDirectory', 'walDirectory'],
  async look(facts, { host }) {
    const running = await runningClusters(host);
    const [data, wal] = await Promise.all(directoriesOf(facts).map(async (path) => path && realPath(host, path)));
    const stopped = await stoppedClusters(host, await nearby(host, data, wal, running));
    return { clustersHere: seen({ running, stopped }, 'stat(2), /proc') };
  },
});

/** The data directory and pg_wal, of the standby that is there or of the copy that is to be made. */
function directoriesOf({
  dataDirectory,
  targetDirectory,
  walDirectory,
}: Pick<Facts, 'dataDirectory' | 'targetDirectory' | 'walDirectory'>): readonly (string | undefined)[] {
  const standby = ifSeen(dataDirectory);
  if (standby !== undefined)
    return isDataDirectory(standby) ? [standby.path, posix.join(standby.path, 'pg_wal')] : [undefined, undefined];
  return [targetDirectory, walDirectory].map((place) => pathOf(ifSeen(place)));
}

const pathOf = (place: Place | undefined): string | undefined =>
  place?.state.kind === 'directory' || place?.state.kind === 'absent' ? place.path : undefined;

async function realPath(host: Host, path: string): Promise<string> {
  const real = await host.realPath(path);
  return real.ok ? real.value : path;
}

/**
 * Directories of other clusters that may be stopped: beside ours, at the same place beside the directory above it, where
 * Debian has them, and whatever has one of our directories as its pg_wal.
 */
async function nearby(
  host: Host,
  data: string | undefined,
  wal: string | undefined,
  running: readonly ClusterHere[],
): Promise<readonly string[]> {
  const above = data && posix.dirname(data);
  const name = data && posix.basename(data);
  const parts = await Promise.all([
    above === undefined ? [] : clustersIn(host, above, ''),
    above === undefined || above === '/' ? [] : clustersIn(host, posix.dirname(above), name ?? ''),
    childrenOf(host, '/var/lib/postgresql').then(async (releases) =>
      (await Promise.all(releases.map(async (release) => clustersIn(host, release, '')))).flat(),
    ),
    wal === undefined || posix.dirname(wal) === data ? undefined : clusterIn(host, posix.dirname(wal)),
  ]);
  const itself = data === undefined ? undefined : await identityOf(host, data);
  const taken = new Set([itself?.itself, ...running.map(({ directory }) => directory.itself)]);
  const found = parts.flat().filter((one) => one !== undefined && !taken.has(one.itself));
  return [...new Set(found.flatMap((one) => one?.directory ?? []))];
}

interface ClusterDirectory {
  readonly directory: string;
  readonly itself: string;
}

/** The data directories in a folder, or at one place in each directory of it: the neighbors of each cluster there. */
const clustersIn = ofMachineAt(
  async (host, folder: string, name: string): Promise<readonly (ClusterDirectory | undefined)[]> =>
    Promise.all(
      (await childrenOf(host, folder)).map(async (child) => clusterIn(host, name === '' ? child : `${child}/${name}`)),
    ),
);

async function clusterIn(host: Host, directory: string): Promise<ClusterDirectory | undefined> {
  if (!(await host.status(posix.join(directory, 'PG_VERSION'))).ok) return undefined;
  const identity = await identityOf(host, directory);
  return identity && { directory, itself: identity.itself };
}

async function childrenOf(host: Host, directory: string): Promise<readonly string[]> {
  const listing = await host.list(directory, { limit: mostChildren });
  return (listing.ok ? listing.value.entries : [])
    .filter(({ kind }) => kind !== 'file')
    .map(({ name }) => posix.join(directory, name));
}

const mostChildren = 500;
