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
import { repmgrNodeStatus } from './shapes/node-status.ts';
import { pacemakerStatus } from './shapes/pacemaker-status.ts';
import { patroniStatus } from './shapes/patroni-status.ts';
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
import { workloads } from './shapes/workloads.ts';
import { symptomIn } from './symptoms.ts';

/**
 * What is no message but can be told apart all the same: lines of configuration, output of psql and of programs, a
 * command. `raw`: the same text before its secrets were hidden; only whether a line is well written is looked for there.
 */
export function shapesIn(quoted: string, quotedRaw: string = quoted): readonly Explanation[] {
  const [text, raw] = [withoutMarks(quoted), withoutMarks(quotedRaw)];
  for (const look of ofTools) {
    const found = look(text);
    if (found !== undefined) return [found];
  }
  const found = ofPostgres.flatMap((look) => look(text, raw) ?? []);
  const symptom = [symptomIn(text) ?? []].flat();
  const isHow = (one: Explanation): boolean => symptom.length > 0 && one.text.startsWith('pg_basebackup ');
  // what shows a fault before what somebody says of it, and before what is only named; how it was typed after what came of it
  return [
    ...found.filter((one) => isTelling(one) && !isHow(one)),
    ...symptom,
    ...found.filter((one) => !isTelling(one) || isHow(one)),
  ].slice(0, most);
}

/** Markdown's, around a whole line. */
const withoutMarks = (text: string): string =>
  text.replaceAll(/^[ \t]*(?:>[ \t]?)*`{1,3}(?=[\w#])|(?<=\S)`{1,3}[ \t]*$/gmu, '');

const isTelling = ({ candidates }: Explanation): boolean => candidates.length > 0;
const most = 5;

/** What a program printed of its nodes, above its own remarks about them. */
export const tableIn = (text: string): Explanation | undefined =>
  repmgrNodes(text) ?? repmgrNodeStatus(text) ?? workloads(text);

/** What stands beside a message may show its cause. */
export const proofsIn = (text: string, raw: string = text): readonly Proof[] => [
  ...[hostMount(text) ?? []].flat().map((found) => ({ found, inVain: true })),
  ...[upgraded(text) ?? []].flat().map((found) => ({ found, inVain: false })),
  ...ofPostgres.flatMap((look) => look(text, raw) ?? []).map((found) => ({ found, inVain: false })),
];

type Look = (text: string, raw: string) => Explanation | undefined;

/** Their tables and files hold what looks like PostgreSQL's. */
const ofTools: readonly ((text: string) => Explanation | undefined)[] = [
  patroniMembers,
  repmgrNodes,
  repmgrNodeStatus,
  repmgrRecords,
  poolNodes,
  autoFailoverNodes,
  pacemakerStatus,
  patroniStatus,
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
  workloads,
];
