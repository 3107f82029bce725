import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  endBefore,
  advance,
  bytesBetween,
  formatLsn,
  historyFileName,
  lsn,
  parseLsn,
  parseSystemIdentifier,
  parseTimelineId,
  parseWalFileName,
  segmentStart,
  timelineId,
  walFileName,
  walSegmentSize,
} from '../../src/postgres/lsn.ts';
import type { Lsn, TimelineId, WalSegmentSize } from '../../src/postgres/lsn.ts';
import { present } from '../present.ts';

const positions = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bytes) => present(lsn(bytes)));
const timelines = fc.integer({ min: 1, max: 0xff_ff_ff_ff }).map((number) => present(timelineId(number)));
const segmentSizes = fc.integer({ min: 20, max: 30 }).map((power) => present(walSegmentSize(2 ** power)));

const at = (text: string): Lsn => present(parseLsn(text));
const sixteenMegabytes = present(walSegmentSize(16 * 1024 * 1024));
const one = present(timelineId(1));

describe('an LSN', () => {
  it('is read and written as the server does', () => {
    expect(at('0/0')).toBe(0n);
    expect(at('16/B374D848')).toBe(0x16b374d848n);
    expect(at('FFFFFFFF/ffffffff')).toBe(2n ** 64n - 1n);
    expect(formatLsn(at('16/0B374d8'))).toBe('16/B374D8');
  });

  it.each(['', '0', '/', '0/', '/0', '0/G', ' 0/0', '0/0 ', '123456789/0', '0/123456789', '-1/0', '0/0/0', '0x1/0'])(
    'is not %j',
    (text) => {
      expect(parseLsn(text)).toBeUndefined();
    },
  );

  it('survives being written and read', () => {
    fc.assert(fc.property(positions, (position) => parseLsn(formatLsn(position)) === position));
  });

  it('counts bytes', () => {
    expect(bytesBetween(at('0/3000000'), at('1/0'))).toBe(0xfd000000n);
    expect(bytesBetween(at('1/0'), at('0/3000000'))).toBe(-0xfd000000n);
    expect(advance(at('0/FFFFFFFF'), 1n)).toBe(at('1/0'));
    expect(advance(at('0/0'), -1n)).toBeUndefined();
  });
});

const isReadBack = (timeline: TimelineId, position: Lsn, size: WalSegmentSize): void => {
  const file = parseWalFileName(walFileName(timeline, position, size), size);
  expect(file).toMatchObject({ kind: 'segment', timeline, start: segmentStart(position, size) });
};

const read = (name: string): unknown => parseWalFileName(name, sixteenMegabytes);

describe('the end before a record that is to come', () => {
  const sizes = { walBlockSize: 8_192, walSegmentSize: sixteenMegabytes };
  it.each([
    ['0/3000028', '0/3000000', 'the first page of a segment'],
    ['0/3002018', '0/3002000', 'a page within one'],
    ['0/3000018', '0/3000018', 'within the header of a segment'],
    ['0/3002028', '0/3002028', 'a record that has begun'],
    ['0/3000000', '0/3000000', 'the beginning of a page'],
    ['0/30000A0', '0/30000A0', 'anywhere else'],
  ])('%s is %s: %s', (position, end) => {
    expect(endBefore(at(position), sizes)).toBe(at(end));
  });
});

describe('the name of a WAL file', () => {
  it('is the server`s', () => {
    expect(walFileName(one, at('0/2000000'), sixteenMegabytes)).toBe('000000010000000000000002');
    expect(walFileName(one, at('0/1FFFFFF'), sixteenMegabytes)).toBe('000000010000000000000001');
    expect(walFileName(present(timelineId(0xab)), at('1/0'), sixteenMegabytes)).toBe('000000AB0000000100000000');
    expect(walFileName(one, at('1/0'), present(walSegmentSize(2 ** 20)))).toBe('000000010000000100000000');
    expect(historyFileName(present(timelineId(26)))).toBe('0000001A.history');
  });

  it('is read back to its timeline and first position', () => {
    fc.assert(fc.property(timelines, positions, segmentSizes, isReadBack));
  });

  it('tells what a file is', () => {
    expect(read('0000000A000000010000000B')).toEqual({
      kind: 'segment',
      timeline: 10,
      segment: 0x10bn,
      start: at('1/B000000'),
    });
    expect(read('0000000A000000010000000B.partial')).toMatchObject({ kind: 'partial', start: at('1/B000000') });
    expect(read('0000000A000000010000000B.00000028.backup')).toMatchObject({
      kind: 'backup-history',
      start: at('1/B000028'),
    });
    expect(read('0000000A.history')).toEqual({ kind: 'history', timeline: 10 });
  });

  it.each([
    '000000010000000000000100', // beyond what 16 MB segments number
    '000000000000000000000001', // no timeline 0
    '00000000.history',
    '00000001000000000000000a',
    '00000001000000000000000',
    '0000000100000000000000010',
    '000000010000000000000001.tmp',
    '000000010000000000000001.FFFFFFFF.backup',
    'archive_status',
    '',
  ])('is not %j', (name) => {
    expect(parseWalFileName(name, sixteenMegabytes)).toBeUndefined();
  });
});

describe('numbers from outside', () => {
  it('are timelines from 1 to 4294967295', () => {
    expect(parseTimelineId('4294967295')).toBe(4294967295);
    for (const text of ['0', '-1', '4294967296', '1.5', '', ' 1', '0x1']) expect(parseTimelineId(text)).toBeUndefined();
  });

  it('are system identifiers of 64 bits', () => {
    expect(parseSystemIdentifier('18446744073709551615')).toBe(2n ** 64n - 1n);
    for (const text of ['0', '18446744073709551616', '', '7e18']) expect(parseSystemIdentifier(text)).toBeUndefined();
  });

  it('are segment sizes that the server would have', () => {
    expect(walSegmentSize(2 ** 30)).toBe(2 ** 30);
    for (const bytes of [0, 2 ** 19, 2 ** 31, 3 * 2 ** 20, 2 ** 24 + 1, Number.NaN]) {
      expect(walSegmentSize(bytes)).toBeUndefined();
    }
  });
});
