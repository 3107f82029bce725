import { setsMode } from '../hosts/engine-containers.ts';
import { posix } from 'node:path';

import type { Place, PlaceState } from '../facts/machine.ts';
import { seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Answer, Host, Problem } from '../hosts/host.ts';
import { configurationDirectory } from './configuration-directory.ts';
import { clusterIn } from './found-cluster.ts';
import { textFile } from './text-file.ts';

/**
 * Looks at a place that the copy will write to: what is there already, whether this user may write, and where the bytes
 * will land. Nothing is opened that could block, and at most 1,000 names are listed.
 */
export async function lookAtPlace(host: Host, given: string, now: Date): Promise<Observed<Place>> {
  const path = posix.resolve(host.workingDirectory, given);
  const state = await stateOf(host, path);
  if ('late' in state) return unseen('timed-out', state.late);
  const nearestPath = state.kind === 'directory' ? path : await nearestAbove(host, path);
  const [write, search, system, realNearest, missing, configuration] = await Promise.all([
    host.may(nearestPath, 'write'),
    host.may(nearestPath, 'execute'),
    fileSystemOf(host, state, path, nearestPath),
    host.realPath(nearestPath),
    fstabMounts(host),
    state.kind === 'directory' && state.cluster === undefined ? configurationDirectory(host, path) : undefined,
  ]);
  const fileSystem = system.ok ? system.value : undefined;
  const real = state.kind === 'directory' ? state.realPath : undefined;
  const rest = path.slice(nearestPath.length);
  const landing = posix.join(realNearest.ok ? realNearest.value : nearestPath, rest);
  return seen(
    {
      given,
      path,
      state,
      nearest: {
        path: nearestPath,
        writable: isTrue(write) && isTrue(search),
        readOnlyFileSystem: fileSystem?.readOnly ?? false,
      },
      fileSystem,
      aside: await freeName(host, `${real ?? path}.before-standby-${now.toISOString().slice(0, 10)}`),
      beside: await freeName(host, `${real ?? path}-standby`),
      subdirectory: await freeName(host, posix.join(real ?? path, 'data')),
      missingMount: missing
        .filter((mount) => isWithin(landing, mount) && mount.length > (fileSystem?.mountPoint ?? landing).length)
        .toSorted((a, b) => b.length - a.length)[0],
      ...(configuration === undefined ? {} : { dataDirectory: configuration.dataDirectory }),
      ...(host.place?.kind === 'container' && setsMode(path, host.place) ? { modeIsSet: true } : {}),
    },
    path,
  );
}

/** A directory that is there and closed is on its own file system, and not on that of the one above it. */
async function fileSystemOf(
  host: Host,
  { kind }: PlaceState,
  path: string,
  nearest: string,
): ReturnType<Host['fileSystem']> {
  const own = kind === 'unreadable' ? await host.fileSystem(path) : undefined;
  return own?.ok === true ? own : host.fileSystem(nearest);
}

type State = PlaceState | { readonly late: string };

async function stateOf(host: Host, path: string): Promise<State> {
  const own = await host.status(path);
  if (!own.ok) return absence(host, path, own.problem);
  const followed = own.value.kind === 'link' ? await host.status(path, { followLinks: true }) : own;
  if (!followed.ok) {
    const link = await host.readLink(path);
    return followed.problem.code === 'ENOENT' || followed.problem.code === 'ELOOP'
      ? { kind: 'dangling-link', leadsTo: link.ok ? link.value : path }
      : unreadable(followed.problem);
  }
  const { kind, device, inode, mode, uid } = followed.value;
  if (kind !== 'directory') return { kind: 'not-a-directory', is: kind, at: path };
  const real = await host.realPath(path);
  if (!real.ok) return unreadable(real.problem);
  const [listing, write, search, writeAbove, system, owner, cluster] = await Promise.all([
    host.list(real.value),
    host.may(real.value, 'write'),
    host.may(real.value, 'execute'),
    host.may(posix.dirname(real.value), 'write'),
    host.fileSystem(real.value),
    host.userName(uid),
    clusterIn(host, real.value),
  ]);
  if (!listing.ok) {
    const state = unreadable(listing.problem);
    if ('late' in state || state.kind !== 'unreadable') return state;
    return { ...state, owner: { uid, name: owner.ok ? owner.value : String(uid) } };
  }
  const isMountPoint = system.ok && system.value.mountPoint === real.value;
  return {
    kind: 'directory',
    realPath: real.value,
    device,
    inode,
    mode,
    owner: { uid, name: owner.ok ? owner.value : String(uid) },
    writable: isTrue(write) && isTrue(search),
    isMountPoint,
    movable: isTrue(writeAbove) && !isMountPoint,
    entries: listing.value.entries.map(({ name }) => name),
    more: listing.value.truncated,
    cluster,
  };
}

async function absence(host: Host, path: string, problem: Problem): Promise<State> {
  if (problem.code === 'ENOENT') return { kind: 'absent' };
  // a part of the path in front of it is a file
  if (problem.code === 'ENOTDIR') {
    const above = await nearestAbove(host, path);
    const status = await host.status(above, { followLinks: true });
    return { kind: 'not-a-directory', is: status.ok ? status.value.kind : 'file', at: above };
  }
  return problem.code === 'ELOOP' ? { kind: 'dangling-link', leadsTo: path } : unreadable(problem);
}

const unreadable = (problem: Problem): State =>
  problem.code === 'ETIMEDOUT' ? { late: problem.message } : { kind: 'unreadable', message: problem.message };

async function freeName(host: Host, wanted: string): Promise<string> {
  for (let number = 1; number < 100; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await host.status(name)).ok) return name;
  }
  return `${wanted}-100`;
}

/** The nearest thing above that exists: a directory, unless a file stands in the way. */
async function nearestAbove(host: Host, path: string): Promise<string> {
  for (let above = posix.dirname(path); above !== '/'; above = posix.dirname(above)) {
    const status = await host.status(above, { followLinks: true });
    if (status.ok) return above;
  }
  return '/';
}

/** The places that /etc/fstab has a file system for (fstab(5)): `none` and `swap` are no places. */
async function fstabMounts(host: Host): Promise<readonly string[]> {
  const fstab = await textFile(host, '/etc/fstab');
  if (!fstab.ok) return [];
  return fstab.value
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([source]) => source !== undefined && !source.startsWith('#'))
    .map(([, place]) => place ?? '')
    .filter((place) => place.startsWith('/') && place !== '/')
    .map((place) =>
      place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8))),
    )
    .map((place) => (place.length > 1 ? place.replace(/\/+$/, '') : place));
}

const isWithin = (path: string, mount: string): boolean => path === mount || path.startsWith(`${mount}/`);

const isTrue = (answered: Answer<boolean>): boolean => answered.ok && answered.value;
