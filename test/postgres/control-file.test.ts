import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { controlFileLayout } from '../../src/postgres/control-file-layout.ts';
import type { ControlFileFormat } from '../../src/postgres/control-file-layout.ts';
import { readControlFile } from '../../src/postgres/control-file.ts';
import { crc32c } from '../../src/postgres/crc32c.ts';

interface Made {
  readonly format: ControlFileFormat;
  readonly alignment?: 8 | 4;
  readonly littleEndian?: boolean;
  readonly change?: (set: Setter) => void;
}

interface Setter {
  readonly uint32: (member: string, value: number) => void;
  readonly uint64: (member: string, value: bigint) => void;
}

/** A control file as a server of that platform writes it. */
function made({ format, alignment = 8, littleEndian = true, change }: Made): Uint8Array {
  const bytes = new Uint8Array(8192);
  const view = new DataView(bytes.buffer);
  const { offsets, crcOffset } = controlFileLayout(format, alignment);
  const at = (member: string): number => offsets.get(member) ?? Number.NaN;
  const set: Setter = {
    uint32: (member, value) => view.setUint32(at(member), value, littleEndian),
    uint64: (member, value) => view.setBigUint64(at(member), value, littleEndian),
  };
  set.uint64('system_identifier', 7_710_734_418_767_641_140n);
  set.uint32('pg_control_version', format);
  set.uint32('catalog_version_no', 202_209_061);
  set.uint32('state', 6);
  set.uint64('time', 1_795_295_258n);
  set.uint64('checkPoint', 0x9a2f4410n);
  set.uint64('checkpoint.redo', 0x9a0000c8n);
  set.uint32('checkpoint.ThisTimeLineID', 3);
  set.uint32('checkpoint.PrevTimeLineID', 2);
  set.uint64('checkpoint.nextXid', 0x1_0000_02f0n);
  set.uint32('wal_level', 1);
  set.uint32('MaxConnections', 100);
  set.uint32('max_locks_per_xact', 64);
  set.uint32('xlog_seg_size', 16 * 1024 * 1024);
  view.setFloat64(at('floatFormat'), 1_234_567, littleEndian);
  change?.(set);
  view.setUint32(crcOffset, crc32c(bytes.subarray(0, crcOffset)), littleEndian);
  return bytes;
}

const recovering = (set: Setter): void => {
  set.uint64('minRecoveryPoint', 0x3000060n);
  set.uint32('minRecoveryPointTLI', 2);
};

const seesChangedBit = (format: ControlFileFormat, bit: number): void => {
  const bytes = made({ format });
  const { crcOffset } = controlFileLayout(format, 8);
  const changed = bit % ((crcOffset + 4) * 8);
  bytes[changed >> 3] = (bytes[changed >> 3] ?? 0) ^ (1 << (changed & 7));
  expect(readControlFile(bytes).ok).toBe(false);
};

const endsInAnAnswer = (format: ControlFileFormat, words: readonly [number, number][]): boolean => {
  const bytes = made({ format });
  const view = new DataView(bytes.buffer);
  const { crcOffset } = controlFileLayout(format, 8);
  for (const [place, word] of words) {
    const offset = (place % (crcOffset / 4)) * 4;
    if (offset !== 8) view.setUint32(offset, word, true);
  }
  view.setUint32(crcOffset, crc32c(bytes.subarray(0, crcOffset)), true);
  const result = readControlFile(bytes);
  return result.ok || result.fault.kind === 'value-out-of-range';
};

describe('crc32c', () => {
  it('has the check value of the Castagnoli polynomial', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array())).toBe(0);
  });
});

describe('readControlFile', () => {
  const formats = [1300, 1700, 1800] as const;

  it('keeps the checksum where gcc puts it, for 64 and for 32 bits', () => {
    expect(formats.map((format) => controlFileLayout(format, 8).crcOffset)).toEqual([288, 288, 292]);
    expect(formats.map((format) => controlFileLayout(format, 4).crcOffset)).toEqual([268, 272, 276]);
  });

  it.each(
    formats.flatMap((format) =>
      ([8, 4] as const).flatMap((alignment) =>
        [true, false].map((littleEndian) => ({ format, alignment, littleEndian })),
      ),
    ),
  )('reads format $format, alignment $alignment, little-endian $littleEndian', (platform) => {
    expect(readControlFile(made(platform))).toMatchObject({
      ok: true,
      value: {
        byteOrder: platform.littleEndian ? 'little' : 'big',
        controlVersion: platform.format,
        major: 15,
        systemIdentifier: 7_710_734_418_767_641_140n,
        state: 'in production',
        lastModifiedAt: 1_795_295_258,
        checkpoint: {
          location: 0x9a2f4410n,
          redo: 0x9a0000c8n,
          redoWalFile: '00000003000000000000009A',
          timeline: 3,
          previousTimeline: 2,
          nextXid: 0x1_0000_02f0n,
          walLevel: platform.format === 1300 ? null : 'minimal',
        },
        minimumRecoveryPoint: null,
        backupStart: null,
        walLevel: 'replica',
        maxConnections: 100,
        maxLocksPerTransaction: 64,
        floatFormatIsIeee: true,
        defaultCharIsSigned: platform.format === 1800 ? false : null,
      },
    });
  });

  it('reads a minimum recovery point with its timeline', () => {
    expect(readControlFile(made({ format: 1300, change: recovering }))).toMatchObject({
      value: { minimumRecoveryPoint: { lsn: 0x3000060n, timeline: 2 } },
    });
  });

  it('reads bytes that lie somewhere in a larger buffer', () => {
    const larger = new Uint8Array(9000);
    larger.set(made({ format: 1800 }), 100);
    expect(readControlFile(larger.subarray(100, 8292))).toMatchObject({ ok: true });
  });

  it.each([0, 1, 15, 295])('says that %d bytes are too few', (length) => {
    expect(readControlFile(made({ format: 1800 }).subarray(0, length))).toEqual({
      ok: false,
      fault: { kind: 'too-short', bytes: length, needed: 296 },
    });
  });

  it('names the release that wrote an older format', () => {
    const bytes = made({ format: 1300 });
    new DataView(bytes.buffer).setUint32(8, 1201, true);
    expect(readControlFile(bytes)).toEqual({
      ok: false,
      fault: { kind: 'unsupported-version', controlVersion: 1201, release: '12' },
    });
    expect(readControlFile(new Uint8Array(8192))).toEqual({
      ok: false,
      fault: { kind: 'unsupported-version', controlVersion: 0, release: null },
    });
  });

  it.each([
    ['state', 7],
    ['wal_level', 3],
    ['xlog_seg_size', 12_345],
    ['checkpoint.ThisTimeLineID', 0],
  ])('does not take %s = %d, be the checksum right or not', (member, value) => {
    expect(readControlFile(made({ format: 1700, change: (set) => set.uint32(member, value) }))).toMatchObject({
      ok: false,
      fault: { kind: 'value-out-of-range', value: String(value) },
    });
  });

  it('sees every changed bit', () => {
    fc.assert(fc.property(fc.constantFrom(...formats), fc.nat(), seesChangedBit));
  });

  it('ends in a value or a fault for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => typeof readControlFile(bytes).ok === 'boolean'),
    );
  });

  it('ends in a value or a fault for any members under a right checksum', () => {
    const words = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 0xff_ff_ff_ff })));
    fc.assert(fc.property(fc.constantFrom(...formats), words, endsInAnAnswer));
  });
});
