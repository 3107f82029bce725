import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/postgres/bytes.ts';

const kB = 1024;
const MB = 1024 ** 2;
const GB = 1024 ** 3;

describe('a size in bytes', () => {
  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [kB, '1 kB'],
    [1536, '1.5 kB'],
    [9.96 * kB, '10 kB'],
    [16 * MB, '16 MB'],
    [17 * MB + 300 * kB, '17 MB'],
    [1.04 * GB, '1 GB'],
    [7.46 * GB, '7.5 GB'],
    [1023.6 * MB, '1 GB'],
    [41 * GB + 1, '41 GB'],
    [3 * 1024 * GB, '3 TB'],
    [2048 * 1024 ** 5, '2048 PB'],
    [-16 * MB, '-16 MB'],
  ])('%s is %s', (count, text) => expect(formatBytes(count)).toBe(text));

  it('is the same for a bigint', () => expect(formatBytes(5_000_000_000n)).toBe('4.7 GB'));

  it.each([
    [16 * MB + 1, '17 MB'],
    [1.01 * GB, '1.1 GB'],
    [1023.1 * MB, '1 GB'],
    [16 * MB, '16 MB'],
  ])('%s rounded up is %s', (count, text) => expect(formatBytes(count, Math.ceil)).toBe(text));

  it('is off by no more than a twentieth, and never too little when it is rounded up', () => {
    const bytesOf = (text: string): number => {
      const [number = '', unit = ''] = text.split(' ');
      return Number(number) * 1024 ** ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'].indexOf(unit);
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (count) => {
        expect(Math.abs(bytesOf(formatBytes(count)) - count)).toBeLessThanOrEqual(count / 19);
        expect(bytesOf(formatBytes(count, Math.ceil))).toBeGreaterThanOrEqual(count);
      }),
    );
  });
});
