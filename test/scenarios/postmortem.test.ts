import { describe, test } from 'vitest';

import { onEachRelease } from '../lab/releases.ts';
import { expectHealthyPair } from './postmortem.ts';
import { healthyPairs } from './postmortem-healthy.ts';

describe.sequential('post-mortem', () =>
  onEachRelease((release) => {
    for (const setup of healthyPairs)
      if (release.major >= (setup.from ?? 0))
        test(`healthy: ${setup.name}`, { timeout: 120_000 }, async () => expectHealthyPair(setup, release));
  }));
