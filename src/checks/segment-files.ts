import { posix } from 'node:path';

import type { ClusterOfSegments, SpoiledSegment } from '../facts/standby-wal.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { parseWalFileName, segmentStart } from '../postgres/lsn.ts';
import { clusterOf, isSpoiled, longHeader, segmentContent } from '../postgres/wal-segment.ts';
import type { SegmentFile } from '../postgres/wal-segment.ts';

/**
 * The segments of a directory that recovery cannot read, from the one that it begins in (pg_control's last restart point)
 * on: each is judged by its size and its first page.
 */
export async function spoiledSegments(
  host: Host,
  directory: string,
  names: readonly string[],
  control: ControlFile,
): Promise<readonly SpoiledSegment[]> {
  const from = segmentStart(control.checkpoint.redo, control.walSegmentSize);
  const files = names.flatMap((name) => {
    const file = parseWalFileName(name, control.walSegmentSize);
    return file?.kind === 'segment' && file.start >= from ? [{ name, ...file }] : [];
  });
  const spoiled = await Promise.all(
    files.slice(0, mostFiles).map(async ({ name, start, timeline }): Promise<readonly SpoiledSegment[]> => {
      const file = await segmentFile(host, posix.join(directory, name), { start, timeline }, control);
      // what may not be read is another fault
      if (file === undefined) return [];
      const content = segmentContent(file);
      return isSpoiled(content) ? [{ name, start, timeline, bytes: file.bytes, content }] : [];
    }),
  );
  return spoiled.flat();
}

/** Whether the oldest and the newest segments of a directory are of this cluster. */
export async function otherClusterIn(
  host: Host,
  directory: string,
  names: readonly string[],
  control: ControlFile,
): Promise<ClusterOfSegments | undefined> {
  const segments = names.toSorted().flatMap((name) => {
    const file = parseWalFileName(name, control.walSegmentSize);
    return file?.kind === 'segment' ? [{ name, ...file }] : [];
  });
  const ends =
    segments.length <= 2 * mostAtEnd ? segments : [...segments.slice(0, mostAtEnd), ...segments.slice(-mostAtEnd)];
  const looked = await Promise.all(
    ends.map(async ({ name, start, timeline }) => {
      const file = await segmentFile(host, posix.join(directory, name), { start, timeline }, control);
      const cluster = file && clusterOf(file);
      return file === undefined || cluster === undefined ? [] : [{ name, cluster, changedAt: file.changedAt }];
    }),
  );
  const known = looked.flat();
  const others = known.filter(({ cluster }) => cluster !== control.systemIdentifier);
  const newest = others.toSorted((a, b) => a.changedAt.getTime() - b.changedAt.getTime()).at(-1);
  if (newest === undefined) return undefined;
  return {
    systemIdentifier: newest.cluster,
    sample: newest.name,
    changedAt: newest.changedAt,
    all: others.length === known.length,
  };
}

async function segmentFile(
  host: Host,
  path: string,
  { start, timeline }: Pick<SegmentFile, 'start' | 'timeline'>,
  control: ControlFile,
): Promise<(SegmentFile & { readonly changedAt: Date }) | undefined> {
  const status = await host.status(path, { followLinks: true });
  const read = await host.read(path, { maxBytes: longHeader });
  if (!status.ok || !read.ok) return undefined;
  return {
    bytes: status.value.sizeBytes,
    header: read.value.bytes,
    start,
    timeline,
    segmentSize: control.walSegmentSize,
    systemIdentifier: control.systemIdentifier,
    byteOrder: control.byteOrder,
    changedAt: status.value.modifiedAt,
  };
}

const mostAtEnd = 4;

/** 64 GB of WAL in segments of 16 MB. */
const mostFiles = 4_000;
