import { describe, expect, test } from 'vitest';

import { complete, releases } from '../lab/releases.ts';
import { turn } from '../lab/turn.ts';
import { faultPairs, pairsOfTurn, playPair, rotation, titleOf } from './fuzz.ts';
import type { FaultPair } from './fuzz.ts';

const namesOf = ({ first, second }: FaultPair): string => `${titleOf(first)} + ${titleOf(second)}`;

test('a seed gives the same pairs, each of two rules', () => {
  const pairs = faultPairs(7, 40, 17);
  expect(pairs).toEqual(faultPairs(7, 40, 17));
  expect(pairs).toHaveLength(40);
  expect(pairs.filter(({ first, second }) => first.rule === second.rule)).toEqual([]);
});

test('commits in a row play every pair on every release', () => {
  const turns = (rotation.count / rotation.each) * complete.length;
  const played = Array.from({ length: turns }, (_, number) => pairsOfTurn(4321 + number, complete));
  for (const major of complete) {
    const pairs = played.filter((one) => one.major === major).flatMap((one) => one.pairs.map(namesOf));
    expect(pairs).toHaveLength(rotation.count);
    expect(new Set(pairs)).toEqual(new Set(faultPairs(rotation.seed + major, rotation.count, major).map(namesOf)));
  }
});

/** `STANDBYLINT_FUZZ=seed:count[:major]` plays so many pairs (npm run fuzz); without it the turn of the commit decides. */
function pairsNow(): ReturnType<typeof pairsOfTurn> {
  const asked = process.env['STANDBYLINT_FUZZ'];
  if (asked === undefined)
    return turn === 'whole'
      ? { major: 18, pairs: [] }
      : pairsOfTurn(turn, releases.map(({ major }) => major).toReversed());
  const [seed = rotation.seed, count = rotation.count, major = 17] = asked.split(':').map(Number);
  return { major, pairs: faultPairs(seed, count, major) };
}

const { major, pairs } = pairsNow();
const release = releases.find((one) => one.major === major);
// a suite without a test is a failure
if (pairs.length > 0)
  describe.sequential(`two faults at once on PostgreSQL ${major}`, () => {
    if (release === undefined) throw new Error(`PostgreSQL ${major} is not on this machine`);
    for (const pair of pairs)
      test(namesOf(pair), { timeout: 240_000 }, async ({ annotate }) => {
        const played = await playPair(pair, release, { isShort: process.env['STANDBYLINT_FUZZ'] === undefined });
        if (played.outcome === 'one hides the other') await annotate(`${played.outcome}: ${played.found}`);
        else if (played.outcome === 'they cannot hold at once') await annotate(played.outcome);
      });
  });
