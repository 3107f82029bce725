import { posix } from 'node:path';

import type { ClusterNear } from '../facts/clusters-near.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { clusterIn } from './found-cluster.ts';
import { noStandbyYet } from './subject.ts';

/**
 * Where -D of a post-mortem is no data directory: the one that it lies in; else those beside it, in it and in its
 * directories; else the standbys that run here.
 */
export const clustersNearCheck = defineCheck({
  brings: ['clustersNear'],
  after: ['dataDirectoryPlace', 'dataDirectory', 'clustersHere'],
  async look({ dataDirectoryPlace, dataDirectory, clustersHere }, { host, subject }) {
    if (subject.command !== 'postmortem') return { clustersNear: noStandbyYet };
    if (dataDirectory.status === 'seen' && isDataDirectory(dataDirectory.value))
      return { clustersNear: notApplicable(`${dataDirectory.value.path} is a data directory`) };
    if (dataDirectoryPlace.status !== 'seen') return { clustersNear: dataDirectoryPlace };
    const { path } = dataDirectoryPlace.value;
    const standbys = (ifSeen(clustersHere)?.running ?? []).filter(({ isStandby }) => isStandby);
    const ways = [ancestorsOf(path), await around(host, path), standbys.map(({ cluster }) => cluster.dataDirectory)];
    for (const way of ways) {
      const found = await Promise.all(way.map(async (directory) => nearAt(host, directory)));
      const near = found.filter((one) => one !== undefined);
      if (near.length > 0) return { clustersNear: seen(near.slice(0, most), path) };
    }
    return { clustersNear: seen([], path) };
  },
});

async function nearAt(host: Host, path: string): Promise<ClusterNear | undefined> {
  if (!(await host.status(posix.join(path, 'PG_VERSION'))).ok) return undefined;
  const cluster = await clusterIn(host, path);
  if (cluster?.systemIdentifier === undefined) return undefined;
  const { version, state, postmaster } = cluster;
  return { path, release: version, state, pid: postmaster?.process === 'running' ? postmaster.pid : undefined };
}

const ancestorsOf = (path: string): readonly string[] => {
  const above = posix.dirname(path);
  return above === '/' ? [] : [above, ...ancestorsOf(above)];
};

async function around(host: Host, path: string): Promise<readonly string[]> {
  const [siblings, children] = await Promise.all(
    [posix.dirname(path), path].map(async (directory) => directoriesIn(host, directory)),
  );
  const grandchildren = await Promise.all((children ?? []).map(async (child) => directoriesIn(host, child)));
  return [...(children ?? []), ...grandchildren.flat(), ...(siblings ?? [])].filter((one) => one !== path);
}

async function directoriesIn(host: Host, directory: string): Promise<readonly string[]> {
  if (directory === '/') return [];
  const listing = await host.list(directory, { limit: most * most });
  return (listing.ok ? listing.value.entries : []).flatMap(({ name, kind }) =>
    kind === 'file' ? [] : [posix.join(directory, name)],
  );
}

const most = 10;
