import { systemIdentifier } from './lsn.ts';
import type { Lsn, SystemIdentifier, TimelineId, WalSegmentSize } from './lsn.ts';

/**
 * What is in a file under a segment's name. `made-in-advance`: nothing of this segment was written to it yet, it is all zeros or
 * holds the pages of an earlier segment (xlog.c, InstallXLogFileSegment).
 */
export type SegmentContent =
  | 'whole'
  | 'made-in-advance'
  | 'empty'
  | 'short'
  | 'long'
  | 'of-another-cluster'
  | 'of-another-timeline'
  | 'not-wal';

export interface SegmentFile {
  readonly bytes: number;
  /** Its first {@link longHeader} bytes, or what there is of them. */
  readonly header: Uint8Array;
  readonly start: Lsn;
  readonly timeline: TimelineId;
  readonly segmentSize: WalSegmentSize;
  readonly systemIdentifier: SystemIdentifier;
  readonly byteOrder: 'little' | 'big';
}

/** access/xlog_internal.h, XLogLongPageHeaderData: magic 0, timeline 4, page address 8, system identifier 24. */
export const longHeader = 40;

/** By its size and the header of its first page: a name says only what it should be. */
export function segmentContent(file: SegmentFile): SegmentContent {
  const { bytes, header, segmentSize, start } = file;
  if (bytes === 0) return 'empty';
  if (bytes < segmentSize) return 'short';
  if (bytes > segmentSize) return 'long';
  if (header.length < longHeader) return 'not-wal';
  if (header.every((byte) => byte === 0)) return 'made-in-advance';
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const little = file.byteOrder === 'little';
  // every XLOG_PAGE_MAGIC is 0xD1xx
  if (view.getUint16(0, little) >> 8 !== 0xd1) return 'not-wal';
  const address = view.getBigUint64(8, little);
  if (address < start) return 'made-in-advance';
  if (address > start) return 'not-wal';
  const isLong = (view.getUint16(2, little) & 0x02) !== 0;
  if (isLong && view.getBigUint64(24, little) !== file.systemIdentifier) return 'of-another-cluster';
  // a segment that was copied at a promotion keeps the pages of the timeline before (xlog.c, XLogFileCopy)
  return view.getUint32(4, little) > file.timeline ? 'of-another-timeline' : 'whole';
}

/** The cluster that wrote a whole segment; undefined where nothing of it was written yet, or its first page is another one. */
export function clusterOf(file: SegmentFile): SystemIdentifier | undefined {
  const content = segmentContent(file);
  if (content === 'whole' || content === 'of-another-timeline') return file.systemIdentifier;
  if (content !== 'of-another-cluster') return undefined;
  const { header } = file;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return systemIdentifier(view.getBigUint64(24, file.byteOrder === 'little'));
}

/** Recovery cannot go through it, whatever comes behind. */
export const isSpoiled = (content: SegmentContent): content is Exclude<SegmentContent, 'whole' | 'made-in-advance'> =>
  content !== 'whole' && content !== 'made-in-advance';
