import { posix } from 'node:path';

import type { Host } from '../../hosts/host.ts';

/** What a copy that did not come to its end has left in a place that it wrote to. */
export interface LeftBehind {
  /** Every link resolved. */
  readonly directory: string;
  readonly bytes: number;
  /** There are more files than were counted. */
  readonly more: boolean;
  /** The words of an `mv` that moves it aside; undefined where it cannot be renamed (a mount point, say). */
  readonly move: { readonly from: string; readonly to: string } | undefined;
}

/**
 * Looks at the places that pg_basebackup wrote to, all of which were absent or empty before (preflight saw to it): what
 * is there now is its own. Nothing is touched.
 */
export async function leftBehind(
  host: Host,
  places: readonly string[],
): Promise<{ readonly found: readonly LeftBehind[]; readonly unseen: readonly string[] }> {
  const looks = await Promise.all([...new Set(places)].map((place) => look(host, place)));
  return {
    found: looks.filter((one) => typeof one === 'object'),
    unseen: looks.filter((one) => typeof one === 'string'),
  };
}

/** The place alone: it could not be looked at any more. */
async function look(host: Host, place: string): Promise<LeftBehind | string | undefined> {
  const real = await host.realPath(place);
  if (!real.ok) return real.problem.code === 'ENOENT' ? undefined : place;
  const directory = real.value;
  const sum: Sum = { bytes: 0, files: 0, more: false };
  await addUp(host, directory, sum);
  if (sum.files === 0) return undefined;
  const [mount, writable, to] = await Promise.all([
    host.fileSystem(directory),
    host.may(posix.dirname(directory), 'write'),
    freeName(host, directory),
  ]);
  const movable = (!mount.ok || mount.value.mountPoint !== directory) && writable.ok && writable.value;
  const { bytes, more } = sum;
  return { directory, bytes, more, move: movable && to !== undefined ? { from: directory, to } : undefined };
}

interface Sum {
  bytes: number;
  files: number;
  more: boolean;
}

async function addUp(host: Host, directory: string, sum: Sum): Promise<void> {
  const listing = await host.list(directory, { limit: mostFiles });
  if (!listing.ok) return;
  sum.more ||= listing.value.truncated;
  for (const { name, kind } of listing.value.entries) {
    if (sum.files >= mostFiles) {
      sum.more = true;
      return;
    }
    const path = posix.join(directory, name);
    sum.files += 1;
    if (kind === 'directory') await addUp(host, path, sum);
    else if (kind === 'file') {
      const status = await host.status(path);
      if (status.ok) sum.bytes += status.value.sizeBytes;
    }
  }
}

const mostFiles = 20_000;

async function freeName(host: Host, directory: string): Promise<string | undefined> {
  for (let number = 1; number < 100; number += 1) {
    const name = `${directory}.unfinished${number === 1 ? '' : `-${number}`}`;
    if (!(await host.status(name)).ok) return name;
  }
  return undefined;
}
