/** How wide a member of ControlFileData is in the file, and how the compiler aligned it. */
type MemberType = 'uint64' | 'int64' | 'uint32' | 'int32' | 'bool' | 'double' | { readonly bytes: number };

/**
 * ControlFileData of one pg_control format, in the order of catalog/pg_control.h. Members of the embedded CheckPoint
 * are prefixed with `checkpoint.`; `'checkpoint'` marks where that struct begins, because its alignment counts.
 */
type Declaration = readonly (readonly [name: string, type: MemberType | 'struct'])[];

/** The formats of pg_control of PostgreSQL 13 to 18 (PG_CONTROL_VERSION). */
export type ControlFileFormat = 1300 | 1700 | 1800;

/** Where every member lies, and where the CRC over all that precedes it. */
export interface ControlFileLayout {
  readonly offsets: ReadonlyMap<string, number>;
  readonly crcOffset: number;
}

/**
 * The layout of a format as a compiler makes it that aligns 64-bit members at 8 bytes (all 64-bit platforms, ARM32)
 * or at 4 (i386).
 */
export function controlFileLayout(format: ControlFileFormat, alignment: 8 | 4): ControlFileLayout {
  const offsets = new Map<string, number>();
  let offset = 0;
  for (const [name, type] of declarationOf(format)) {
    const { size, align } = measure(type, alignment);
    offset = roundUp(offset, align);
    offsets.set(name, offset);
    offset += size;
  }
  const crcOffset = offsets.get('crc') ?? 0;
  return { offsets, crcOffset };
}

/** Bytes of ControlFileData in its longest format: what must be there of a file of 8192. */
export const controlFileDataSize = 296;

function declarationOf(format: ControlFileFormat): Declaration {
  return [
    ['system_identifier', 'uint64'],
    ['pg_control_version', 'uint32'],
    ['catalog_version_no', 'uint32'],
    ['state', 'uint32'],
    ['time', 'int64'],
    ['checkPoint', 'uint64'],
    ['checkpoint', 'struct'],
    ['checkpoint.redo', 'uint64'],
    ['checkpoint.ThisTimeLineID', 'uint32'],
    ['checkpoint.PrevTimeLineID', 'uint32'],
    ['checkpoint.fullPageWrites', 'bool'],
    ...(format >= 1700 ? ([['checkpoint.wal_level', 'int32']] as const) : []),
    ['checkpoint.nextXid', 'uint64'],
    ['checkpoint.nextOid', 'uint32'],
    ['checkpoint.nextMulti', 'uint32'],
    ['checkpoint.nextMultiOffset', 'uint32'],
    ['checkpoint.oldestXid', 'uint32'],
    ['checkpoint.oldestXidDB', 'uint32'],
    ['checkpoint.oldestMulti', 'uint32'],
    ['checkpoint.oldestMultiDB', 'uint32'],
    ['checkpoint.time', 'int64'],
    ['checkpoint.oldestCommitTsXid', 'uint32'],
    ['checkpoint.newestCommitTsXid', 'uint32'],
    ['checkpoint.oldestActiveXid', 'uint32'],
    ['checkpoint end', 'struct'],
    ['unloggedLSN', 'uint64'],
    ['minRecoveryPoint', 'uint64'],
    ['minRecoveryPointTLI', 'uint32'],
    ['backupStartPoint', 'uint64'],
    ['backupEndPoint', 'uint64'],
    ['backupEndRequired', 'bool'],
    ['wal_level', 'int32'],
    ['wal_log_hints', 'bool'],
    ['MaxConnections', 'int32'],
    ['max_worker_processes', 'int32'],
    ['max_wal_senders', 'int32'],
    ['max_prepared_xacts', 'int32'],
    ['max_locks_per_xact', 'int32'],
    ['track_commit_timestamp', 'bool'],
    ['maxAlign', 'uint32'],
    ['floatFormat', 'double'],
    ['blcksz', 'uint32'],
    ['relseg_size', 'uint32'],
    ['xlog_blcksz', 'uint32'],
    ['xlog_seg_size', 'uint32'],
    ['nameDataLen', 'uint32'],
    ['indexMaxKeys', 'uint32'],
    ['toast_max_chunk_size', 'uint32'],
    ['loblksize', 'uint32'],
    ['float8ByVal', 'bool'],
    ['data_checksum_version', 'uint32'],
    ...(format >= 1800 ? ([['default_char_signedness', 'bool']] as const) : []),
    ['mock_authentication_nonce', { bytes: 32 }],
    ['crc', 'uint32'],
  ];
}

function measure(type: MemberType | 'struct', alignment: 8 | 4): { size: number; align: number } {
  switch (type) {
    case 'uint64':
    case 'int64':
    case 'double':
      return { size: 8, align: alignment };
    case 'uint32':
    case 'int32':
      return { size: 4, align: 4 };
    case 'bool':
      return { size: 1, align: 1 };
    case 'struct':
      return { size: 0, align: alignment };
    default:
      return { size: type.bytes, align: 1 };
  }
}

const roundUp = (offset: number, align: number): number => Math.ceil(offset / align) * align;
