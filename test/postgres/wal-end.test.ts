import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { crc32c } from '../../src/postgres/crc32c.ts';
import { advance, formatLsn, lsn, walSegmentSize, timelineId } from '../../src/postgres/lsn.ts';
import type { Lsn } from '../../src/postgres/lsn.ts';
import { checkpointBefore } from '../../src/postgres/wal-back.ts';
import { checkpointAt, endOfWal } from '../../src/postgres/wal-end.ts';
import type { WalSegmentFile } from '../../src/postgres/wal-end.ts';

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('not a position');
  return value;
};
const segmentSize = must(walSegmentSize(1024 * 1024));
const blockSize = 8192;
const start = must(lsn(0x3_00_00_00n));

interface Made {
  readonly bytes: Uint8Array;
  readonly records: readonly Lsn[];
  readonly end: Lsn;
}

/** A segment as a server writes it: pages with headers, records one behind the other across them. */
function segmentOf(
  sizes: readonly number[],
  { checkpointEach = 0, redo = start }: { readonly checkpointEach?: number; readonly redo?: Lsn } = {},
): Made {
  const bytes = new Uint8Array(segmentSize);
  const view = new DataView(bytes.buffer);
  let at = 0;
  let previous = 0n;
  const records: Lsn[] = [];
  const begin = (page: number, remaining: number): number => {
    const long = page === 0;
    view.setUint16(page, 0xd110, true);
    view.setUint16(page + 2, (long ? 2 : 0) | (remaining > 0 ? 1 : 0), true);
    view.setUint32(page + 4, 1, true);
    view.setBigUint64(page + 8, start + BigInt(page), true);
    view.setUint32(page + 16, remaining, true);
    return page + (long ? 40 : 24);
  };
  for (const [index, size] of sizes.entries()) {
    if (at % blockSize === 0) at = begin(at, 0);
    const position = start + BigInt(at);
    const isCheckpoint = checkpointEach > 0 && index % checkpointEach === 0;
    const record = recordOf(Math.max(size, isCheckpoint ? 40 : 24), previous, isCheckpoint ? redo : undefined);
    if (at + record.length + 48 * (2 + record.length / blockSize) > segmentSize) break;
    records.push(must(lsn(position)));
    previous = position;
    for (let written = 0; written < record.length;) {
      if (at % blockSize === 0) at = begin(at, record.length - written);
      const piece = Math.min(record.length - written, blockSize - (at % blockSize));
      bytes.set(record.subarray(written, written + piece), at);
      written += piece;
      at += piece;
    }
    at = Math.ceil(at / 8) * 8;
  }
  return { bytes, records, end: must(advance(start, BigInt(at))) };
}

function recordOf(length: number, previous: bigint, redo: Lsn | undefined): Uint8Array {
  const record = new Uint8Array(length).map((_, index) => (index * 31) & 0xff);
  const view = new DataView(record.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, 700, true);
  view.setBigUint64(8, previous, true);
  view.setUint8(16, redo === undefined ? 0x20 : 0x10);
  view.setUint8(17, redo === undefined ? 10 : 0);
  if (redo !== undefined) {
    view.setUint8(24, 255);
    view.setUint8(25, length - 26);
    view.setBigUint64(26, redo, true);
  }
  view.setUint32(20, crc32c(Buffer.concat([record.subarray(24), record.subarray(0, 20)])), true);
  return record;
}

const file = (bytes: Uint8Array): WalSegmentFile => ({
  start,
  segmentSize,
  blockSize,
  byteOrder: 'little',
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
});
const sizes = fc.array(fc.integer({ min: 24, max: 20_000 }), { minLength: 1, maxLength: 60 });

describe('the end of the WAL', () => {
  it('lies behind the last record, wherever records and pages end', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const { bytes, records, end } = segmentOf(lengths);
        const found = await endOfWal(file(bytes));
        expect(found).toEqual({ end, lastRecord: records.at(-1) });
      }),
      { numRuns: 200 },
    );
  });

  it('lies before a record that was not written to its end', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 20 }), async (lengths, cut) => {
        const { bytes, records, end } = segmentOf([...lengths, 9_000]);
        const last = must(records.at(-1));
        const torn = bytes.slice();
        torn.fill(0, Math.max(Number(last - start) + 4, Number(end - start) - cut * 8));
        const found = await endOfWal(file(torn));
        expect(found === undefined ? undefined : found.end <= last || found.end === last).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is not misled by what a recycled segment held before', async () => {
    const { bytes, records, end } = segmentOf([100, 200, 300]);
    const old = segmentOf(Array.from({ length: 200 }, () => 500)).bytes.slice();
    // its pages speak of an older segment
    const view = new DataView(old.buffer);
    for (let page = 0; page < old.length; page += blockSize)
      view.setBigUint64(page + 8, start - BigInt(segmentSize) + BigInt(page), true);
    old.set(bytes.subarray(0, Number(end - start)));
    expect(await endOfWal(file(old))).toEqual({ end, lastRecord: records.at(-1) });
    // in the last page stands the rest of an old record whose checksum is right
    const rest = recordOf(64, 0x1_23n, undefined);
    old.set(rest, Number(end - start));
    expect(await endOfWal(file(old))).toEqual({ end, lastRecord: records.at(-1) });
  });

  it('is before what a promoted server has left of the old timeline in a file that it renamed', async () => {
    const { bytes, records, end } = segmentOf([100, 200, 9_000, 9_000]);
    const since = (begin: Lsn) => ({ ...file(bytes), since: { timeline: must(timelineId(2)), begin } });
    // all of it was written before the timeline began, as in the segment in which it does
    expect(await endOfWal(since(end))).toEqual({ end, lastRecord: records.at(-1) });
    expect(await endOfWal(since(start))).toBeUndefined();
    const within = must(lsn(start + BigInt(blockSize) + 8n));
    expect((await endOfWal(since(within)))?.end).toBeLessThanOrEqual(start + BigInt(2 * blockSize));
  });

  it('is nowhere in a segment that was only made in advance, or is cut short', async () => {
    expect(await endOfWal(file(new Uint8Array(segmentSize)))).toBeUndefined();
    expect(await endOfWal(file(new Uint8Array()))).toBeUndefined();
    const { bytes } = segmentOf([100, 200, 9_000, 9_000]);
    for (const length of [10, 24, 50, 8_192, 8_200, 16_000])
      expect((await endOfWal(file(bytes.slice(0, length))))?.end ?? start).toBeLessThanOrEqual(
        start + BigInt(length) + 40n,
      );
  });

  it('never throws on noise', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(fc.tuple(fc.nat(segmentSize - 1), fc.nat(255)), { maxLength: 50 }),
        async (lengths, noise) => {
          const { bytes } = segmentOf(lengths);
          const noisy = bytes.slice();
          for (const [at, value] of noise) noisy[at] = value;
          const found = await endOfWal(file(noisy));
          expect(found === undefined || (found.end >= start && found.end <= start + BigInt(segmentSize))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the checkpoint that pg_control names', () => {
  it('is known by its redo point, and any other record is not taken for one', async () => {
    const redo = must(lsn(0x2_00_00_28n));
    const { bytes, records } = segmentOf([100, 200, 300, 400], { checkpointEach: 2, redo });
    expect(await checkpointAt(file(bytes), must(records[2]))).toMatchObject({ kind: 'checkpoint', redo });
    expect(await checkpointAt(file(bytes), must(records[1]))).toEqual({ kind: 'another-record' });
    expect(await checkpointAt(file(bytes), must(advance(start, 500_000n)))).toEqual({ kind: 'not-there' });
    expect(await checkpointAt(file(bytes), must(lsn(0x2_00_00_28n)))).toEqual({ kind: 'not-there' });
  });
});

describe('the checkpoint before a position', () => {
  const backwards = (bytes: Uint8Array) => ({
    segmentSize,
    blockSize,
    byteOrder: 'little' as const,
    segment: (from: Lsn) => Promise.resolve(from === start ? bytes : undefined),
  });

  it('is found from record to record', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 7 }), async (lengths, each) => {
        const { bytes, records } = segmentOf(lengths, { checkpointEach: each });
        const fork = must(records.at(-1));
        const index = records.length - 1;
        const wanted = records.findLast((_, at) => at < index && at % each === 0);
        const found = await checkpointBefore(fork, backwards(bytes));
        if (wanted === undefined) expect(found.kind).not.toBe('found');
        else expect(found).toEqual({ kind: 'found', location: wanted });
      }),
      { numRuns: 200 },
    );
  });

  it('is missing where its segment is', async () => {
    const { bytes, records } = segmentOf([100, 100, 100]);
    const linked = bytes.slice();
    new DataView(linked.buffer).setBigUint64(Number(must(records[0]) - start) + 8, 0x2_ff_ff_c0n, true);
    const found = await checkpointBefore(must(records[2]), backwards(linked));
    expect(found).toMatchObject({ kind: 'missing' });
    if (found.kind === 'missing') expect(formatLsn(found.segment)).toBe('0/2F00000');
  });

  it('is not looked for beyond some segments, and not in noise', async () => {
    const { bytes, records } = segmentOf([100, 100, 100]);
    expect(await checkpointBefore(must(records[2]), backwards(bytes), 0)).toEqual({ kind: 'unknown' });
    expect(await checkpointBefore(must(records[2]), backwards(new Uint8Array(segmentSize)))).toEqual({
      kind: 'unknown',
    });
  });
});
