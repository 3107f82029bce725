import { describe, expect, test } from 'vitest';

import { releases } from '../lab/releases.ts';
import { faultPairs, playPair, titleOf } from './fuzz.ts';

/** `STANDBYLINT_FUZZ=seed:count[:major]`: so many pairs are made and looked at; without it, none. */
const [seed, count = 0, major = 17] = (process.env['STANDBYLINT_FUZZ'] ?? '').split(':').map(Number);

test('a seed gives the same pairs, each of two rules', () => {
  const pairs = faultPairs(7, 40, 17);
  expect(pairs).toEqual(faultPairs(7, 40, 17));
  expect(pairs).toHaveLength(40);
  expect(pairs.filter(({ first, second }) => first.rule === second.rule)).toEqual([]);
});

const release = releases.find((one) => one.major === major);
// a suite without a test is a failure
if (seed !== undefined && count > 0)
  describe.sequential('two faults at once', () => {
    if (release === undefined) throw new Error(`PostgreSQL ${major} is not on this machine`);
    for (const pair of faultPairs(seed, count, major))
      test(`${titleOf(pair.first)} + ${titleOf(pair.second)}`, { timeout: 240_000 }, async ({ annotate }) => {
        try {
          const played = await playPair(pair, release);
          if (played.outcome !== 'both are named')
            await annotate(
              played.outcome === 'one hides the other' ? `${played.outcome}: ${played.found}` : played.outcome,
            );
        } catch (error) {
          // shown at once: the others may take half an hour
          await annotate(String(error), 'error');
          throw error;
        }
      });
  });
