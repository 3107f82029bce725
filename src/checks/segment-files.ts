import { posix } from 'node:path';

import type { SpoiledSegment } from '../facts/standby-wal.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { parseWalFileName, segmentStart } from '../postgres/lsn.ts';
import { isSpoiled, longHeader, segmentContent } from '../postgres/wal-segment.ts';

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
      const path = posix.join(directory, name);
      const status = await host.status(path, { followLinks: true });
      const read = await host.read(path, { maxBytes: longHeader });
      // what may not be read is another fault
      if (!status.ok || !read.ok) return [];
      const bytes = status.value.sizeBytes;
      const content = segmentContent({
        bytes,
        header: read.value.bytes,
        start,
        timeline,
        segmentSize: control.walSegmentSize,
        systemIdentifier: control.systemIdentifier,
        byteOrder: control.byteOrder,
      });
      return isSpoiled(content) ? [{ name, start, timeline, bytes, content }] : [];
    }),
  );
  return spoiled.flat();
}

/** 64 GB of WAL in segments of 16 MB. */
const mostFiles = 4_000;
