import { crc32c } from './crc32c.ts';

/** relmapper.c, RELMAPPER_FILEMAGIC */
const magic = 0x59_27_17;
const header = 8;
const entry = 8;

/**
 * The files of the catalogs that pg_filenode.map names (relmapper.c, RelMapFile); undefined where the bytes are no such
 * map.
 */
export function mappedFiles(bytes: Uint8Array): readonly MappedFile[] | undefined {
  if (bytes.length < header) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getUint32(0, true) === magic;
  if (!littleEndian && view.getUint32(0, false) !== magic) return undefined;
  const count = view.getInt32(4, littleEndian);
  if (count < 0 || header + count * entry > bytes.length) return undefined;
  return Array.from({ length: count }, (_, at) => {
    const oid = view.getUint32(header + at * entry, littleEndian);
    return { file: view.getUint32(header + at * entry + 4, littleEndian), neverEmpty: neverEmpty.has(oid) };
  });
}

/** Its checksum is that of what stands before it: behind 62 entries up to 15, behind 64 since (relmapper.c, RelMapFile). */
export function isIntactMap(bytes: Uint8Array): boolean {
  const at = { 512: header + 62 * entry, 524: header + 64 * entry }[bytes.length];
  if (at === undefined || mappedFiles(bytes) === undefined) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(at, view.getUint32(0, true) === magic) === crc32c(bytes.subarray(0, at));
}

export interface MappedFile {
  readonly file: number;
  /** A catalog that has rows in every cluster, or an index of one: the first page of an index is never missing. */
  readonly neverEmpty: boolean;
}

/** By their OIDs, which are the same in all releases: pg_type, pg_attribute, pg_proc, pg_class, pg_tablespace, pg_authid, pg_auth_members, pg_database, and their indexes. */
const neverEmpty: ReadonlySet<number> = new Set([
  ...[1247, 1249, 1255, 1259, 1213, 1260, 1261, 1262],
  ...[2703, 2704, 2658, 2659, 2690, 2691, 2662, 2663, 2697, 2698, 2676, 2677, 2694, 2695, 2671, 2672],
]);
