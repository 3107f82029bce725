import { lsn } from './lsn.ts';
import type { Lsn, WalSegmentSize } from './lsn.ts';

/** How WAL is read backwards: whole segments, by the position of their first byte. */
export interface WalBackwards {
  readonly segmentSize: WalSegmentSize;
  readonly blockSize: number;
  readonly byteOrder: 'little' | 'big';
  /** Undefined: the segment is not there. */
  readonly segment: (start: Lsn) => Promise<Uint8Array | undefined>;
}

export type CheckpointBefore =
  | { readonly kind: 'found'; readonly location: Lsn }
  /** It lies in this segment or before it, and the segment is not there. */
  | { readonly kind: 'missing'; readonly segment: Lsn }
  /** Not within so many segments, or no record stands where one should. */
  | { readonly kind: 'unknown' };

/**
 * The last checkpoint before a position, found as pg_rewind finds it (bin/pg_rewind/parsexlog.c, findLastCheckpoint): from
 * record to record by what each says of the one before it. Goes back `mostSegments` at the most.
 */
export async function checkpointBefore(fork: Lsn, wal: WalBackwards, mostSegments = 16): Promise<CheckpointBefore> {
  const size = BigInt(wal.segmentSize);
  const little = wal.byteOrder === 'little';
  let loaded: { readonly start: bigint; readonly bytes: Uint8Array } | undefined;
  let segments = 0;
  const load = async (start: bigint): Promise<Uint8Array | 'missing' | 'far'> => {
    if (loaded?.start === start) return loaded.bytes;
    segments += 1;
    if (segments > mostSegments) return 'far';
    const position = lsn(start);
    const bytes = position === undefined ? undefined : await wal.segment(position);
    if (bytes === undefined) return 'missing';
    loaded = { start, bytes };
    return bytes;
  };

  let at: bigint = fork;
  for (;;) {
    const start = at - (at % size);
    const bytes = await load(start);
    if (bytes === 'far') return { kind: 'unknown' };
    const missing = lsn(start);
    if (bytes === 'missing') return missing === undefined ? { kind: 'unknown' } : { kind: 'missing', segment: missing };
    const offset = beginOf(bytes, Number(at - start), wal.blockSize, little);
    // a record's header may run into the next page: its first 16 bytes (length, xid, the record before) and the next two
    const header = headerAt(bytes, offset, wal.blockSize, little);
    if (header === undefined) return { kind: 'unknown' };
    const location = lsn(start + BigInt(offset));
    // rmgrlist.h: RM_XLOG_ID is 0; pg_control.h: XLOG_CHECKPOINT_SHUTDOWN 0x00, XLOG_CHECKPOINT_ONLINE 0x10
    const isCheckpoint = header.manager === 0 && (header.info & 0xf0) <= 0x10;
    if (location !== undefined && location < fork && isCheckpoint) return { kind: 'found', location };
    if (header.previous >= at || header.previous === 0n) return { kind: 'unknown' };
    at = header.previous;
  }
}

/** A position on a page's first byte means the record behind that page's header. */
function beginOf(bytes: Uint8Array, offset: number, blockSize: number, little: boolean): number {
  return offset % blockSize === 0 ? offset + pageHeader(bytes, offset, little) : offset;
}

/** xlog_internal.h: XLP_LONG_HEADER */
const pageHeader = (bytes: Uint8Array, page: number, little: boolean): number =>
  bytes.length >= page + 4 && (viewOf(bytes).getUint16(page + 2, little) & 0x02) !== 0 ? 40 : 24;

function headerAt(
  bytes: Uint8Array,
  offset: number,
  blockSize: number,
  little: boolean,
): { readonly previous: bigint; readonly info: number; readonly manager: number } | undefined {
  const header = new Uint8Array(24);
  let at = offset;
  for (let filled = 0; filled < header.length;) {
    if (at % blockSize === 0) at += pageHeader(bytes, at, little);
    const piece = Math.min(header.length - filled, blockSize - (at % blockSize));
    if (at + piece > bytes.length) return undefined;
    header.set(bytes.subarray(at, at + piece), filled);
    filled += piece;
    at += piece;
  }
  const view = viewOf(header);
  if (view.getUint32(0, little) < 24) return undefined;
  return { previous: view.getBigUint64(8, little), info: view.getUint8(16), manager: view.getUint8(17) };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
