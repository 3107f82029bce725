import { describe, test } from 'vitest';

import { onEachRelease } from '../lab/releases.ts';
import { expectHealthy, healthySetups } from './healthy.ts';

describe.sequential('healthy setups', () =>
  onEachRelease((release) => {
    for (const setup of healthySetups)
      test(setup.name, { timeout: 120_000 }, async () => expectHealthy(setup, release));
  }));
