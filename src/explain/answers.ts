import { once } from '../postgres/once.ts';
import type { CatalogueEntry } from '../postgres/messages/catalogue.ts';
import type { Answer } from './answer.ts';
import { standsBeside, withoutNames } from './weighing/conditions.ts';
import type { Tool } from './tools.ts';
import { answersAboutAccess } from './answers/access.ts';
import { answersAboutArchives } from './answers/archives.ts';
import { answersAboutArchiving } from './answers/archiving.ts';
import { answersAboutBarman } from './answers/barman.ts';
import { answersAboutBackupTargets } from './answers/backup-targets.ts';
import { answersAboutBackups } from './answers/backups.ts';
import { answersAboutConfiguration } from './answers/configuration.ts';
import { answersAboutContainerEngines } from './answers/container-engines.ts';
import { answersAboutContainers } from './answers/containers.ts';
import { answersAboutKubernetesEvents } from './answers/kubernetes-events.ts';
import { answersAboutCourse } from './answers/course.ts';
import { answersAboutDataDirectories } from './answers/data-directory.ts';
import { answersAboutLinkedDirectories } from './answers/linked-directories.ts';
import { answersAboutDebianClusters } from './answers/debian-clusters.ts';
import { answersAboutFiles } from './answers/files.ts';
import { answersAboutWindowsFiles } from './answers/windows-files.ts';
import { answersAboutDrivers } from './answers/drivers.ts';
import { answersAboutFirewalls } from './answers/firewalls.ts';
import { answersAboutListening } from './answers/listening.ts';
import { answersAboutLostConnections } from './answers/lost-connections.ts';
import { answersAboutNetwork } from './answers/network.ts';
import { answersAboutFailoverManager } from './answers/failover-manager.ts';
import { answersAboutStoreLogins } from './answers/store-logins.ts';
import { answersAboutOtherServices } from './answers/other-services.ts';
import { answersAboutHostNames } from './answers/host-names.ts';
import { answersAboutPatroni } from './answers/patroni.ts';
import { answersAboutPatroniDcs } from './answers/patroni-dcs.ts';
import { answersAboutRestoreCommands } from './answers/restore-command.ts';
import { answersAboutPaf } from './answers/paf.ts';
import { answersAboutPgBackRest } from './answers/pgbackrest.ts';
import { answersAboutPgBackRestConfiguration } from './answers/pgbackrest-configuration.ts';
import { answersAboutPoolers } from './answers/poolers.ts';
import { answersAboutRecovery } from './answers/recovery.ts';
import { answersAboutRecoveryConf } from './answers/recovery-conf.ts';
import { answersAboutReplay } from './answers/replay.ts';
import { answersAboutRepmgr } from './answers/repmgr.ts';
import { answersAboutSlotSync } from './answers/slot-sync.ts';
import { answersAboutSlots } from './answers/slots.ts';
import { answersAboutStandbys } from './answers/standby.ts';
import { answersAboutStart } from './answers/start.ts';
import { answersAboutSecurityModules } from './answers/security-modules.ts';
import { answersAboutServiceWrappers } from './answers/service-wrappers.ts';
import { answersAboutServices } from './answers/services.ts';
import { answersAboutPrograms } from './answers/programs.ts';
import { answersAboutThinMessages } from './answers/thin-messages.ts';
import { answersAboutTimelines } from './answers/timelines.ts';
import { answersAboutPacemaker } from './answers/pacemaker.ts';
import { answersAboutPasswords } from './answers/passwords.ts';
import { answersAboutRoles } from './answers/roles.ts';
import { answersAboutCopyStatements } from './answers/copy-statements.ts';
import { answersAboutRewind } from './answers/rewind.ts';
import { answersAboutRelationFiles } from './answers/relation-files.ts';
import { answersAboutReadiness } from './answers/readiness.ts';
import { answersAboutTls } from './answers/tls.ts';
import { answersAboutAutoFailover } from './answers/auto-failover.ts';
import { answersAboutPatroniReplicas } from './answers/patroni-replicas.ts';
import { answersAboutPgBackRestErrors } from './answers/pgbackrest-errors.ts';
import { answersAboutPgBackRestProcesses } from './answers/pgbackrest-processes.ts';
import { answersAboutPgBackRestRestores } from './answers/pgbackrest-restore.ts';
import { answersAboutPgBackRestServers } from './answers/pgbackrest-servers.ts';
import { answersAboutPgpool } from './answers/pgpool.ts';
import { answersAboutPglogical } from './answers/pglogical.ts';
import { answersAboutPgpoolDecisions } from './answers/pgpool-watchdog.ts';
import { answersAboutPgpoolSessions } from './answers/pgpool-sessions.ts';
import { answersAboutRepmgrNodes } from './answers/repmgr-nodes.ts';
import { answersAboutRepmgrSwitchover } from './answers/repmgr-switchover.ts';
import { answersAboutStolon } from './answers/stolon.ts';
import { answersAboutCloudNativePg } from './answers/cloudnative-pg.ts';
import { answersAboutCnpgOperator } from './answers/cnpg-operator.ts';
import { answersAboutCnpgPhases } from './answers/cnpg-phases.ts';
import { answersAboutPatroniRewind } from './answers/patroni-rewind.ts';
import { answersAboutPatroniOperations } from './answers/patroni-operations.ts';
import { answersAboutBarmanChecks } from './answers/barman-checks.ts';
import { answersAboutBarmanCommands } from './answers/barman-commands.ts';
import { answersAboutBarmanCopies } from './answers/barman-copies.ts';
import { answersAboutWal } from './answers/wal.ts';
import { answersAboutWalSenders } from './answers/wal-senders.ts';
import { answersAboutReceivedWal } from './answers/received-wal.ts';
import { answersAboutBitnami } from './answers/bitnami.ts';
import { answersAboutCombinedBackups } from './answers/combine-backup.ts';
import { answersAboutOlderReleases } from './answers/older-releases.ts';
import { answersAboutRecoveryTargets } from './answers/recovery-targets.ts';
import { answersAboutToolOptions } from './answers/tool-options.ts';
import { answersAboutHalfCopies } from './answers/half-copied.ts';
import { answersAboutDamage } from './answers/damage.ts';
import { answersAboutSubscriptions } from './answers/subscriptions.ts';
import { answersAboutCreateSubscriber } from './answers/create-subscriber.ts';
import { answersAboutLibraries } from './answers/libraries.ts';
import { answersAboutKeepalived } from './answers/keepalived.ts';
import { answersAboutLibpqLogins } from './answers/libpq-login.ts';
import { answersAboutOpenSslReasons } from './answers/openssl-reasons.ts';
import { partsOfMessages } from './answers/parts.ts';
import { answersAboutPrivileges } from './answers/privileges.ts';
import { answersAboutProbackup } from './answers/probackup.ts';
import { answersAboutRenamedFunctions } from './answers/renamed-functions.ts';
import { answersAboutRepairTools } from './answers/repair-tools.ts';
import { answersAboutToolMessages } from './answers/tool-messages.ts';
import { answersAboutManagedServices } from './answers/managed-services.ts';
import { answersAboutAddressManagers } from './answers/address-managers.ts';
import { answersAboutZalando } from './answers/zalando.ts';
import { answersAboutOperators } from './answers/operators.ts';
import { answersAboutUpgrades } from './answers/upgrade.ts';
import { answersAboutLoginServices } from './answers/login-services.ts';
import { answersAboutLogicalSlots } from './answers/logical-slots.ts';
import { answersAboutCopyTools } from './answers/copy-tools.ts';
import { answersAboutServerInternals } from './answers/server-internals.ts';
import { answersAboutRepmgrDecisions } from './answers/repmgr-decisions.ts';
import { answersAboutPatroniDecisions } from './answers/patroni-decisions.ts';
import { answersAboutBarmanWork } from './answers/barman-work.ts';
import { answersAboutAutoFailoverWork } from './answers/auto-failover-work.ts';
import { answersAboutPgBackRestItself } from './answers/pgbackrest-internal.ts';
import { answersAboutSqlStates } from './answers/sqlstates.ts';
import { answersAboutLimits } from './answers/limits.ts';
import { answersAboutRefusals } from './answers/refusals.ts';
import { answersAboutRepmgrPrerequisites } from './answers/repmgr-prerequisites.ts';
import { answersAboutHbaLines } from './answers/hba-lines.ts';
import { answersAboutConnectionStrings } from './answers/connection-strings.ts';
import { answersAboutTlsFiles } from './answers/tls-files.ts';
import { answersAboutTlsPairs } from './answers/tls-pairs.ts';
import { answersAboutIncrementalBackups } from './answers/incremental-backups.ts';
import { answersAboutStateFiles } from './answers/state-files.ts';
import { answersAboutMixedHistories } from './answers/mixed-histories.ts';
import { answersAboutReadOnlySessions } from './answers/read-only-sessions.ts';
import { answersAboutStandbySlots } from './answers/standby-slots.ts';
import { answersAboutInterruptedCopies } from './answers/interrupted-copies.ts';
import { answersAboutFileSystems } from './answers/file-systems.ts';
import { answersAboutMissingFiles } from './answers/missing-files.ts';
import { answersAboutLoggedFaults } from './answers/logged-faults.ts';
import { answersAboutRareRefusals } from './answers/rare-refusals.ts';
import { answersAboutFirstSteps } from './answers/first-steps.ts';
import { answersAboutPooledLogins } from './answers/pooled-logins.ts';
import { answersAboutSharedMemory } from './answers/shared-memory.ts';
import { answersAboutDesktopSystems } from './answers/desktop-systems.ts';
import { answersAboutWalG } from './answers/wal-g.ts';
import { answersAboutWalGFetches } from './answers/wal-g-fetch.ts';

/** What there is to say, by message. */
export interface Answers {
  /** `context`: the message with all that belongs to it. */
  readonly of: (
    entry: Pick<CatalogueEntry, 'id' | 'variantOf'>,
    context: string,
    around: { readonly tools: ReadonlySet<Tool>; readonly paste: string },
  ) => Answer | undefined;
  /** `form`: which of the answer's wordings, the most telling being 0. */
  readonly withWords: readonly { readonly says: string; readonly answer: Answer; readonly form: number }[];
  /** In the order in which they are looked for. */
  readonly all: readonly Answer[];
}

const all: readonly Answer[] = [
  ...answersAboutFileSystems,
  ...answersAboutAccess,
  ...answersAboutRoles,
  ...answersAboutPasswords,
  ...answersAboutCopyStatements,
  ...answersAboutNetwork,
  ...answersAboutFailoverManager,
  ...answersAboutOtherServices,
  ...answersAboutStoreLogins,
  ...answersAboutHostNames,
  ...answersAboutLostConnections,
  ...answersAboutListening,
  ...answersAboutReadiness,
  ...answersAboutTls,
  ...answersAboutOpenSslReasons,
  ...answersAboutReceivedWal,
  ...answersAboutWal,
  ...answersAboutWalSenders,
  ...answersAboutArchiving,
  ...answersAboutRestoreCommands,
  ...answersAboutSlots,
  ...answersAboutSlotSync,
  ...answersAboutTimelines,
  ...answersAboutBackupTargets,
  ...answersAboutBackups,
  ...answersAboutRewind,
  ...answersAboutStart,
  ...answersAboutRecovery,
  ...answersAboutRecoveryConf,
  ...answersAboutReplay,
  ...answersAboutConfiguration,
  ...answersAboutRelationFiles,
  ...answersAboutWindowsFiles,
  ...answersAboutFiles,
  ...answersAboutDataDirectories,
  ...answersAboutLinkedDirectories,
  ...answersAboutDebianClusters,
  ...answersAboutLibraries,
  ...answersAboutCourse,
  ...answersAboutStandbys,
  ...answersAboutPatroni,
  ...answersAboutPatroniDcs,
  ...answersAboutRepmgr,
  ...answersAboutPgBackRest,
  ...answersAboutPgBackRestConfiguration,
  ...answersAboutBarman,
  ...answersAboutBarmanChecks,
  ...answersAboutBarmanCommands,
  ...answersAboutArchives,
  ...answersAboutPoolers,
  ...answersAboutAutoFailover,
  ...answersAboutPatroniReplicas,
  ...answersAboutPgBackRestErrors,
  ...answersAboutPgBackRestProcesses,
  ...answersAboutPgBackRestRestores,
  ...answersAboutPgBackRestServers,
  ...answersAboutPaf,
  ...answersAboutPgpool,
  ...answersAboutPgpoolSessions,
  ...answersAboutPgpoolDecisions,
  ...answersAboutPglogical,
  ...answersAboutPacemaker,
  ...answersAboutRepmgrNodes,
  ...answersAboutRepmgrSwitchover,
  ...answersAboutStolon,
  ...answersAboutCloudNativePg,
  ...answersAboutCnpgOperator,
  ...answersAboutCnpgPhases,
  ...answersAboutPatroniRewind,
  ...answersAboutBarmanCopies,
  ...answersAboutContainers,
  ...answersAboutContainerEngines,
  ...answersAboutKubernetesEvents,
  ...answersAboutBitnami,
  ...answersAboutWalG,
  ...answersAboutWalGFetches,
  ...answersAboutUpgrades,
  ...answersAboutCreateSubscriber,
  ...answersAboutCombinedBackups,
  ...answersAboutToolMessages,
  ...answersAboutProbackup,
  ...answersAboutPrivileges,
  ...answersAboutLibpqLogins,
  ...answersAboutRepairTools,
  ...answersAboutRenamedFunctions,
  ...answersAboutLoginServices,
  ...answersAboutLogicalSlots,
  ...answersAboutSubscriptions,
  ...answersAboutDamage,
  ...answersAboutHalfCopies,
  ...answersAboutToolOptions,
  ...answersAboutRecoveryTargets,
  ...answersAboutOlderReleases,
  ...answersAboutCopyTools,
  ...answersAboutServerInternals,
  ...answersAboutRepmgrDecisions,
  ...answersAboutRepmgrPrerequisites,
  ...answersAboutRefusals,
  ...answersAboutLimits,
  ...answersAboutSharedMemory,
  ...answersAboutPatroniDecisions,
  ...answersAboutPatroniOperations,
  ...answersAboutBarmanWork,
  ...answersAboutAutoFailoverWork,
  ...answersAboutPgBackRestItself,
  ...answersAboutSqlStates,
  ...answersAboutPrograms,
  ...answersAboutSecurityModules,
  ...answersAboutFirewalls,
  ...answersAboutDrivers,
  ...answersAboutManagedServices,
  ...answersAboutAddressManagers,
  ...answersAboutKeepalived,
  ...answersAboutOperators,
  ...answersAboutZalando,
  ...answersAboutDesktopSystems,
  ...answersAboutServiceWrappers,
  ...answersAboutServices,
  ...answersAboutThinMessages,
  ...answersAboutHbaLines,
  ...answersAboutConnectionStrings,
  ...answersAboutTlsFiles,
  ...answersAboutTlsPairs,
  ...answersAboutIncrementalBackups,
  ...answersAboutStateFiles,
  ...answersAboutMixedHistories,
  ...answersAboutReadOnlySessions,
  ...answersAboutStandbySlots,
  ...answersAboutInterruptedCopies,
  ...answersAboutFirstSteps,
  ...answersAboutRareRefusals,
  ...answersAboutLoggedFaults,
  ...answersAboutMissingFiles,
  ...answersAboutPooledLogins,
];

const byMessage = once(() => {
  const found = new Map<string, readonly Answer[]>();
  for (const answer of all) for (const id of answer.of ?? []) found.set(id, [...(found.get(id) ?? []), answer]);
  return found;
});

/** What stands in the message's own DETAIL counts before what stands elsewhere in the text. */
const conditionsOf = ({ tool, when, beside }: Answer, context: string): number =>
  (tool === undefined ? 0 : 2) +
  (when === undefined ? 0 : 1) +
  (beside === undefined ? 0 : beside.test(context) ? 1.5 : 1);

export const answers: Answers = {
  of(entry, whole, { tools, paste }) {
    const context = withoutNames(whole);
    const candidates = (byMessage().get(entry.id) ?? byMessage().get(entry.variantOf ?? entry.id) ?? []).filter(
      ({ when, beside, tool }) =>
        when?.test(context) !== false &&
        (beside === undefined || standsBeside(beside, whole, paste)) &&
        (tool === undefined || tools.has(tool)),
    );
    return candidates.toSorted((a, b) => conditionsOf(b, whole) - conditionsOf(a, whole))[0];
  },
  all,
  get withWords() {
    return [
      ...all.flatMap((answer) =>
        // words first: the rest of those without any is not read (when-asked.ts)
        answer.says !== undefined && answer.when === undefined
          ? answer.says.map((says, form) => ({ says, answer, form }))
          : [],
      ),
      ...Object.entries(partsOfMessages).flatMap(([id, parts]) =>
        parts.map((says) => ({ says, answer: { of: [id], means: '' }, form: 1 })),
      ),
    ];
  },
};
