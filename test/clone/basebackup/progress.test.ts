import { describe, expect, it } from 'vitest';
import { lineSplitter, paceOf, parseProgressLine } from '../../../src/clone/basebackup/progress.ts';

describe('parseProgressLine', () => {
  it.each([
    ['  10283/130657 kB (7%), 0/1 tablespace', 10283, 130657, 7, 0, 1],
    ['130668/130668 kB (100%), 1/1 tablespace', 130668, 130668, 100, 1, 1],
    [' 42/100 kB (42%), 0/2 tablespaces (/data/base/1/2                 )', 42, 100, 42, 0, 2],
  ])('reads %j', (line, done, total, percent, first, second) => {
    expect(parseProgressLine(line)).toEqual({
      kind: 'progress',
      progress: {
        doneBytes: done * 1024,
        totalBytes: total * 1024,
        percent,
        tablespaces: { done: first, total: second },
      },
    });
  });

  it('knows the wait for the checkpoint, and leaves all other words as they are', () => {
    expect(parseProgressLine('waiting for checkpoint')).toEqual({ kind: 'waiting-for-checkpoint' });
    expect(parseProgressLine('pg_basebackup: error: could not read COPY data: x')).toEqual({
      kind: 'words',
      text: 'pg_basebackup: error: could not read COPY data: x',
    });
    expect(parseProgressLine('   ')).toBeUndefined();
  });
});

describe('lineSplitter', () => {
  it('splits at carriage returns and line feeds, wherever the chunks end', () => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    for (const chunk of ['wait', 'ing\r 1', '/2\rend', 'ing']) splitter.push(chunk);
    splitter.end();
    expect(lines).toEqual(['waiting', ' 1/2', 'ending']);
  });
});

describe('paceOf', () => {
  const progress = { doneBytes: 1500, totalBytes: 3500, percent: 43, tablespaces: { done: 0, total: 1 } };
  const first = { doneBytes: 500 };
  it('gives the average rate since the first look, and the time left', () => {
    expect(paceOf(progress, first, 500)).toEqual({ bytesPerSecond: 2000, secondsLeft: 1 });
  });
  it('says nothing of the rate in the first moments', () => {
    expect(paceOf(progress, first, 20)).toEqual({ bytesPerSecond: undefined, secondsLeft: undefined });
  });
  it('says nothing of the time left before anything moved, or past the estimate', () => {
    expect(paceOf({ ...progress, doneBytes: 500 }, first, 500).secondsLeft).toBeUndefined();
    expect(paceOf({ ...progress, doneBytes: 4000 }, first, 500).secondsLeft).toBeUndefined();
  });
});
