import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseLsn, timelineId } from '../../src/postgres/lsn.ts';
import type { Lsn, TimelineId } from '../../src/postgres/lsn.ts';
import {
  findForkPoint,
  historyWithoutFile,
  isAncestor,
  liesOnHistory,
  parseTimelineHistory,
  switchPoint,
  timelineAt,
} from '../../src/postgres/timeline-history.ts';
import type { TimelineHistory } from '../../src/postgres/timeline-history.ts';
import { present } from '../present.ts';

const at = (text: string): Lsn => present(parseLsn(text));
const timeline = (number: number): TimelineId => present(timelineId(number));

function history(number: number, text: string): TimelineHistory {
  const result = parseTimelineHistory(text, timeline(number));
  if (!result.ok) throw new Error(result.fault.expected);
  return result.value;
}

const ofThree = history(
  3,
  '1\t0/3000158\tno recovery target specified\n\n2\t0/5000000\tbefore 2000-01-01 00:00:00+00\n',
);

describe('a timeline history', () => {
  it('is read, its ancestors first', () => {
    expect(ofThree).toEqual([
      { timeline: 1, begin: null, end: at('0/3000158'), reason: 'no recovery target specified' },
      { timeline: 2, begin: at('0/3000158'), end: at('0/5000000'), reason: 'before 2000-01-01 00:00:00+00' },
      { timeline: 3, begin: at('0/5000000'), end: null, reason: null },
    ]);
    expect(history(2, '# a comment\n  \n1 0/60\n')).toHaveLength(2);
    expect(history(2, '')).toEqual(historyWithoutFile(timeline(2)));
  });

  it.each([
    ['x\t0/1\n', 1, 'a numeric timeline'],
    ['1\t0/1\n\n0\t0/2\n', 3, 'a numeric timeline'],
    ['1\n', 1, 'a switch point'],
    ['1\t1\n', 1, 'a switch point'],
    ['10/2\n', 1, 'a switch point'],
    ['2\t0/1\n1\t0/2\n', 2, 'increasing timelines'],
    ['1\t0/1\n1\t0/2\n', 2, 'increasing timelines'],
    ['1\t0/1\n9\t0/2\n', 2, 'timelines below its own'],
  ])('%j has a fault in line %d', (text, line, expected) => {
    expect(parseTimelineHistory(text, timeline(9))).toMatchObject({ ok: false, fault: { line, expected } });
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseTimelineHistory(text, timeline(2)).ok === 'boolean'));
  });

  it('tells which timeline a position belongs to', () => {
    const timelines = ['0/0', '0/3000157', '0/3000158', '0/4FFFFFF', '0/5000000', 'F/0'].map((text) =>
      timelineAt(ofThree, at(text)),
    );
    expect(timelines).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('tells its ancestors and where it left them', () => {
    expect(isAncestor(ofThree, timeline(2))).toBe(true);
    expect(isAncestor(ofThree, timeline(4))).toBe(false);
    expect(switchPoint(ofThree, timeline(1))).toBe(at('0/3000158'));
    expect(switchPoint(ofThree, timeline(3))).toBeNull();
    expect(switchPoint(ofThree, timeline(4))).toBeUndefined();
  });

  it('goes through what was written before it branched off, and not through what came after', () => {
    expect(liesOnHistory(ofThree, timeline(1), at('0/3000158'))).toBe(true);
    expect(liesOnHistory(ofThree, timeline(1), at('0/3000159'))).toBe(false);
    expect(liesOnHistory(ofThree, timeline(3), at('F/0'))).toBe(true);
    expect(liesOnHistory(ofThree, timeline(4), at('0/0'))).toBe(false);
  });
});

describe('two histories', () => {
  const promotedElsewhere = history(4, '1\t0/3000158\tx\n2\t0/4000000\ty\n');

  it('part where the first of them left the last timeline that both have', () => {
    expect(findForkPoint(ofThree, promotedElsewhere)).toEqual({ timeline: 2, lsn: at('0/4000000') });
    expect(findForkPoint(promotedElsewhere, ofThree)).toEqual({ timeline: 2, lsn: at('0/4000000') });
  });

  it('part where one goes on on a timeline that the other left', () => {
    const stayed = historyWithoutFile(timeline(1));
    expect(findForkPoint(stayed, ofThree)).toEqual({ timeline: 1, lsn: at('0/3000158') });
  });

  it('are not told apart on one timeline', () => {
    expect(findForkPoint(ofThree, ofThree)).toEqual({ timeline: 3, lsn: null });
  });

  it('know that timelines of the same number need not be the same', () => {
    const otherTwo = history(3, '1\t0/2000000\tx\n2\t0/5000000\ty\n');
    expect(findForkPoint(ofThree, otherTwo)).toEqual({ timeline: 1, lsn: at('0/2000000') });
  });

  it('may have nothing in common', () => {
    expect(findForkPoint(historyWithoutFile(timeline(7)), ofThree)).toBeNull();
  });
});
