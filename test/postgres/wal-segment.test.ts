import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { lsn, parseSystemIdentifier, timelineId, walSegmentSize } from '../../src/postgres/lsn.ts';
import { isSpoiled, longHeader, segmentContent } from '../../src/postgres/wal-segment.ts';

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a value of the test');
  return value;
};
const segmentSize = must(walSegmentSize(16 * 1024 * 1024));
const own = must(parseSystemIdentifier('7710717925441494094'));

interface Header {
  readonly magic?: number;
  readonly timeline?: number;
  readonly address?: bigint;
  readonly systemIdentifier?: bigint;
}

function header(little: boolean, start: bigint, change: Header): Uint8Array {
  const bytes = new Uint8Array(longHeader);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, change.magic ?? 0xd110, little);
  view.setUint16(2, 0x02, little);
  view.setUint32(4, change.timeline ?? 3, little);
  view.setBigUint64(8, change.address ?? start, little);
  view.setBigUint64(24, change.systemIdentifier ?? own, little);
  return bytes;
}

const segments = fc.record({
  little: fc.boolean(),
  segment: fc.bigInt({ min: 1n, max: 0xff_ffffn }),
});

describe('what a segment file holds', () => {
  const contentOf = (
    { little, segment }: { readonly little: boolean; readonly segment: bigint },
    change: Header & { readonly bytes?: number; readonly header?: Uint8Array },
  ) => {
    const start = segment * BigInt(segmentSize);
    return segmentContent({
      bytes: change.bytes ?? segmentSize,
      header: change.header ?? header(little, start, change),
      start: must(lsn(start)),
      timeline: must(timelineId(3)),
      segmentSize,
      systemIdentifier: own,
      byteOrder: little ? 'little' : 'big',
    });
  };

  it('is judged by its size first, whatever its header says', () => {
    fc.assert(
      fc.property(segments, fc.nat(2 * segmentSize), (at, bytes) => {
        const content = contentOf(at, { bytes });
        const expected = bytes === 0 ? 'empty' : bytes < segmentSize ? 'short' : bytes > segmentSize ? 'long' : 'whole';
        expect(content).toBe(expected);
        expect(isSpoiled(content)).toBe(bytes !== segmentSize);
      }),
    );
  });

  it('was made in advance where it is zeros, or has pages of an earlier place', () => {
    fc.assert(
      fc.property(segments, fc.bigInt({ min: 1n, max: 1000n }), (at, back) => {
        expect(contentOf(at, { header: new Uint8Array(longHeader) })).toBe('made-in-advance');
        const start = at.segment * BigInt(segmentSize);
        const address = start - back * 8192n;
        if (address >= 0n) expect(contentOf(at, { address })).toBe('made-in-advance');
      }),
    );
  });

  it('is of another cluster, of a later timeline, or no WAL', () => {
    fc.assert(
      fc.property(
        segments,
        fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
        fc.integer({ min: 1, max: 0xffff_ffff }),
        (at, id, timeline) => {
          expect(contentOf(at, { systemIdentifier: id })).toBe(id === own ? 'whole' : 'of-another-cluster');
          // a segment that was copied at a promotion begins with pages of the timeline before
          expect(contentOf(at, { timeline })).toBe(timeline > 3 ? 'of-another-timeline' : 'whole');
          expect(contentOf(at, { address: (at.segment + 1n) * BigInt(segmentSize) })).toBe('not-wal');
          expect(contentOf(at, { magic: 0x7878 })).toBe('not-wal');
        },
      ),
    );
  });
});
