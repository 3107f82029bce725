declare const lsnBrand: unique symbol;
declare const timelineBrand: unique symbol;
declare const systemIdentifierBrand: unique symbol;
declare const segmentSizeBrand: unique symbol;

/** A position in the WAL, in bytes since its beginning. 0 (`0/0`) is InvalidXLogRecPtr: "none" (access/xlogdefs.h). */
export type Lsn = bigint & { readonly [lsnBrand]: true };

/** The number of a timeline, 1 to 4294967295 (access/xlogdefs.h, TimeLineID). */
export type TimelineId = number & { readonly [timelineBrand]: true };

/** What initdb gave the cluster; a primary and its standbys share it. Unsigned, 64 bits. */
export type SystemIdentifier = bigint & { readonly [systemIdentifierBrand]: true };

/** Bytes per WAL segment: a power of two from 1 MB to 1 GB (access/xlog_internal.h, IsValidWalSegSize). */
export type WalSegmentSize = number & { readonly [segmentSizeBrand]: true };

const maxUint32 = 0xff_ff_ff_ff;
const maxUint64 = 0xff_ff_ff_ff_ff_ff_ff_ffn;

const isLsn = (value: bigint): value is Lsn => value >= 0n && value <= maxUint64;
const isTimelineId = (value: number): value is TimelineId =>
  Number.isInteger(value) && value >= 1 && value <= maxUint32;
const isSystemIdentifier = (value: bigint): value is SystemIdentifier => value > 0n && value <= maxUint64;
const isWalSegmentSize = (value: number): value is WalSegmentSize =>
  Number.isInteger(value) && value >= 0x10_00_00 && value <= 0x40_00_00_00 && Number.isInteger(Math.log2(value));

/** The LSN of a number of bytes; undefined when it does not fit into 64 unsigned bits. */
export const lsn = (bytes: bigint): Lsn | undefined => (isLsn(bytes) ? bytes : undefined);

/** The timeline of a number; undefined when it is 0 (which stands for "none"), a fraction or beyond 32 bits. */
export const timelineId = (value: number): TimelineId | undefined => (isTimelineId(value) ? value : undefined);

/** The system identifier of a number; undefined when it is 0 or beyond 64 bits. */
export const systemIdentifier = (value: bigint): SystemIdentifier | undefined =>
  isSystemIdentifier(value) ? value : undefined;

/** The WAL segment size of a number of bytes; undefined when the server would not have it. */
export const walSegmentSize = (bytes: number): WalSegmentSize | undefined =>
  isWalSegmentSize(bytes) ? bytes : undefined;

/** Reads `X/X`, as pg_lsn_in does (utils/adt/pg_lsn.c): one to eight hexadecimal digits on either side, nothing around. */
export function parseLsn(text: string): Lsn | undefined {
  const [, high, low] = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/iu.exec(text) ?? [];
  return high === undefined || low === undefined ? undefined : lsn((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`));
}

/** `X/X`, as every server up to 18 prints it (access/xlogdefs.h, LSN_FORMAT_ARGS). */
export function formatLsn(position: Lsn): string {
  return `${hex(position >> 32n)}/${hex(position & BigInt(maxUint32))}`;
}

/** Reads a timeline in decimal digits, as IDENTIFY_SYSTEM and history files have it. */
export const parseTimelineId = (text: string): TimelineId | undefined =>
  /^\d{1,10}$/u.test(text) ? timelineId(Number(text)) : undefined;

/** Reads a system identifier in decimal digits, as IDENTIFY_SYSTEM and pg_controldata have it. */
export const parseSystemIdentifier = (text: string): SystemIdentifier | undefined =>
  /^\d{1,20}$/u.test(text) ? systemIdentifier(BigInt(text)) : undefined;

/** Bytes from one position to another; negative when `to` lies before `from`, as pg_wal_lsn_diff(to, from). */
export const bytesBetween = (from: Lsn, to: Lsn): bigint => to - from;

/** The position so many bytes further on (or back); undefined when that leaves the WAL's 64 bits. */
export const advance = (from: Lsn, bytes: bigint): Lsn | undefined => lsn(from + bytes);

/** The number of the segment that holds the byte at this position (XLByteToSeg). */
export const segmentNumber = (position: Lsn, segmentSize: WalSegmentSize): bigint => position / BigInt(segmentSize);

/** The first position of the segment that holds this one. */
export const segmentStart = (position: Lsn, segmentSize: WalSegmentSize): Lsn =>
  known(lsn(position - (position % BigInt(segmentSize))));

/**
 * How far WAL reaches where a record would begin here next. Behind the header of a page that nothing is on yet, that is the
 * beginning of the page: an idle primary inserts at 0/3000028 and has flushed up to 0/3000000, which is all it has
 * (xlog.c, XLogBytePosToRecPtr and XLogBytePosToEndRecPtr; pg_rewind.c writes the first to pg_control).
 */
export function endBefore(
  position: Lsn,
  { walBlockSize, walSegmentSize }: { readonly walBlockSize: number; readonly walSegmentSize: WalSegmentSize },
): Lsn {
  const header = position % BigInt(walSegmentSize) < BigInt(walBlockSize) ? longPageHeader : shortPageHeader;
  return position % BigInt(walBlockSize) === header ? known(lsn(position - header)) : position;
}

/** SizeOfXLogLongPHD, of the first page of a segment, and SizeOfXLogShortPHD (xlog_internal.h). */
const [longPageHeader, shortPageHeader] = [40n, 24n];

/**
 * The name of the segment file that holds the byte at this position (XLogFileName).
 * On a segment's first byte pg_walfile_name() of 13 to 16 names the segment before it; 17 and later agree with this.
 */
export function walFileName(timeline: TimelineId, position: Lsn, segmentSize: WalSegmentSize): string {
  const number = segmentNumber(position, segmentSize);
  const perId = segmentsPerId(segmentSize);
  return hex8(BigInt(timeline)) + hex8(number / perId) + hex8(number % perId);
}

/** `0000000N.history`, the name of a timeline's history file (TLHistoryFileName). Timeline 1 never has one. */
export const historyFileName = (timeline: TimelineId): string => `${hex8(BigInt(timeline))}.history`;

/** What a file in pg_wal or in an archive is, by its name. */
export type WalFile =
  | {
      readonly kind: 'segment' | 'partial';
      readonly timeline: TimelineId;
      readonly segment: bigint;
      readonly start: Lsn;
    }
  | {
      readonly kind: 'backup-history';
      readonly timeline: TimelineId;
      readonly segment: bigint;
      /** Where the base backup began. */
      readonly start: Lsn;
    }
  | { readonly kind: 'history'; readonly timeline: TimelineId };

const segmentName = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(?:(\.partial)|\.([0-9A-F]{8})\.backup)?$/u;

/**
 * Reads a name from pg_wal or an archive: a segment, a `.partial` one, a `.history` or a `.backup` file
 * (access/xlog_internal.h, IsXLogFileName and its neighbours). Undefined for every other name, and for one that cannot
 * occur with this segment size.
 */
export function parseWalFileName(name: string, segmentSize: WalSegmentSize): WalFile | undefined {
  const [, historyOf] = /^([0-9A-F]{8})\.history$/u.exec(name) ?? [];
  if (historyOf !== undefined) {
    const timeline = timelineId(Number.parseInt(historyOf, 16));
    return timeline === undefined ? undefined : { kind: 'history', timeline };
  }
  const [, timelineDigits, high, low, partial, offset] = segmentName.exec(name) ?? [];
  if (timelineDigits === undefined || high === undefined || low === undefined) return undefined;
  const timeline = timelineId(Number.parseInt(timelineDigits, 16));
  const perId = segmentsPerId(segmentSize);
  const withinId = BigInt(`0x${low}`);
  if (timeline === undefined || withinId >= perId) return undefined;
  const segment = BigInt(`0x${high}`) * perId + withinId;
  const start = known(lsn(segment * BigInt(segmentSize)));
  if (offset === undefined) return { kind: partial === undefined ? 'segment' : 'partial', timeline, segment, start };
  const backupStart = BigInt(`0x${offset}`);
  if (backupStart >= BigInt(segmentSize)) return undefined;
  return { kind: 'backup-history', timeline, segment, start: known(lsn(start + backupStart)) };
}

/** XLogSegmentsPerXLogId: how many segments the low 32 bits of a position span. */
const segmentsPerId = (segmentSize: WalSegmentSize): bigint => 0x1_00_00_00_00n / BigInt(segmentSize);

const hex = (value: bigint): string => value.toString(16).toUpperCase();
const hex8 = (value: bigint): string => hex(value).padStart(8, '0');

/** For positions that lie within 64 bits by construction. */
function known(position: Lsn | undefined): Lsn {
  if (position === undefined) throw new RangeError('a position derived from one within 64 bits left them');
  return position;
}
