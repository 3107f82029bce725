import type { Host } from '../../hosts/host.ts';

/**
 * What a pg_basebackup can unpack of what the primary compresses: by the functions of the libraries that it calls
 * (bbstreamer_lz4.c, bbstreamer_zstd.c, bbstreamer_gzip.c; astreamer_*.c from 18 on), each of which a build may lack. Undefined
 * where the program cannot be read, or is none of that kind.
 */
export async function unpackedBy(host: Host, program: string): Promise<ReadonlySet<string> | undefined> {
  const file = await host.read(program, { maxBytes: largest });
  if (!file.ok || file.value.truncated) return undefined;
  const { buffer, byteOffset, length } = file.value.bytes;
  const bytes = Buffer.from(buffer, byteOffset, length);
  // a program that loads libraries names what it takes from them
  if (!bytes.includes('PQconnectdb')) return undefined;
  return new Set(Object.entries(functions).flatMap(([method, name]) => (bytes.includes(name) ? [method] : [])));
}

const functions = { gzip: 'inflate', lz4: 'LZ4F_decompress', zstd: 'ZSTD_decompressStream' };

const largest = 8 * 1024 * 1024;
