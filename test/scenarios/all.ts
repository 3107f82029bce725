import { describe, test } from 'vitest';

import { onEachRelease } from '../lab/releases.ts';
import { clientScenarios } from './client.ts';
import { commandScenarios } from './command.ts';
import { hbaScenarios } from './hba.ts';
import { expectHealthy, healthySetups } from './healthy.ts';
import { networkScenarios, tlsScenarios } from './network.ts';
import { poolerScenarios } from './pooler.ts';
import { primaryScenarios, slotScenarios } from './primary.ts';
import { roleScenarios } from './role.ts';
import { play } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { targetScenarios } from './target.ts';

/** Every fault that is made on real servers. */
export const scenarios: readonly Scenario[] = [
  ...commandScenarios,
  ...targetScenarios,
  ...clientScenarios,
  ...networkScenarios,
  ...poolerScenarios,
  ...tlsScenarios,
  ...hbaScenarios,
  ...roleScenarios,
  ...primaryScenarios,
  ...slotScenarios,
];

/** A release's share of the matrix: a file each, so that two run side by side. */
export function playOn(major: number): void {
  describe.sequential('scenarios', () =>
    onEachRelease(
      (release) => {
        for (const scenario of scenarios)
          if (release.major >= (scenario.from ?? 0) && release.major <= (scenario.to ?? Infinity))
            test(titleOf(scenario), { timeout: 120_000 }, async () => play(scenario, release));
        for (const setup of healthySetups)
          test(`healthy: ${setup.name}`, { timeout: 120_000 }, async () => expectHealthy(setup, release));
      },
      { from: major, to: major },
    ));
}

export const titleOf = ({ rule, name }: Scenario): string => (name === undefined ? rule : `${rule}: ${name}`);
