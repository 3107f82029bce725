/** How a file is compressed. */
export interface Packing {
  readonly name: 'gzip' | 'zstd' | 'lz4' | 'xz' | 'bzip2';
  /** What its program puts behind a name. */
  readonly suffix: string;
  /** The first bytes of every file of this kind. */
  readonly magic: readonly number[];
  /** What unpacks its standard input to its standard output. */
  readonly unpack: string;
  /** All the programs that unpack it. */
  readonly readers: readonly string[];
}

/** RFC 1952, RFC 8878, lz4_Frame_format.md, xz-file-format.txt, and bzip2's `BZh`. */
export const packings: readonly Packing[] = [
  {
    name: 'gzip',
    suffix: '.gz',
    magic: [0x1f, 0x8b],
    unpack: 'gunzip -c',
    readers: ['gunzip', 'gzip', 'zcat', 'pigz', 'unpigz'],
  },
  {
    name: 'zstd',
    suffix: '.zst',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    unpack: 'zstd -dc',
    readers: ['zstd', 'unzstd', 'zstdcat', 'pzstd'],
  },
  {
    name: 'lz4',
    suffix: '.lz4',
    magic: [0x04, 0x22, 0x4d, 0x18],
    unpack: 'lz4 -dc',
    readers: ['lz4', 'unlz4', 'lz4cat'],
  },
  {
    name: 'xz',
    suffix: '.xz',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    unpack: 'xz -dc',
    readers: ['xz', 'unxz', 'xzcat'],
  },
  {
    name: 'bzip2',
    suffix: '.bz2',
    magic: [0x42, 0x5a, 0x68],
    unpack: 'bunzip2 -c',
    readers: ['bunzip2', 'bzip2', 'bzcat', 'pbzip2'],
  },
];

/** By its first bytes: a name says only what it should be. */
export const packingOf = (header: Uint8Array): Packing | undefined =>
  packings.find(({ magic }) => magic.every((byte, at) => header[at] === byte));
