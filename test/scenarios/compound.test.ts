import { describe, test } from 'vitest';

import { complete, onEachRelease } from '../lab/releases.ts';
import { itsReleaseNow, turn } from '../lab/turn.ts';
import { compoundsOfCopies, compoundsOfStandbys, playCompoundOfCopy, playCompoundOfStandby } from './compound.ts';

const isPlayed = (major: number, number: number): boolean =>
  turn === 'whole' || itsReleaseNow(complete, number, turn) === major;

describe.sequential('several faults at once', () =>
  onEachRelease((release) => {
    for (const [number, compound] of compoundsOfCopies.entries())
      if (isPlayed(release.major, number))
        test(`of a copy: ${compound.rules.join(', ')}`, { timeout: 120_000 }, async () =>
          playCompoundOfCopy(compound, release),
        );
    for (const [number, compound] of compoundsOfStandbys.entries())
      if (isPlayed(release.major, number))
        test(`of a standby: ${compound.rules.join(', ')}`, { timeout: 120_000 }, async () =>
          playCompoundOfStandby(compound, release),
        );
  }));
