import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { LocalWal } from '../facts/standby-wal.ts';
import type { Host, Listing } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { parseTimelineHistory } from '../postgres/timeline-history.ts';
import { historiesIn, segmentsByTimeline } from '../postgres/wal-listing.ts';
import { defineCheck } from './check.ts';
import { closedTo } from './closed-files.ts';
import { spoiledSegments } from './segment-files.ts';
import { accountOf } from './server-account.ts';
import { textFile } from './text-file.ts';

/** pg_wal, or where its link leads: names are listed, the timeline histories are read, and the first page of segments that recovery needs. */
export const localWalCheck = defineCheck({
  brings: ['localWal'],
  after: ['dataDirectory', 'controlFile'],
  async look({ dataDirectory, controlFile }, { host }) {
    if (dataDirectory.status !== 'seen') return { localWal: dataDirectory };
    const { path, owner } = dataDirectory.value;
    if (!isDataDirectory(dataDirectory.value)) return { localWal: notApplicable(`${path} is not a data directory`) };
    const control = ifSeen(controlFile);
    return {
      localWal: await lookAt(host, posix.join(path, 'pg_wal'), owner, control?.ok === true ? control.value : undefined),
    };
  },
});

/** The nearest directory above that is there does not let this account make anything in it. */
async function isClosedAbove(
  host: Host,
  path: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<boolean> {
  const account = await accountOf(host, uid, gid);
  for (let above = posix.dirname(path); ; above = posix.dirname(above)) {
    const status = await host.status(above, { followLinks: true });
    if (status.ok || above === '/')
      return (await closedTo(host, '/', account, { name: above, kind: 'directory', wanted: 'write' })) !== undefined;
  }
}

/** More than any server keeps; 16 MB each, they would be 3 TB. */
const limit = 200_000;
const mostHistories = 200;

async function lookAt(
  host: Host,
  path: string,
  owner: { readonly uid: number; readonly gid: number },
  control: ControlFile | undefined,
): Promise<Observed<LocalWal>> {
  const segmentSize = control?.walSegmentSize;
  const none = { timelines: [], histories: [], ready: 0, bytes: 0n, fileSystem: undefined, more: false, spoiled: [] };
  const itself = await host.status(path);
  if (!itself.ok)
    return itself.problem.code === 'ENOENT'
      ? seen({ path, state: 'missing', segmentSize, ...none }, path)
      : unseen('unreadable', `${path}: ${itself.problem.message}`);
  const followed = await host.status(path, { followLinks: true });
  if (!followed.ok) {
    const link = await host.readLink(path);
    const leadsTo = link.ok ? posix.resolve(posix.dirname(path), link.value) : path;
    if (itself.value.kind !== 'link' || followed.problem.code !== 'ENOENT')
      return unseen('unreadable', `${path}: ${followed.problem.message}`);
    const byRoot = (await isClosedAbove(host, leadsTo, owner)) ? ({ byRoot: true } as const) : {};
    return seen({ path, state: 'dangling-link', leadsTo, ...byRoot, segmentSize, ...none }, path);
  }
  if (followed.value.kind !== 'directory') return seen({ path, state: 'not-a-directory', segmentSize, ...none }, path);
  const real = await host.realPath(path);
  const place = real.ok ? real.value : path;
  const [listing, status, fileSystem, above] = await Promise.all([
    host.list(place, { limit }),
    host.list(posix.join(place, 'archive_status'), { limit }),
    host.fileSystem(place),
    host.list(posix.dirname(path), { limit }),
  ]);
  if (!listing.ok) return unseen('permission', `${place}: ${listing.problem.message}`);
  const names = namesIn(listing.value);
  const spoiled = control === undefined ? [] : await spoiledSegments(host, place, names, control);
  const without = new Set(spoiled.map(({ name }) => name));
  const segments =
    segmentSize === undefined
      ? undefined
      : segmentsByTimeline(
          names.filter((name) => !without.has(name)),
          segmentSize,
        );
  return seen(
    {
      path: place,
      state: 'directory',
      segmentSize,
      timelines: segments?.timelines ?? [],
      histories: await Promise.all(
        historiesIn(names, mostHistories).map(async ({ name, timeline }) => {
          const text = await textFile(host, posix.join(place, name));
          const parsed = text.ok ? parseTimelineHistory(text.value, timeline) : undefined;
          const history = parsed?.ok === true ? parsed.value : undefined;
          // without an ancestor a timeline is no child of any
          const isDamaged = parsed !== undefined && (history === undefined || history.length === 1);
          return { timeline, history, ...(isDamaged ? { damaged: true as const } : {}) };
        }),
      ),
      ready: status.ok ? namesIn(status.value).filter((name) => name.endsWith('.ready')).length : 0,
      bytes: segments?.bytes ?? 0n,
      fileSystem: fileSystem.ok ? fileSystem.value : undefined,
      more: listing.value.truncated,
      spoiled,
      ...(above.ok ? besideIn(namesIn(above.value)) : {}),
    },
    place,
  );
}

const namesIn = ({ entries }: Listing): readonly string[] => entries.map(({ name }) => name);

/** A backup of pg_basebackup -Ft, of which pg_wal.tar was unpacked into the wrong directory, or not at all. */
function besideIn(names: readonly string[]): Pick<LocalWal, 'beside'> {
  const segments = names.filter((name) => /^[\dA-F]{24}$/u.test(name)).toSorted();
  const isPacked = names.includes('pg_wal.tar');
  return segments.length === 0 && !isPacked ? {} : { beside: { segments, isPacked } };
}
