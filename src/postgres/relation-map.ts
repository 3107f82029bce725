/** relmapper.c, RELMAPPER_FILEMAGIC */
const magic = 0x59_27_17;
const header = 8;
const entry = 8;

/**
 * The files of the catalogs that pg_filenode.map names (relmapper.c, RelMapFile); undefined where the bytes are no such
 * map. Its checksum is the server's to judge.
 */
export function mappedFiles(bytes: Uint8Array): readonly number[] | undefined {
  if (bytes.length < header) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getUint32(0, true) === magic;
  if (!littleEndian && view.getUint32(0, false) !== magic) return undefined;
  const count = view.getInt32(4, littleEndian);
  if (count < 0 || header + count * entry > bytes.length) return undefined;
  return Array.from({ length: count }, (_, at) => view.getUint32(header + at * entry + 4, littleEndian));
}
