import { describe, test } from 'vitest';

import { onEachRelease } from '../lab/releases.ts';
import { historyScenarios } from './postmortem-history.ts';
import { conninfoScenarios } from './postmortem-conninfo.ts';
import { dataDirectoryScenarios } from './postmortem-data-directory.ts';
import { logScenarios } from './postmortem-log.ts';
import { recoveryPostmortems, streamingPostmortems } from './postmortem-recovery.ts';
import { slotPostmortems } from './postmortem-slot.ts';
import { wayPostmortems } from './postmortem-way.ts';
import { playPostmortem } from './postmortem.ts';
import type { PostmortemScenario } from './postmortem.ts';

/** Every fault of a standby that exists, made on real pairs. */
export const postmortemScenarios: readonly PostmortemScenario[] = [
  ...dataDirectoryScenarios,
  ...conninfoScenarios,
  ...recoveryPostmortems,
  ...streamingPostmortems,
  ...slotPostmortems,
  ...wayPostmortems,
  ...historyScenarios,
  ...logScenarios,
];

/** A release's share of the matrix: a file each, so that two run side by side. */
export function playPostmortemsOn(major: number): void {
  describe.sequential('post-mortem', () =>
    onEachRelease(
      (release) => {
        for (const scenario of postmortemScenarios)
          if (release.major >= (scenario.from ?? 0) && release.major <= (scenario.to ?? Infinity))
            test(postmortemTitle(scenario), { timeout: 120_000 }, async () => playPostmortem(scenario, release));
      },
      { from: major, to: major },
    ));
}

export const postmortemTitle = ({ rule, name }: PostmortemScenario): string =>
  name === undefined ? rule : `${rule}: ${name}`;
