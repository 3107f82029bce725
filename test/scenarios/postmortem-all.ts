import { copyGoesOnPostmortem } from './being-written.ts';
import { accidentPostmortems } from './postmortem-accidents.ts';
import { architecturePostmortems } from './architecture.ts';
import { certificatePostmortems } from './client-certificates.ts';
import { filePostmortems } from './postmortem-files.ts';
import { hiddenPostmortems } from './postmortem-hidden.ts';
import { historyScenarios } from './postmortem-history.ts';
import { conninfoScenarios } from './postmortem-conninfo.ts';
import { dataDirectoryScenarios } from './postmortem-data-directory.ts';
import { identityPostmortems } from './postmortem-identity.ts';
import { logScenarios } from './postmortem-log.ts';
import { mountPostmortems } from './postmortem-mount.ts';
import { releasePostmortems } from './postmortem-releases.ts';
import { storagePostmortems } from './postmortem-storage.ts';
import { recoveryPostmortems, streamingPostmortems } from './postmortem-recovery.ts';
import { segmentPostmortems } from './postmortem-segments.ts';
import { slotPostmortems } from './postmortem-slot.ts';
import { wayPostmortems } from './postmortem-way.ts';
import { restoredPostmortems } from './postmortem-restored.ts';
import { revocationPostmortems } from './revocation.ts';
import { stoppedProcessPostmortems } from './stopped-processes.ts';
import { waitingPostmortems } from './postmortem-waiting.ts';
import type { PostmortemScenario } from './postmortem.ts';

/** Every fault of a standby that exists, made on real pairs. */
export const postmortemScenarios: readonly PostmortemScenario[] = [
  ...dataDirectoryScenarios,
  ...filePostmortems,
  ...mountPostmortems,
  ...storagePostmortems,
  ...releasePostmortems,
  ...conninfoScenarios,
  ...recoveryPostmortems,
  ...streamingPostmortems,
  ...slotPostmortems,
  ...wayPostmortems,
  ...hiddenPostmortems,
  ...segmentPostmortems,
  ...waitingPostmortems,
  ...certificatePostmortems,
  ...revocationPostmortems,
  ...historyScenarios,
  ...architecturePostmortems,
  ...logScenarios,
  ...identityPostmortems,
  ...stoppedProcessPostmortems,
  ...accidentPostmortems,
  copyGoesOnPostmortem,
  ...restoredPostmortems,
];
