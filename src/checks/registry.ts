import { archiveCheck } from './archive.ts';
import type { AnyCheck } from './check.ts';
import { clientToolsCheck } from './client-tools.ts';
import { clustersHereCheck } from './clusters-here.ts';
import { clustersNearCheck } from './clusters-near.ts';
import { clock } from './clock.ts';
import { commandLine } from './command-line.ts';
import { connectionPlan } from './connection-plan.ts';
import { containersCheck } from './containers.ts';
import { controlFileCheck } from './control-file.ts';
import { dataDirectoryCheck } from './data-directory.ts';
import { installedLibrariesCheck } from './installed-libraries.ts';
import { installedToolsCheck } from './installed-tools.ts';
import { dataFilesCheck } from './data-files.ts';
import { relationFilesCheck } from './relation-files.ts';
import { primariesHereCheck } from './primaries-here.ts';
import { refusingServerCheck } from './refusing-server.ts';
import { copyAttemptCheck } from './copy-attempt.ts';
import { lastCopyCheck } from './last-copy.ts';
import { localEndCheck } from './local-end.ts';
import { localMemoryCheck } from './local-memory.ts';
import { localPlatformCheck } from './local-platform.ts';
import { localSizeCheck } from './local-size.ts';
import { localWalCheck } from './local-wal.ts';
import { loginsCheck } from './logins.ts';
import { operatingSystemUserCheck } from './operating-system-user.ts';
import { managerCheck } from './manager.ts';
import { managerLogCheck } from './manager-log.ts';
import { repmgrRecordCheck } from './repmgr-record.ts';
import { directoryWritersCheck } from './directory-writers.ts';
import { ownProcessesCheck } from './own-processes.ts';
import { policyCheck } from './policy.ts';
import { preparedConfigurationCheck } from './prepared-configuration.ts';
import { primary } from './primary.ts';
import { primaryFilesCheck } from './primary-files.ts';
import { runningStandbyCheck } from './running-standby.ts';
import { sharedStorageCheck } from './shared-storage.ts';
import { standbyConfigurationCheck } from './standby-configuration.ts';
import { standbyConninfoCheck } from './standby-conninfo.ts';
import { debianClusterCheck } from './debian-cluster.ts';
import { standbyControlCheck } from './standby-control.ts';
import { serverFilesCheck } from './server-files.ts';
import { serverJudgementCheck } from './server-judgement.ts';
import { missingPagesCheck } from './missing-pages.ts';
import { senderLogCheck } from './sender-log.ts';
import { serverTargetCheck } from './server-target.ts';
import { serverLogCheck } from './server-log.ts';
import { standbyProcessesCheck } from './standby-processes.ts';
import { standbyPortCheck } from './standby-port.ts';
import { startNeedsCheck } from './start-needs.ts';
import { standbySettingsCheck } from './standby-settings.ts';
import { standbySlotsCheck } from './standby-slots.ts';
import { standbyServerUserCheck } from './standby-server-user.ts';
import { tablespaceTargetsCheck } from './tablespace-targets.ts';
import { targetJudgementCheck } from './target-judgement.ts';
import { targetDirectoryCheck } from './target-directory.ts';
import { timelinesCheck } from './timelines.ts';
import { upstreamCheck } from './upstream.ts';
import { upstreamProcessesCheck } from './upstream-processes.ts';
import { upstreamStandbyCheck } from './upstream-standby.ts';
import { earlierManifestCheck } from './earlier-manifest.ts';
import { walDirectoryCheck } from './wal-directory.ts';

/**
 * Every check. A fact is brought by exactly one of them; the engine runs those whose facts are asked for, and begins in
 * this order: first those that wait for servers, and what they wait for; at the end the one that reads much.
 */
export const checks: readonly AnyCheck[] = [
  standbySettingsCheck,
  upstreamCheck,
  loginsCheck,
  dataDirectoryCheck,
  controlFileCheck,
  runningStandbyCheck,
  clock,
  policyCheck,
  commandLine,
  operatingSystemUserCheck,
  installedToolsCheck,
  clientToolsCheck,
  targetDirectoryCheck,
  walDirectoryCheck,
  tablespaceTargetsCheck,
  preparedConfigurationCheck,
  standbyPortCheck,
  earlierManifestCheck,
  targetJudgementCheck,
  installedLibrariesCheck,
  localPlatformCheck,
  localMemoryCheck,
  localWalCheck,
  serverFilesCheck,
  standbySlotsCheck,
  standbyConfigurationCheck,
  standbyServerUserCheck,
  serverJudgementCheck,
  standbyConninfoCheck,
  standbyControlCheck,
  debianClusterCheck,
  managerCheck,
  repmgrRecordCheck,
  startNeedsCheck,
  containersCheck,
  connectionPlan,
  primary,
  upstreamStandbyCheck,
  primaryFilesCheck,
  serverTargetCheck,
  standbyProcessesCheck,
  clustersHereCheck,
  clustersNearCheck,
  dataFilesCheck,
  relationFilesCheck,
  sharedStorageCheck,
  ownProcessesCheck,
  directoryWritersCheck,
  upstreamProcessesCheck,
  archiveCheck,
  localEndCheck,
  timelinesCheck,
  lastCopyCheck,
  copyAttemptCheck,
  refusingServerCheck,
  primariesHereCheck,
  localSizeCheck,
  managerLogCheck,
  serverLogCheck,
  senderLogCheck,
  missingPagesCheck,
];
