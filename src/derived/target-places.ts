import type { Place } from '../facts/machine.ts';
import type { Observed } from '../facts/observed.ts';
import { ifSeen } from '../facts/observed.ts';

/** Where a base backup writes: its target, its WAL directory, its tablespaces, as far as they were seen. */
export const targetPlaces = ({
  targetDirectory,
  walDirectory,
  tablespaceTargets,
}: {
  readonly targetDirectory: Place;
  readonly walDirectory: Observed<Place>;
  readonly tablespaceTargets: Observed<readonly { readonly place: Place }[]>;
}): readonly Place[] => {
  const ofWal = ifSeen(walDirectory);
  return [
    targetDirectory,
    ...(ofWal === undefined ? [] : [ofWal]),
    ...(ifSeen(tablespaceTargets) ?? []).map(({ place }) => place),
  ];
};
