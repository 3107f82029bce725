import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { lsn, parseWalFileName, timelineId, walFileName, walSegmentSize } from '../../src/postgres/lsn.ts';
import { segmentsByTimeline, segmentStarts } from '../../src/postgres/wal-listing.ts';

const anyName = fc.record({
  timeline: fc.constantFrom(1, 2, 255, 0xff_ff_ff_ff),
  // not the very last one of 1 GiB: no LSN is behind it
  segment: fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 0x3_ff_ff_ff_fen)),
  ending: fc.constantFrom('', '', '', '.partial', '.00000028.backup'),
});
/** What is no segment's name: too short, in small letters, a timeline 0, digits that no segment has. */
const odd = [
  'archive_status',
  '00000002.history',
  '00000001000000000000000a',
  '000000000000000000000001',
  'xlogtemp.17',
];

test('segments are told by their names, and begin where the names say', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyName, { maxLength: 60, selector: ({ timeline, segment }) => `${timeline} ${segment}` }),
      fc.constantFrom(1, 16, 1024),
      (given, mebibytes) => {
        const size = walSegmentSize(mebibytes * 1_048_576);
        if (size === undefined) throw new Error('no segment size');
        const names = given.flatMap(({ timeline, segment, ending }) => {
          const [id, start] = [timelineId(timeline), lsn(segment * BigInt(size))];
          return id === undefined || start === undefined ? [] : [`${walFileName(id, start, size)}${ending}`];
        });
        const { timelines, bytes } = segmentsByTimeline([...odd, ...names, '0000000100000001FFFFFFFF'], size);
        const parsed = names.flatMap((name) => {
          const file = parseWalFileName(name, size);
          return file?.kind === 'segment' ? [`${file.timeline} ${file.start}`] : [];
        });
        const found = timelines.flatMap((wal) => [...segmentStarts(wal, size)].map((at) => `${wal.timeline} ${at}`));
        expect(found.toSorted()).toEqual(parsed.toSorted());
        expect(bytes).toBe(BigInt(parsed.length) * BigInt(size));
        for (const { first, end, last, gaps } of timelines) {
          expect(end).toBe(gaps[0]?.from ?? last);
          expect(first).toBeLessThan(end);
          for (const { from, to } of gaps) expect(from).toBeLessThan(to);
        }
      },
    ),
  );
});
