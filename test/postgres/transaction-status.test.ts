import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { mappedFiles } from '../../src/postgres/relation-map.ts';
import { lossOf, newestMultiXactFiles, newestStatusFile } from '../../src/postgres/transaction-status.ts';
import type { ControlFile } from '../../src/postgres/control-file.ts';
import { aCheckpoint, aControlFile } from '../rules/standby-world.ts';

const controlWith = (change: Partial<ControlFile['checkpoint']>): ControlFile => {
  const read = aControlFile({ checkpoint: aCheckpoint(change) });
  if (!read.ok) throw new Error('the control file of the healthy world can be read');
  return read.value;
};

/** As a server leaves it: each transaction before `ended` was committed. */
function whole(control: ControlFile): Uint8Array {
  const file = newestStatusFile(control);
  const bytes = new Uint8Array(file.bytes);
  for (let xid = Math.max(file.first, 3); xid < file.ended; xid += 1) {
    const at = Math.floor((xid - file.first) / 4);
    bytes[at] = (bytes[at] ?? 0) | (1 << (((xid - file.first) % 4) * 2));
  }
  return bytes;
}

const anyControl = fc
  .record({ next: fc.integer({ min: 300, max: 4_000_000 }), epoch: fc.integer({ min: 0, max: 5 }), open: fc.nat(200) })
  .map(({ next, epoch, open }) =>
    controlWith({ nextXid: BigInt(next) + (BigInt(epoch) << 32n), oldestActiveXid: Math.max(3, next - open) }),
  );

describe('the newest file of pg_xact', () => {
  test.each([
    [740n, 'pg_xact/0000', 8_192],
    [32_768n, 'pg_xact/0000', 8_192],
    [32_769n, 'pg_xact/0000', 16_384],
    [1_048_577n, 'pg_xact/0001', 8_192],
    [(7n << 32n) + 740n, 'pg_xact/0000', 8_192],
  ])('before transaction %d', (nextXid, path, bytes) => {
    expect(newestStatusFile(controlWith({ nextXid }))).toMatchObject({ path, bytes });
  });

  test('is whole where each ended transaction has a status, and whatever comes after them', () => {
    fc.assert(
      fc.property(anyControl, (control) => {
        expect(lossOf(newestStatusFile(control), whole(control))).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test('has lost something where a page is short, empty or zeros', () => {
    fc.assert(
      fc.property(anyControl, fc.nat(8_191), (control, less) => {
        const file = newestStatusFile(control);
        const bytes = whole(control);
        expect(lossOf(file, bytes.subarray(0, bytes.length - 1 - less))).toContain('are needed');
        const page = bytes.slice();
        page.fill(0, 0, 8_192);
        if (file.first + 256 <= file.ended) expect(lossOf(file, page)).toContain('no status of transactions');
      }),
      { numRuns: 30 },
    );
  });

  test('takes all as ended at a shutdown, which knows no oldest active transaction', () => {
    const control = controlWith({ nextXid: 740n, oldestActiveXid: 0 });
    expect(lossOf(newestStatusFile(control), new Uint8Array(8_192))).toBe(
      'it holds no status of transactions 3 to 255, which have ended',
    );
  });
});

describe('pg_filenode.map', () => {
  const map = (littleEndian: boolean, count = 2): Uint8Array => {
    const bytes = new Uint8Array(512);
    const view = new DataView(bytes.buffer);
    for (const [at, value] of [0x59_27_17, count, 1262, 1262, 1260, 16_400].entries())
      view.setUint32(at * 4, value, littleEndian);
    return bytes;
  };

  test('names files, in either byte order', () => {
    expect(mappedFiles(map(true))).toEqual([
      { file: 1262, neverEmpty: true },
      { file: 16_400, neverEmpty: true },
    ]);
    expect(mappedFiles(map(false))).toEqual([
      { file: 1262, neverEmpty: true },
      { file: 16_400, neverEmpty: true },
    ]);
  });

  test('is none where its beginning or its length says so', () => {
    expect(mappedFiles(new Uint8Array(512))).toBeUndefined();
    expect(mappedFiles(new Uint8Array(3))).toBeUndefined();
    expect(mappedFiles(map(true, 400))).toBeUndefined();
  });
});

/** nextMultiXact and nextMultiXactOffset as pg_controldata shows them, and the files that PostgreSQL 13 to 18 had then. */
describe('the newest files of pg_multixact', () => {
  test.each([
    [1, 0, ['pg_multixact/offsets/0000', 8_192], ['pg_multixact/members/0000', 8_192]],
    [2_049, 4_097, ['pg_multixact/offsets/0000', 16_384], ['pg_multixact/members/0000', 24_576]],
    [65_536, 52_353, ['pg_multixact/offsets/0000', 262_144], ['pg_multixact/members/0001', 8_192]],
    [65_537, 131_073, ['pg_multixact/offsets/0001', 8_192], ['pg_multixact/members/0002', 139_264]],
  ])('before %d with offset %d', (nextMultiXact, nextMultiXactOffset, ...files) => {
    const found = newestMultiXactFiles(controlWith({ nextMultiXact, nextMultiXactOffset }));
    expect(found.map(({ path, bytes }) => [path, bytes])).toEqual(files);
  });

  test('a segment of members that nothing was written to yet is not asked for', () => {
    const found = newestMultiXactFiles(controlWith({ nextMultiXact: 30_000, nextMultiXactOffset: 52_352 }));
    expect(found.map(({ path }) => path)).toEqual(['pg_multixact/offsets/0000']);
  });
});
