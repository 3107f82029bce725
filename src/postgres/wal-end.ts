import { crc32c } from './crc32c.ts';
import { advance, lsn } from './lsn.ts';
import type { Lsn, TimelineId, WalSegmentSize } from './lsn.ts';

/** One segment file of WAL, of which pieces are read. */
export interface WalSegmentFile {
  /** The position of its first byte. */
  readonly start: Lsn;
  readonly segmentSize: WalSegmentSize;
  /** XLOG_BLCKSZ, from pg_control. */
  readonly blockSize: number;
  readonly byteOrder: 'little' | 'big';
  /**
   * Its timeline and where that began: pages behind it are of that timeline. Others were left by the server that recycled
   * the file: at its promotion it renames what it has of the old timeline beyond (xlog.c, RemoveNonParentXlogFiles).
   */
  readonly since?: { readonly timeline: TimelineId; readonly begin: Lsn } | undefined;
  /** Fewer bytes where the file ends before. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  /** At how many places it is looked at at once while its end is searched for: where each look is a long way, many. Default 1. */
  readonly breadth?: number;
}

export interface WalEnd {
  /** Behind the last whole record; after a switch of segments, where the next one begins. */
  readonly end: Lsn;
  /** The last whole record's beginning; undefined where none begins in what was read. */
  readonly lastRecord: Lsn | undefined;
}

/** Whether the server has begun to write this segment; of one that it made in advance nothing counts. */
export const isBegun = async (file: WalSegmentFile): Promise<boolean> => (await pageAt(file, 0)) !== undefined;

/**
 * Where the WAL in a segment ends: behind its last whole record, by the checksums, as recovery finds it
 * (access/transam/xlogreader.c). A segment that was recycled is full of old pages, whose addresses tell them apart.
 * Undefined: nothing was written to it yet. Reads a dozen page headers and the last few pages.
 */
export async function endOfWal(file: WalSegmentFile): Promise<WalEnd | undefined> {
  const pages = Math.floor(file.segmentSize / file.blockSize);
  if (!(await isBegun(file))) return undefined;
  // pages are written in order: those that are valid come first
  let [valid, invalid] = [0, pages];
  while (invalid - valid > 1) {
    const places = placesBetween(valid, invalid, file.breadth ?? 1);
    const found = await Promise.all(places.map(async (place) => pageAt(file, place)));
    const first = found.indexOf(undefined);
    [valid, invalid] = [
      (first === -1 ? places.at(-1) : places[first - 1]) ?? valid,
      (first === -1 ? undefined : places[first]) ?? invalid,
    ];
  }
  // a record that runs into the last page is only whole when all of it was written
  const lowest = Math.max(0, valid - mostPages);
  let first = Math.max(0, valid - 1);
  for (;;) {
    const from = first * file.blockSize;
    // mostly a record begins there: the one look does not wait for the other
    const [isWithin, bytes] = await Promise.all([
      first > lowest && beginsNoRecord(file, first),
      file.read(from, (valid + 1) * file.blockSize - from),
    ]);
    if (!isWithin) return walk(file, bytes, from);
    first -= 1;
  }
}

/** Evenly, so many of the numbers between two. */
const placesBetween = (low: number, high: number, count: number): readonly number[] => [
  ...new Set(
    Array.from({ length: count }, (_, at) => low + Math.floor(((high - low) * (at + 1)) / (count + 1))).filter(
      (place) => place > low,
    ),
  ),
];

/** A record that spans more pages than these is followed from its own page no further. */
const mostPages = 256;

/** What stands at a position that pg_control names as its checkpoint's. */
export type CheckpointRecord =
  | { readonly kind: 'checkpoint'; readonly redo: Lsn; readonly bytes: Uint8Array }
  | { readonly kind: 'another-record' }
  /** The page is not that of this position: recycled, or never written. */
  | { readonly kind: 'not-there' };

/** Reads the record at a position of this segment and tells whether it is a checkpoint (catalog/pg_control.h, CheckPoint). */
export async function checkpointAt(file: WalSegmentFile, position: Lsn): Promise<CheckpointRecord> {
  const offset = Number(position - file.start);
  const page = Math.floor(offset / file.blockSize);
  if (offset < 0 || offset >= file.segmentSize || (await pageAt(file, page)) === undefined)
    return { kind: 'not-there' };
  const from = page * file.blockSize;
  const bytes = await file.read(from, 2 * file.blockSize);
  const record = recordAt(file, bytes, from, offset - from);
  if (record === undefined) return { kind: 'another-record' };
  const view = viewOf(record.bytes);
  const little = file.byteOrder === 'little';
  // rmgrlist.h: RM_XLOG_ID is 0; XLOG_CHECKPOINT_SHUTDOWN 0x00, XLOG_CHECKPOINT_ONLINE 0x10
  const isCheckpoint = view.getUint8(17) === 0 && [0x00, 0x10].includes(view.getUint8(16) & 0xf0);
  // xlogrecord.h: XLR_BLOCK_ID_DATA_SHORT, one byte of length, then the data
  const redo =
    isCheckpoint && record.bytes.length >= 34 && view.getUint8(24) === 255
      ? lsn(view.getBigUint64(26, little))
      : undefined;
  return redo === undefined ? { kind: 'another-record' } : { kind: 'checkpoint', redo, bytes: record.bytes };
}

interface Page {
  readonly headerSize: number;
  readonly continues: boolean;
  /** How much of a record from the page before is left to come. */
  readonly remaining: number;
}

/** access/xlog_internal.h: XLogPageHeaderData is 24 bytes, the segment's first page has 40; every XLOG_PAGE_MAGIC is 0xD1xx. */
function pageIn(file: WalSegmentFile, bytes: Uint8Array, at: number, page: number): Page | undefined {
  if (bytes.length < at + 24) return undefined;
  const view = viewOf(bytes);
  const little = file.byteOrder === 'little';
  const info = view.getUint16(at + 2, little);
  const expected = advance(file.start, BigInt(page * file.blockSize));
  if (view.getUint16(at, little) >> 8 !== 0xd1 || view.getBigUint64(at + 8, little) !== expected) return undefined;
  const { since } = file;
  const isLater = since !== undefined && expected !== undefined && expected >= since.begin;
  if (isLater && view.getUint32(at + 4, little) !== since.timeline) return undefined;
  return {
    headerSize: (info & 0x02) === 0 ? 24 : 40,
    continues: (info & 0x01) !== 0,
    remaining: view.getUint32(at + 16, little),
  };
}

async function pageAt(file: WalSegmentFile, page: number): Promise<Page | undefined> {
  return pageIn(file, await file.read(page * file.blockSize, 24), 0, page);
}

async function beginsNoRecord(file: WalSegmentFile, number: number): Promise<boolean> {
  const page = await pageAt(file, number);
  return page !== undefined && firstRecord(page) >= file.blockSize;
}

const firstRecord = ({ headerSize, continues, remaining }: Page): number =>
  headerSize + (continues ? aligned(remaining) : 0);

/** From the first record that begins in these pages to the first that is not whole. `from`: where the bytes begin in the segment. */
function walk(file: WalSegmentFile, bytes: Uint8Array, from: number): WalEnd {
  const position = (at: number): Lsn => advance(file.start, BigInt(from + at)) ?? file.start;
  let at = firstIn(file, bytes, from);
  let last: number | undefined;
  for (;;) {
    const record = at === undefined ? undefined : recordAt(file, bytes, from, at);
    if (at === undefined || record === undefined)
      return { end: position(at ?? bytes.length), lastRecord: last === undefined ? undefined : position(last) };
    const view = viewOf(record.bytes);
    // behind the end stands what was there before: it does not point back to the record before it
    if (last !== undefined && view.getBigUint64(8, file.byteOrder === 'little') !== position(last))
      return { end: position(at), lastRecord: position(last) };
    last = record.at;
    at = record.next;
    // XLOG_SWITCH (catalog/pg_control.h): the rest of the segment is empty
    if (view.getUint8(17) === 0 && (view.getUint8(16) & 0xf0) === 0x40)
      return { end: advance(file.start, BigInt(file.segmentSize)) ?? position(at), lastRecord: position(last) };
  }
}

/** The first record that begins in these pages. */
function firstIn(file: WalSegmentFile, bytes: Uint8Array, from: number): number | undefined {
  for (let at = 0; at < bytes.length; at += file.blockSize) {
    const page = pageIn(file, bytes, at, (from + at) / file.blockSize);
    if (page === undefined) return at;
    if (firstRecord(page) < file.blockSize) return at + firstRecord(page);
  }
  return undefined;
}

interface FoundRecord {
  readonly bytes: Uint8Array;
  /** Where it begins: behind the page's header where that comes first. */
  readonly at: number;
  /** Where the next one begins, aligned; before a page's header where it begins on a new page. */
  readonly next: number;
}

/** access/xlogrecord.h: total length, xid, previous record, info, resource manager, two bytes of nothing, checksum; 24 bytes. */
function recordAt(file: WalSegmentFile, bytes: Uint8Array, from: number, at: number): FoundRecord | undefined {
  let start = at;
  if (start % file.blockSize === 0) {
    const page = pageIn(file, bytes, start, (from + start) / file.blockSize);
    if (page === undefined || page.continues) return undefined;
    start += page.headerSize;
  }
  const begin = start;
  if (start + 4 > bytes.length) return undefined;
  const little = file.byteOrder === 'little';
  const length = viewOf(bytes).getUint32(start, little);
  // xlogreader.c refuses what is shorter than its header, and what no memory can hold
  if (length < 24 || length > bytes.length) return undefined;
  const record = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    if (start >= bytes.length) return undefined;
    if (start % file.blockSize === 0) {
      const page = pageIn(file, bytes, start, (from + start) / file.blockSize);
      if (page === undefined || !page.continues || page.remaining !== length - filled) return undefined;
      start += page.headerSize;
    }
    const piece = Math.min(length - filled, file.blockSize - (start % file.blockSize), bytes.length - start);
    record.set(bytes.subarray(start, start + piece), filled);
    filled += piece;
    start += piece;
  }
  const sum = crc32c(Buffer.concat([record.subarray(24), record.subarray(0, 20)]));
  return sum === viewOf(record).getUint32(20, little) ? { bytes: record, at: begin, next: aligned(start) } : undefined;
}

const aligned = (length: number): number => Math.ceil(length / 8) * 8;
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
