import type { Proof } from './confirmed.ts';
import type { Explanation } from './explanation.ts';
import { baseBackupCommand } from './shapes/base-backup-command.ts';
import { patroniMembers, repmgrNodes, repmgrRecords } from './shapes/cluster-tables.ts';
import { backupProgress } from './shapes/backup-progress.ts';
import { containerFile, hostMount, initScript, mountInVain } from './shapes/container-file.ts';
import { autoFailoverNodes } from './shapes/auto-failover-nodes.ts';
import { harmfulCommands } from './shapes/harmful-commands.ts';
import { hbaLines } from './shapes/hba-lines.ts';
import { controlData, directoryListing, slots, walSenders } from './shapes/output.ts';
import { freeSpace, listeningSockets, mountPoint, processList, serviceStatus } from './shapes/machine.ts';
import {
  backupLabel,
  passwordFile,
  retrievedPassword,
  roles,
  segmentListing,
  timelineHistory,
} from './shapes/small-files.ts';
import { otherDatabase } from './shapes/other-database.ts';
import { poolNodes } from './shapes/pool-nodes.ts';
import { settings } from './shapes/settings.ts';
import { archiver, debianClusters, inRecovery, lagOfQuery, replayPaused, walReceiver } from './shapes/standby-views.ts';
import {
  barmanConfiguration,
  operatorResource,
  patroniConfiguration,
  pgBackRestConfiguration,
  repmgrConfiguration,
} from './shapes/tool-files.ts';
import { upgraded } from './shapes/upgraded.ts';

/** What is no message but can be told apart all the same: lines of configuration, output of psql and of programs, a command. */
export function shapesIn(text: string): readonly Explanation[] {
  for (const look of ofTools) {
    const found = look(text);
    if (found !== undefined) return [found];
  }
  return ofPostgres.flatMap((look) => look(text) ?? []).slice(0, 3);
}

/** What stands beside a message may show its cause. */
export const proofsIn = (text: string): readonly Proof[] => [
  ...[hostMount(text) ?? []].flat().map((found) => ({ found, inVain: true })),
  ...[upgraded(text) ?? []].flat().map((found) => ({ found, inVain: false })),
  ...ofPostgres.flatMap((look) => look(text) ?? []).map((found) => ({ found, inVain: false })),
];

type Look = (text: string) => Explanation | undefined;

/** Their tables and files hold what looks like PostgreSQL's. */
const ofTools: readonly Look[] = [
  patroniMembers,
  repmgrNodes,
  repmgrRecords,
  poolNodes,
  autoFailoverNodes,
  operatorResource,
  patroniConfiguration,
  repmgrConfiguration,
  pgBackRestConfiguration,
  barmanConfiguration,
  otherDatabase,
];

/** A question may show several of them. */
const ofPostgres: readonly Look[] = [
  harmfulCommands,
  baseBackupCommand,
  controlData,
  slots,
  backupProgress,
  walReceiver,
  walSenders,
  archiver,
  inRecovery,
  replayPaused,
  lagOfQuery,
  debianClusters,
  directoryListing,
  segmentListing,
  serviceStatus,
  processList,
  freeSpace,
  listeningSockets,
  hbaLines,
  settings,
  passwordFile,
  retrievedPassword,
  mountPoint,
  backupLabel,
  timelineHistory,
  roles,
  mountInVain,
  initScript,
  containerFile,
];
