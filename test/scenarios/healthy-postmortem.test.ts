import { describe, test } from 'vitest';

import { onEachRelease } from '../lab/releases.ts';
import { healthyPairs } from './postmortem-healthy.ts';
import { expectHealthyPair } from './postmortem.ts';

describe.sequential('healthy pairs', () =>
  onEachRelease((release) => {
    for (const setup of healthyPairs)
      if (release.major >= (setup.from ?? 0))
        test(setup.name, { timeout: 120_000 }, async () => expectHealthyPair(setup, release));
  }));
