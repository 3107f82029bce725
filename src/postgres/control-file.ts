import { controlFileDataSize, controlFileLayout } from './control-file-layout.ts';
import type { ControlFileFormat, ControlFileLayout } from './control-file-layout.ts';
import { crc32c } from './crc32c.ts';
import { lsn, systemIdentifier, timelineId, walFileName, walSegmentSize } from './lsn.ts';
import type { Lsn, SystemIdentifier, TimelineId, WalSegmentSize } from './lsn.ts';
import { majorOfCatalogVersion, releasesOfControlFormat } from './versions.ts';

/** DBState (catalog/pg_control.h), in pg_controldata's words. */
export type ClusterState = (typeof clusterStates)[number];

/** wal_level as WAL records and pg_control have it. */
export type WalLevel = (typeof walLevels)[number];

/** What global/pg_control says. Times are seconds since 1970-01-01 UTC; `null` is the server's own "none" (0/0, 0). */
export interface ControlFile {
  /** 'big' on s390x and old POWER: a server of the other byte order cannot use this data directory. */
  readonly byteOrder: 'little' | 'big';
  /** PG_CONTROL_VERSION: 1300 for 13 to 16, 1700 for 17, 1800 for 18. */
  readonly controlVersion: ControlFileFormat;
  readonly catalogVersion: number;
  /** The major release that has this catalog version; null for a development or beta release. */
  readonly major: number | null;
  readonly systemIdentifier: SystemIdentifier;
  readonly state: ClusterState;
  readonly lastModifiedAt: number;
  readonly checkpoint: {
    readonly location: Lsn;
    readonly redo: Lsn;
    /** The segment file that recovery begins with. */
    readonly redoWalFile: string;
    readonly timeline: TimelineId;
    readonly previousTimeline: TimelineId;
    readonly fullPageWrites: boolean;
    /** 17 and later; null before. */
    readonly walLevel: WalLevel | null;
    /** With the epoch in the upper 32 bits. */
    readonly nextXid: bigint;
    readonly nextOid: number;
    readonly nextMultiXact: number;
    readonly nextMultiXactOffset: number;
    readonly oldestXid: number;
    readonly oldestMultiXact: number;
    readonly oldestActiveXid: number;
    readonly at: number;
  };
  /** Recovery must reach this point before the data is consistent; null when nothing is being recovered. */
  readonly minimumRecoveryPoint: { readonly lsn: Lsn; readonly timeline: TimelineId } | null;
  /** Set while a base backup is being recovered and its end is not reached. */
  readonly backupStart: Lsn | null;
  /** Set while a base backup that was taken from a standby is being recovered. */
  readonly backupEnd: Lsn | null;
  readonly endOfBackupRequired: boolean;
  readonly walLevel: WalLevel;
  readonly walLogHints: boolean;
  readonly maxConnections: number;
  readonly maxWorkerProcesses: number;
  readonly maxWalSenders: number;
  readonly maxPreparedTransactions: number;
  readonly maxLocksPerTransaction: number;
  readonly trackCommitTimestamp: boolean;
  readonly maxAlign: number;
  /** False when the platform's double is not IEEE 754: the server refuses such a data directory. */
  readonly floatFormatIsIeee: boolean;
  readonly blockSize: number;
  readonly blocksPerSegment: number;
  readonly walBlockSize: number;
  readonly walSegmentSize: WalSegmentSize;
  readonly nameLength: number;
  readonly maxIndexKeys: number;
  readonly toastMaxChunkSize: number;
  readonly largeObjectChunkSize: number;
  readonly float8PassedByValue: boolean;
  /** 0: off; 1: on. */
  readonly dataChecksumVersion: number;
  /** 18 and later; null before. */
  readonly defaultCharIsSigned: boolean | null;
}

/** Its server last ran as a standby, or restored an archive. */
export const isOfRecovery = ({ state }: Pick<ControlFile, 'state'>): boolean =>
  state === 'in archive recovery' || state === 'shut down in recovery';

/** Why a control file could not be read. */
export type ControlFileFault =
  | { readonly kind: 'too-short'; readonly bytes: number; readonly needed: number }
  | {
      /** The format is of a release that is not supported, or the bytes are no pg_control at all. */
      readonly kind: 'unsupported-version';
      readonly controlVersion: number;
      /** The release that wrote it, such as `12`; null when no release has this format. */
      readonly release: string | null;
    }
  | {
      /** Damaged, or torn: caught while the server wrote it. The server's own tools read a second time before they believe it. */
      readonly kind: 'crc-differs';
      readonly stored: number;
      readonly computed: number;
    }
  | { readonly kind: 'value-out-of-range'; readonly member: string; readonly value: string };

export type ControlFileResult =
  | { readonly ok: true; readonly value: ControlFile }
  | { readonly ok: false; readonly fault: ControlFileFault };

/**
 * Reads global/pg_control of PostgreSQL 13 to 18 without a server, whatever the byte order and the platform's alignment
 * (common/controldata_utils.c, get_controlfile). Never throws.
 */
export function readControlFile(bytes: Uint8Array): ControlFileResult {
  if (bytes.length < controlFileDataSize) {
    return fault({ kind: 'too-short', bytes: bytes.length, needed: controlFileDataSize });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = { little: view.getUint32(8, true), big: view.getUint32(8, false) };
  const byteOrder = isSupported(version.big) ? 'big' : 'little';
  const controlVersion = version[byteOrder];
  if (!isSupported(controlVersion)) {
    const release = releasesOfControlFormat(version.little) ?? releasesOfControlFormat(version.big);
    return fault({ kind: 'unsupported-version', controlVersion, release: release ?? null });
  }
  const littleEndian = byteOrder === 'little';
  const layout = controlFileLayout(controlVersion, 8);
  const stored = view.getUint32(layout.crcOffset, littleEndian);
  const computed = crc32c(bytes.subarray(0, layout.crcOffset));
  if (stored === computed) return interpret(reader(view, layout, littleEndian), byteOrder, controlVersion);
  // i386 aligns 64-bit members at 4 bytes; the checksum alone tells which platform wrote the file.
  const narrow = controlFileLayout(controlVersion, 4);
  const matchesNarrow = view.getUint32(narrow.crcOffset, littleEndian) === crc32c(bytes.subarray(0, narrow.crcOffset));
  return matchesNarrow
    ? interpret(reader(view, narrow, littleEndian), byteOrder, controlVersion)
    : fault({ kind: 'crc-differs', stored, computed });
}

const clusterStates = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const;

const walLevels = ['minimal', 'replica', 'logical'] as const;

const floatFormat = 1_234_567;

const isSupported = (version: number): version is ControlFileFormat =>
  version === 1300 || version === 1700 || version === 1800;

const fault = (why: ControlFileFault): ControlFileResult => ({ ok: false, fault: why });

interface Reader {
  readonly uint32: (member: string) => number;
  readonly int32: (member: string) => number;
  readonly uint64: (member: string) => bigint;
  readonly int64: (member: string) => bigint;
  readonly double: (member: string) => number;
  readonly bool: (member: string) => boolean;
}

function reader(view: DataView, layout: ControlFileLayout, littleEndian: boolean): Reader {
  const at = (member: string): number => {
    const offset = layout.offsets.get(member);
    if (offset === undefined) throw new RangeError(`ControlFileData of this format has no member ${member}`);
    return offset;
  };
  return {
    uint32: (member) => view.getUint32(at(member), littleEndian),
    int32: (member) => view.getInt32(at(member), littleEndian),
    uint64: (member) => view.getBigUint64(at(member), littleEndian),
    int64: (member) => view.getBigInt64(at(member), littleEndian),
    double: (member) => view.getFloat64(at(member), littleEndian),
    bool: (member) => view.getUint8(at(member)) !== 0,
  };
}

function interpret(read: Reader, byteOrder: 'little' | 'big', controlVersion: ControlFileFormat): ControlFileResult {
  const catalogVersion = read.uint32('catalog_version_no');
  const identifier = systemIdentifier(read.uint64('system_identifier'));
  if (identifier === undefined) return outOfRange('system_identifier', read.uint64('system_identifier'));
  const state = clusterStates[read.uint32('state')];
  if (state === undefined) return outOfRange('state', read.uint32('state'));
  const timeline = timelineId(read.uint32('checkpoint.ThisTimeLineID'));
  if (timeline === undefined) return outOfRange('checkPointCopy.ThisTimeLineID', 0);
  const previousTimeline = timelineId(read.uint32('checkpoint.PrevTimeLineID'));
  if (previousTimeline === undefined) return outOfRange('checkPointCopy.PrevTimeLineID', 0);
  const walLevel = walLevels[read.int32('wal_level')];
  if (walLevel === undefined) return outOfRange('wal_level', read.int32('wal_level'));
  const segmentSize = walSegmentSize(read.uint32('xlog_seg_size'));
  if (segmentSize === undefined) return outOfRange('xlog_seg_size', read.uint32('xlog_seg_size'));
  const redo = position(read.uint64('checkpoint.redo'));
  return {
    ok: true,
    value: {
      byteOrder,
      controlVersion,
      catalogVersion,
      major: majorOfCatalogVersion(catalogVersion) ?? null,
      systemIdentifier: identifier,
      state,
      lastModifiedAt: Number(read.int64('time')),
      checkpoint: {
        location: position(read.uint64('checkPoint')),
        redo,
        redoWalFile: walFileName(timeline, redo, segmentSize),
        timeline,
        previousTimeline,
        fullPageWrites: read.bool('checkpoint.fullPageWrites'),
        walLevel: controlVersion >= 1700 ? (walLevels[read.int32('checkpoint.wal_level')] ?? null) : null,
        nextXid: read.uint64('checkpoint.nextXid'),
        nextOid: read.uint32('checkpoint.nextOid'),
        nextMultiXact: read.uint32('checkpoint.nextMulti'),
        nextMultiXactOffset: read.uint32('checkpoint.nextMultiOffset'),
        oldestXid: read.uint32('checkpoint.oldestXid'),
        oldestMultiXact: read.uint32('checkpoint.oldestMulti'),
        oldestActiveXid: read.uint32('checkpoint.oldestActiveXid'),
        at: Number(read.int64('checkpoint.time')),
      },
      minimumRecoveryPoint: minimumRecoveryPoint(read),
      backupStart: positionOrNone(read.uint64('backupStartPoint')),
      backupEnd: positionOrNone(read.uint64('backupEndPoint')),
      endOfBackupRequired: read.bool('backupEndRequired'),
      walLevel,
      walLogHints: read.bool('wal_log_hints'),
      maxConnections: read.int32('MaxConnections'),
      maxWorkerProcesses: read.int32('max_worker_processes'),
      maxWalSenders: read.int32('max_wal_senders'),
      maxPreparedTransactions: read.int32('max_prepared_xacts'),
      maxLocksPerTransaction: read.int32('max_locks_per_xact'),
      trackCommitTimestamp: read.bool('track_commit_timestamp'),
      maxAlign: read.uint32('maxAlign'),
      floatFormatIsIeee: read.double('floatFormat') === floatFormat,
      blockSize: read.uint32('blcksz'),
      blocksPerSegment: read.uint32('relseg_size'),
      walBlockSize: read.uint32('xlog_blcksz'),
      walSegmentSize: segmentSize,
      nameLength: read.uint32('nameDataLen'),
      maxIndexKeys: read.uint32('indexMaxKeys'),
      toastMaxChunkSize: read.uint32('toast_max_chunk_size'),
      largeObjectChunkSize: read.uint32('loblksize'),
      float8PassedByValue: read.bool('float8ByVal'),
      dataChecksumVersion: read.uint32('data_checksum_version'),
      defaultCharIsSigned: controlVersion >= 1800 ? read.bool('default_char_signedness') : null,
    },
  };
}

function minimumRecoveryPoint(read: Reader): ControlFile['minimumRecoveryPoint'] {
  const at = positionOrNone(read.uint64('minRecoveryPoint'));
  const timeline = timelineId(read.uint32('minRecoveryPointTLI'));
  return at === null || timeline === undefined ? null : { lsn: at, timeline };
}

const positionOrNone = (value: bigint): Lsn | null => (value === 0n ? null : position(value));

/** What getBigUint64 returns always is a position. */
function position(value: bigint): Lsn {
  const found = lsn(value);
  if (found === undefined) throw new RangeError('an unsigned 64-bit value left its range');
  return found;
}

const outOfRange = (member: string, value: bigint | number): ControlFileResult =>
  fault({ kind: 'value-out-of-range', member, value: String(value) });
