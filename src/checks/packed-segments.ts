import { posix } from 'node:path';

import type { PackedSegments } from '../facts/standby-wal.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { parseWalFileName, segmentStart } from '../postgres/lsn.ts';
import { packingOf, packings } from '../postgres/packing.ts';
import { restoreCommandFor } from '../postgres/restore-command.ts';
import type { RestoreCommand } from '../postgres/restore-command.ts';
import { segmentNames } from '../postgres/wal-listing.ts';

/**
 * Segments of the archive that the command does not bring as WAL: they lie there under another name than it asks for, or
 * are compressed and it does not unpack them. The server takes both for an archive that does not have them and says
 * nothing (xlogarchive.c, RestoreArchivedFile: a file that is too short is passed over in standby mode). The newest of
 * them is looked into.
 */
export async function packedSegments(
  host: Host,
  { directory, suffix, takes }: RestoreCommand,
  files: readonly string[],
  control: ControlFile,
): Promise<{ readonly fact: PackedSegments; readonly segments: readonly string[]; readonly all: boolean } | undefined> {
  if (directory === undefined || takes === undefined) return undefined;
  // what was archived before it began may be packed by whoever keeps the archive
  const from = segmentStart(control.checkpoint.redo, control.walSegmentSize);
  const segments = (behind: string): readonly string[] =>
    [...segmentNames(files, behind)].filter((name) => {
      const file = parseWalFileName(name, control.walSegmentSize);
      return file?.kind === 'segment' && file.start >= from;
    });
  const asked = new Set(segments(suffix));
  const other = ['', ...packings.map((one) => one.suffix)]
    .filter((one) => one !== suffix)
    .map((one) => ({ suffix: one, segments: segments(one).filter((name) => !asked.has(name)) }))
    .toSorted((a, b) => b.segments.length - a.segments.length)[0];
  const groups = [{ suffix, segments: [...asked] }, ...(other === undefined ? [] : [other])];
  for (const group of groups) {
    const newest = group.segments.toSorted().at(-1);
    if (newest === undefined) continue;
    const sample = `${newest}${group.suffix}`;
    const read = await host.read(posix.join(directory, sample), { maxBytes: 8 });
    if (!read.ok || read.value.bytes.length < 8) continue;
    const packing = packingOf(read.value.bytes);
    // what is neither WAL nor compressed is another fault
    if (packing === undefined && !isWal(read.value.bytes)) continue;
    if (group.suffix === suffix && (packing?.name ?? 'as-it-is') === takes) continue;
    const program = packing?.unpack.split(' ')[0] ?? 'cp';
    return {
      fact: {
        packing: packing?.name,
        sample,
        count: group.segments.length,
        unpacking: restoreCommandFor({ directory, suffix: group.suffix }, packing ?? 'as-it-is'),
        lacks: (await host.findPrograms(program)).length > 0 ? undefined : program,
      },
      segments: group.suffix === suffix ? [] : group.segments,
      all: group.suffix === suffix,
    };
  }
  return undefined;
}

/** Every XLOG_PAGE_MAGIC is 0xD1xx, in the byte order of the server. */
const isWal = ([first, second]: Uint8Array): boolean => first === 0xd1 || second === 0xd1;
