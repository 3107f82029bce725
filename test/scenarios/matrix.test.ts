import { expect, test } from 'vitest';

import { complete } from '../lab/releases.ts';
import { isPlayedOn, keyOf, rows } from './matrix.ts';
import type { Proofs } from './proven.ts';
import { scenariosPage } from './page.ts';
import { withRun } from './proven.ts';

test('eight turns play each row on each of its releases, on one at a time, and every other turn', () => {
  for (const first of [0, 20_779]) {
    const turns = Array.from({ length: 8 }, (_, further) => first + further);
    for (const row of rows) {
      const on = turns.map((turn) => complete.filter((major) => isPlayedOn(row, major, turn)));
      expect(new Set(on.flat()), row.title).toEqual(new Set(row.releases));
      const lengths = on.map(({ length }) => length);
      expect([lengths, lengths.toReversed()]).toContainEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    }
  }
});

const [row, other] = rows.filter(({ releases }) => releases.length === complete.length);
if (row === undefined || other === undefined) throw new Error('no row is for all releases');
const [key, otherKey] = [keyOf(row), keyOf(other)];
const before: Proofs = {
  [key]: { risk: 'safe', on: { '13': 4, '15': 'it was slow', '17': 20 } },
  [otherKey]: { risk: 'disruptive', on: { '18': 3 } },
  'preflight a row that is no more': { risk: null, on: { '13': 1 } },
};

test('a run changes what it has played, and nothing else', () => {
  const played = { row: key, risk: 'disruptive', why: undefined } as const;
  const after = withRun(before, [
    { ...played, release: 13, seconds: 5.9 },
    { ...played, release: 15, seconds: 0.2 },
    { ...played, release: 17, seconds: 8 },
    { ...played, release: 18, seconds: 7, risk: null, why: 'the rule stood second' },
  ]);
  expect(after).toEqual({
    [key]: { risk: 'disruptive', on: { '13': 4, '15': 1, '17': 8, '18': 'the rule stood second' } },
    [otherKey]: before[otherKey],
  });
  expect(withRun(after)).toEqual(after);
});

test('the page has a line for each row, and says what is proven', () => {
  const page = scenariosPage(withRun(before));
  expect(page.match(/^\| \[/gmu)).toHaveLength(rows.length);
  expect(page).toContain('| safe | proven | not proven: it was slow | proven | not played yet |');
});
