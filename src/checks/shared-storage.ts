import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { SharedDirectory, StoragePart } from '../facts/shared-storage.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { Place } from '../facts/machine.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { identityOf, relationOf } from './directory-identity.ts';
import { tablespaceFolder } from './other-clusters.ts';
import type { ClusterHere, Storage } from './other-clusters.ts';

/**
 * Storage that two clusters of this machine have in common: of the standby, or of the copy that is to be made, and of every
 * other cluster here. Directories are compared by device and inode, so that links and bind mounts do not deceive.
 */
export const sharedStorageCheck = defineCheck({
  brings: ['sharedStorage'],
  after: ['dataDirectory', 'controlFile', 'targetDirectory', 'walDirectory', 'tablespaceTargets', 'clustersHere'],
  async look(facts, { subject, host }) {
    const isCopy = subject.command !== 'postmortem';
    if (!isCopy && facts.dataDirectory.status !== 'seen') return { sharedStorage: facts.dataDirectory };
    const ours = isCopy ? await storageOfCopy(host, facts) : await storageOfStandby(host, facts);
    if (ours.length === 0) return { sharedStorage: notApplicable('no data directory is there, or is to be made') };
    if (facts.clustersHere.status !== 'seen') return { sharedStorage: facts.clustersHere };
    const { running, stopped } = facts.clustersHere.value;
    const all = [...(isCopy ? running : withoutItself(running, facts)), ...stopped];
    return {
      sharedStorage: seen(
        {
          shared: all.flatMap((one) => ours.flatMap((part) => sharedWith(part, one))),
          others: all.map(({ cluster }) => cluster),
        },
        'stat(2), /proc',
      ),
    };
  },
});

type After = Pick<Facts, 'dataDirectory' | 'controlFile' | 'targetDirectory' | 'walDirectory' | 'tablespaceTargets'>;

async function storageOfStandby(host: Host, facts: After): Promise<readonly Storage[]> {
  const directory = ifSeen(facts.dataDirectory);
  if (directory === undefined || !isDataDirectory(directory)) return [];
  const control = ifSeen(facts.controlFile);
  const folder =
    control?.ok === true && directory.major !== undefined
      ? tablespaceFolder(directory.major, control.value.catalogVersion)
      : undefined;
  const wal = posix.join(directory.path, 'pg_wal');
  const parts = await Promise.all([
    partAt(host, { part: 'data-directory', path: directory.path }),
    partAt(host, { part: 'pg_wal', path: wal }),
    ...directory.tablespaces.flatMap(({ oid, target, state }) =>
      target === undefined || state !== 'directory'
        ? []
        : [partAt(host, { part: 'tablespace', path: target, oid }, folder)],
    ),
  ]);
  return parts.filter((part) => part !== undefined);
}

async function storageOfCopy(host: Host, facts: After): Promise<readonly Storage[]> {
  const [data, wal, tablespaces] = [
    ifSeen(facts.targetDirectory),
    ifSeen(facts.walDirectory),
    ifSeen(facts.tablespaceTargets) ?? [],
  ];
  const parts = await Promise.all([
    ...(data === undefined ? [] : [placeOf(host, data, { part: 'data-directory' })]),
    ...(wal === undefined ? [] : [placeOf(host, wal, { part: 'pg_wal' })]),
    ...tablespaces.map(({ tablespace: { oid }, place }) => placeOf(host, place, { part: 'tablespace', oid })),
  ]);
  return parts.filter((part) => part !== undefined);
}

/** One that does not exist yet will be in the nearest directory that does. */
async function placeOf(
  host: Host,
  { path, state, nearest }: Place,
  named: Pick<StoragePart, 'part' | 'oid'>,
): Promise<Storage | undefined> {
  if (state.kind === 'directory') return partAt(host, { ...named, path });
  const above = await identityOf(host, nearest.path);
  if (state.kind !== 'absent' || above === undefined) return undefined;
  const identity = { itself: '', above: [above.itself, ...above.above] };
  return { part: { ...named, path, realPath: path }, identity, folder: undefined };
}

async function partAt(host: Host, part: Omit<StoragePart, 'realPath'>, folder?: string): Promise<Storage | undefined> {
  const [identity, real] = await Promise.all([identityOf(host, part.path), host.realPath(part.path)]);
  return identity && { part: { ...part, realPath: real.ok ? real.value : part.path }, identity, folder };
}

/** Its own server is no other one; a second one on the same directory is. */
function withoutItself(running: readonly ClusterHere[], { dataDirectory }: After): readonly ClusterHere[] {
  const { postmaster: own, path } = ifSeen(dataDirectory) ?? {};
  const pid = own?.process === 'running' ? own.pid : undefined;
  // it may have been started (again) since its directory was looked at, and a server that starts has no lock file yet
  const isAlone = pid === undefined && running.filter(({ cluster }) => cluster.dataDirectory === path).length === 1;
  const isItself = ({ cluster, holdsLock }: ClusterHere): boolean =>
    cluster.pid === pid || ((holdsLock || isAlone) && cluster.dataDirectory === path);
  return running.filter((one) => !isItself(one));
}

const depth: Readonly<Record<SharedDirectory['relation'], number>> = { same: 0, within: 1, around: 2 };

/** Of what one directory shares with a cluster: the closest. A pg_wal in its data directory is not told a second time. */
function sharedWith(ours: Storage, { cluster, storage }: ClusterHere): readonly SharedDirectory[] {
  const found = storage.flatMap((theirs): readonly SharedDirectory[] => {
    const relation = relationOf(ours.identity, theirs.identity);
    if (relation === undefined) return [];
    const sameFiles = relation === 'same' && !areFoldersOfTwo(ours, theirs);
    return [{ ours: ours.part, theirs: theirs.part, relation, sameFiles, cluster }];
  });
  return found.toSorted((a, b) => depth[a.relation] - depth[b.relation]).slice(0, 1);
}

const areFoldersOfTwo = (ours: Storage, theirs: Storage): boolean =>
  ours.part.part === 'tablespace' &&
  theirs.part.part === 'tablespace' &&
  ours.folder !== undefined &&
  theirs.folder !== undefined &&
  ours.folder !== theirs.folder;
