import { describe, test } from 'vitest';

import { certificatePairs } from './client-certificates.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import { complete, onEachRelease } from '../lab/releases.ts';
import { healthyPairs } from './postmortem-healthy.ts';
import { quietPairs } from './postmortem-quiet.ts';
import { expectHealthyPair } from './postmortem.ts';
import type { HealthyPair } from './postmortem.ts';
import { itsRelease, turn } from '../lab/turn.ts';

const isItsTurn = ({ from = 0 }: HealthyPair, major: number, number: number): boolean => {
  const its = complete.filter((one) => one >= from);
  return turn === 'whole' ? its.includes(major) : itsRelease(its, number, turn) === major;
};

const play = (setup: HealthyPair, release: Release): void =>
  test(setup.name, { timeout: 120_000 }, async () => expectHealthyPair(setup, release));

describe.sequential('healthy pairs', () =>
  onEachRelease((release) => {
    for (const [number, setup] of [...healthyPairs, ...certificatePairs, ...quietPairs].entries())
      if (isItsTurn(setup, release.major, number)) play(setup, release);
  }));
