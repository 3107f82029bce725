import { describe, test } from 'vitest';

import { certificatePairs } from './client-certificates.ts';
import type { Release } from '../../src/demo/releases.ts';
import { complete, onEachRelease } from '../lab/releases.ts';
import { isEveryOther } from './matrix.ts';
import { healthyPairs } from './postmortem-healthy.ts';
import { quietPairs } from './postmortem-quiet.ts';
import { expectHealthyPair } from './postmortem.ts';
import type { HealthyPair } from './postmortem.ts';
import { turn } from './turn.ts';

/** Each pair on every other release, as the rows of the preflight. */
const isItsTurn = (major: number, number: number): boolean =>
  turn === 'whole' || isEveryOther(major, complete, number + turn);

/** Each on one of those that it is for, as the rows of the post-mortem: they take longer. */
function isItsOnlyOne(major: number, number: number, { from = 0 }: HealthyPair): boolean {
  const its = complete.filter((one) => one >= from);
  return turn === 'whole' || its[(number + turn) % its.length] === major;
}

const play = (setup: HealthyPair, release: Release): void =>
  test(setup.name, { timeout: 120_000 }, async () => expectHealthyPair(setup, release));

describe.sequential('healthy pairs', () =>
  onEachRelease((release) => {
    for (const [number, setup] of [...healthyPairs, ...certificatePairs].entries())
      if (release.major >= (setup.from ?? 0) && isItsTurn(release.major, number)) play(setup, release);
    for (const [number, setup] of quietPairs.entries())
      if (release.major >= (setup.from ?? 0) && isItsOnlyOne(release.major, number, setup)) play(setup, release);
  }));
