import { describe, test } from 'vitest';

import { certificatePairs } from './client-certificates.ts';
import { complete, onEachRelease } from '../lab/releases.ts';
import { isEveryOther } from './matrix.ts';
import { healthyPairs } from './postmortem-healthy.ts';
import { quietPairs } from './postmortem-quiet.ts';
import { expectHealthyPair } from './postmortem.ts';
import { turn } from './turn.ts';

/** Each pair on every other release, as the rows of the preflight. */
const isItsTurn = (major: number, number: number): boolean =>
  turn === 'whole' || isEveryOther(major, complete, number + turn);

describe.sequential('healthy pairs', () =>
  onEachRelease((release) => {
    for (const [number, setup] of [...healthyPairs, ...certificatePairs, ...quietPairs].entries())
      if (release.major >= (setup.from ?? 0) && isItsTurn(release.major, number))
        test(setup.name, { timeout: 120_000 }, async () => expectHealthyPair(setup, release));
  }));
