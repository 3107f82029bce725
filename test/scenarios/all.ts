import { architectureScenarios } from './architecture.ts';
import { copyGoesOnPreflight } from './being-written.ts';
import { clientScenarios } from './client.ts';
import { certificateScenarios } from './client-certificates.ts';
import { commandScenarios } from './command.ts';
import { hbaScenarios } from './hba.ts';
import { networkScenarios, tlsScenarios } from './network.ts';
import { platformScenarios } from './platform.ts';
import { poolerScenarios } from './pooler.ts';
import { primaryScenarios, slotScenarios } from './primary.ts';
import { stoppedProcessScenarios } from './stopped-processes.ts';
import { roleScenarios } from './role.ts';
import { revocationScenarios } from './revocation.ts';
import type { Scenario } from './scenario.ts';
import { targetStorageScenarios } from './target-storage.ts';
import { targetScenarios } from './target.ts';
import { travelScenarios } from './travel.ts';

/** Every fault that is made on real servers. */
export const scenarios: readonly Scenario[] = [
  ...commandScenarios,
  ...targetScenarios,
  ...targetStorageScenarios,
  ...clientScenarios,
  ...networkScenarios,
  ...stoppedProcessScenarios,
  ...poolerScenarios,
  ...tlsScenarios,
  ...certificateScenarios,
  ...revocationScenarios,
  ...hbaScenarios,
  ...roleScenarios,
  ...primaryScenarios,
  ...travelScenarios,
  ...slotScenarios,
  ...platformScenarios,
  copyGoesOnPreflight,
  ...architectureScenarios,
];
