import type { Proof } from './weighing/confirmed.ts';
import type { Explanation } from './explanation.ts';
import { baseBackupCommand } from './shapes/base-backup-command.ts';
import { patroniMembers, repmgrNodes, repmgrRecords } from './shapes/cluster-tables.ts';
import { barmanBackups } from './shapes/barman-lists.ts';
import { pgBackRestInfo } from './shapes/backup-lists.ts';
import { backupProgress } from './shapes/backup-progress.ts';
import { hbaRules, settingsView } from './shapes/configuration-views.ts';
import { conflicts } from './shapes/conflicts.ts';
import { containerFile, hostMount, initScript, mountInVain } from './shapes/container-file.ts';
import { autoFailoverNodes } from './shapes/auto-failover-nodes.ts';
import { directoryListing } from './shapes/directory-listing.ts';
import { harmfulCommands } from './shapes/harmful-commands.ts';
import { endedContainer } from './shapes/ended-container.ts';
import { hbaLines } from './shapes/hba-lines.ts';
import { cnpgStatus } from './shapes/cnpg-status.ts';
import { controlData, slots, walSenders } from './shapes/output.ts';
import { freeSpace, listeningSockets, mountPoint, processList, serviceStatus } from './shapes/machine.ts';
import {
  archiveStatus,
  backupLabel,
  passwordFile,
  retrievedPassword,
  roles,
  segmentListing,
  timelineHistory,
} from './shapes/small-files.ts';
import { asPsqlPrints } from './shapes/layouts.ts';
import { positions } from './shapes/positions.ts';
import { otherDatabase } from './shapes/other-database.ts';
import { repmgrNodeStatus } from './shapes/node-status.ts';
import { pacemakerStatus } from './shapes/pacemaker-status.ts';
import { patroniStatus } from './shapes/patroni-status.ts';
import { pcpNodes, poolNodes, watchdogNodes } from './shapes/pool-nodes.ts';
import { settings } from './shapes/settings.ts';
import { archiver, debianClusters, inRecovery, lagOfQuery, replayPaused, walReceiver } from './shapes/standby-views.ts';
import {
  barmanConfiguration,
  operatorResource,
  patroniConfiguration,
  pgBackRestConfiguration,
  repmgrConfiguration,
} from './shapes/tool-files.ts';
import { copiedTables, subscriptions } from './shapes/subscription-views.ts';
import { buildsCopy } from './shapes/built-copy.ts';
import { sessions } from './shapes/sessions.ts';
import { sharedClaim } from './shapes/shared-claim.ts';
import { sharedVolume } from './shapes/shared-volume.ts';
import { upgraded } from './shapes/upgraded.ts';
import { volumeClaims } from './shapes/volume-claims.ts';
import { subscriptionStatus } from './shapes/subscription-status.ts';
import { walVerify } from './shapes/wal-g-verify.ts';
import { workloads } from './shapes/workloads.ts';
import { symptomIn } from './symptoms.ts';

/**
 * What is no message but can be told apart all the same: lines of configuration, output of psql and of programs, a
 * command. `raw`: the same text before its secrets were hidden; only whether a line is well written is looked for there.
 */
export function shapesIn(quoted: string, quotedRaw: string = quoted): readonly Explanation[] {
  const [text, raw] = [withoutMarks(quoted), withoutMarks(quotedRaw)];
  const found = looksAt(withOwnLines(text), withOwnLines(raw));
  const [first] = found;
  if (first !== undefined && ofTools.includes(first.look) && !sayHowItWorks.has(first.look)) return [first.one];
  const isTelling = ({ look, one }: Found): boolean =>
    one.candidates.some(({ rule }) => rule !== null || !sayHowItWorks.has(look));
  const telling = found.filter(isTelling).map(({ one }) => one);
  const named = found.filter((each) => !isTelling(each)).map(({ one }) => one);
  const symptom = symptomIn(text);
  // what shows a fault before what somebody says of it, and before what is only named
  const all =
    symptom === undefined
      ? [...telling, ...named]
      : telling.length > 0
        ? [...telling, symptom, ...named]
        : [symptom, ...named.map((one) => ({ ...one, kind: 'consequence' as const }))];
  return all.slice(0, most);
}

interface Found {
  readonly look: Look;
  readonly one: Explanation;
}

function looksAt(text: string, raw: string): readonly Found[] {
  for (const look of ofTools) {
    const one = look(text, raw);
    if (one !== undefined) return [{ look, one }];
  }
  const printed = asPsqlPrints(text);
  return ofPostgres.flatMap((look) => {
    const one = look(printed, raw);
    return one === undefined ? [] : [{ look, one }];
  });
}

/** Markdown's, around a whole line. */
const withoutMarks = (text: string): string =>
  text.replaceAll(/^[ \t]*(?:>[ \t]?)*`{1,3}(?=[\w#])|(?<=\S)`{1,3}[ \t]*$/gmu, '');

/** primary_conninfo in the middle of somebody's sentence is a setting all the same. */
const withOwnLines = (text: string): string =>
  text.length > longestQuestion
    ? text
    : text.replaceAll(/(?<=\S[ \t]+)(primary_conninfo[ \t]*=[ \t]*'(?:[^'\n]|'')*?(?:\*{3}|'))[ \t]*/gu, '\n$1\n');

const longestQuestion = 6_000;

const most = 5;

/** What a program printed of its nodes, above its own remarks about them. */
export const tableIn = (text: string): Explanation | undefined =>
  repmgrNodes(text) ?? repmgrNodeStatus(text) ?? cnpgStatus(text) ?? workloads(text);

/** What stands beside a message may show its cause. */
export function proofsIn(quoted: string, raw: string = quoted): readonly Proof[] {
  const text = asPsqlPrints(quoted);
  return [
    ...[hostMount(text) ?? []].flat().map((found) => ({ found, inVain: true })),
    ...[upgraded(text) ?? []].flat().map((found) => ({ found, inVain: false })),
    ...ofPostgres.flatMap((look) => look(text, raw) ?? []).map((found) => ({ found, inVain: false })),
  ];
}

type Look = (text: string, raw: string) => Explanation | undefined;

/** Their tables and files hold what looks like PostgreSQL's. */
const ofTools: readonly Look[] = [
  patroniMembers,
  repmgrNodes,
  repmgrNodeStatus,
  repmgrRecords,
  poolNodes,
  pcpNodes,
  watchdogNodes,
  autoFailoverNodes,
  pacemakerStatus,
  cnpgStatus,
  patroniStatus,
  operatorResource,
  patroniConfiguration,
  repmgrConfiguration,
  pgBackRestConfiguration,
  barmanConfiguration,
  pgBackRestInfo,
  walVerify,
  barmanBackups,
  subscriptionStatus,
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
  sessions,
  conflicts,
  subscriptions,
  copiedTables,
  inRecovery,
  replayPaused,
  lagOfQuery,
  positions,
  debianClusters,
  directoryListing,
  archiveStatus,
  segmentListing,
  serviceStatus,
  processList,
  freeSpace,
  listeningSockets,
  hbaRules,
  hbaLines,
  settingsView,
  settings,
  passwordFile,
  retrievedPassword,
  mountPoint,
  backupLabel,
  timelineHistory,
  roles,
  mountInVain,
  initScript,
  sharedVolume,
  sharedClaim,
  buildsCopy,
  containerFile,
  volumeClaims,
  workloads,
  endedContainer,
];

/** What they say without naming a rule is no fault, only how such a file works. */
const sayHowItWorks: ReadonlySet<Look> = new Set<Look>([
  containerFile,
  operatorResource,
  patroniConfiguration,
  repmgrConfiguration,
  pgBackRestConfiguration,
  barmanConfiguration,
]);
