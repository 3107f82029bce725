import { describe, test } from 'vitest';

import { certificateSetups } from './client-certificates.ts';
import { onEachRelease } from '../lab/releases.ts';
import { expectHealthy, healthySetups } from './healthy.ts';

describe.sequential('healthy setups', () =>
  onEachRelease((release) => {
    for (const setup of [...healthySetups, ...certificateSetups])
      test(setup.name, { timeout: 120_000 }, async () => expectHealthy(setup, release));
  }));
