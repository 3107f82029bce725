import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { StreamingPicture } from '../../src/facts/streaming.ts';
import { formatLsn, lsn } from '../../src/postgres/lsn.ts';
import { progressBar, progressLine } from '../../src/report/copy-progress.ts';
import { columns } from '../../src/report/layout.ts';
import { noPaint } from '../../src/report/paint.ts';
import { pictureRows, pictureText } from '../../src/report/picture-text.ts';

const half = { doneBytes: 25 << 20, totalBytes: 50 << 20, percent: 50, bytesPerSecond: 5 << 20, secondsLeft: 5 };

describe('the progress of a copy', () => {
  it('is a bar on a terminal and a line elsewhere', () => {
    expect(progressBar(half, 79, noPaint)).toBe(
      `  ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  25 MB of 50 MB, 5 MB/s, 5 s left`,
    );
    expect(progressLine(half)).toBe('   50 %  25 MB of 50 MB, 5 MB/s, 5 s left');
    expect(progressLine({ ...half, bytesPerSecond: undefined, secondsLeft: undefined })).toBe(
      '   50 %  25 MB of 50 MB',
    );
  });

  it('fits into every terminal of 60 columns and more, whatever the numbers', () => {
    const bytes = integer({ min: 0, max: 2 ** 50 });
    assert(
      property(bytes, bytes, bytes, integer({ min: 0, max: 150 }), integer({ min: 60, max: 100 }), (...given) => {
        const [doneBytes, totalBytes, bytesPerSecond, percent, width] = given;
        const bar = progressBar(
          { doneBytes, totalBytes, percent, bytesPerSecond, secondsLeft: percent * 60 },
          width,
          noPaint,
        );
        expect(columns(bar)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

const side = { inRecovery: false, lsn: lsn(0x3000148n), timeline: 1, streaming: 'streaming', source: '--admin' };
const picture: StreamingPicture = {
  proof: { by: 'pg_stat_wal_receiver', says: 'status is streaming' },
  primary: side,
  standby: { ...side, inRecovery: true },
  caughtUp: true,
  rows: [{ table: 'public.a', primary: 1234567n, standby: 1234567n, primaryAfterwards: undefined }],
  remarks: [],
};
const marks = (changed: StreamingPicture): readonly string[] => pictureRows(changed, formatLsn).map(({ mark }) => mark);

const rowWith = (primaryAfterwards: bigint): unknown =>
  pictureRows({ ...picture, rows: [{ table: 't', primary: 10n, standby: 12n, primaryAfterwards }] }, formatLsn).at(-1);

describe('the picture of both sides', () => {
  it('marks what is equal, and nothing that was not seen', () => {
    expect(marks(picture)).toEqual(['', '→', '=', '=', '=']);
    expect(marks({ ...picture, standby: { ...picture.standby, timeline: 2 } })).toEqual(['', '→', '=', '≠', '=']);
    expect(marks({ ...picture, standby: { ...picture.standby, lsn: undefined } })[2]).toBe('');
    expect(marks({ ...picture, standby: { ...picture.standby, lsn: lsn(0x3000150n) } })[2]).toBe('≤');
  });

  it('does not call a table unequal that is written to meanwhile, and does call one that is not', () => {
    expect(rowWith(13n)).toMatchObject({ primary: '10, then 13', standby: '12', mark: '' });
    expect(rowWith(10n)).toMatchObject({ primary: '10', standby: '12', mark: '≠' });
  });

  it('stands in 80 columns', () => {
    const before = { primary: '127.0.0.1:5432', lsn: 'FFFFFFFF/FFFFFFFF', target: 'an empty directory' };
    const scene = { endpoint: '', primaryName: 'db1', source: 'primary', copyBytes: undefined } as const;
    const context = { width: 80, paint: noPaint, scene };
    const text = pictureText(picture, before, { standby: 'port 5433 on this host', lsn: formatLsn }, context);
    expect(text.join('\n')).toContain('1,234,567');
    for (const line of text) expect(columns(line)).toBeLessThanOrEqual(80);
  });
});
