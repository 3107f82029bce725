import { describe, test } from 'vitest';

import { complete, onEachRelease } from '../lab/releases.ts';
import { itsRelease, turn } from '../lab/turn.ts';
import { compoundsOfCopies, compoundsOfStandbys, playCompoundOfCopy, playCompoundOfStandby } from './compound.ts';

/** A run plays every other row, each on one release: eight turns show each on each. */
const isPlayed = (major: number, number: number): boolean =>
  turn === 'whole' || ((number + turn) % 2 === 0 && itsRelease(complete, number, Math.floor(turn / 2)) === major);

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
