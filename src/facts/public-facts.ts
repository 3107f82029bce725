import type { BaseBackupCommand } from './base-backup.ts';
import type { Observed } from './observed.ts';
import type { Archiver, Database, Primary, ReplicationRole, Settings, Slot, Tablespace, WalSender } from './primary.ts';
import type { RunningStandby } from './running-standby.ts';
import type { StandbyConfiguration } from './standby-configuration.ts';

/**
 * The facts that rules of one's own may use, too: a part of the vocabulary that stays. A fact here is not renamed, and no member
 * of it is taken away, within a major release; what is not listed may change in any.
 */
export interface PublicFacts {
  /** The moment of the examination by this machine's clock: rules have no clock of their own. */
  readonly now: Date;
  readonly baseBackup: BaseBackupCommand;
  readonly primary: Primary;
  readonly primarySettings: Settings;
  readonly replicationRole: ReplicationRole;
  readonly slots: readonly Slot[];
  readonly walSenders: readonly WalSender[];
  readonly tablespaces: readonly Tablespace[];
  readonly databases: readonly Database[];
  readonly archiver: Archiver;
  readonly standbyConfiguration: StandbyConfiguration;
  readonly runningStandby: RunningStandby;
}

export type PublicFactName = keyof PublicFacts;

/** Facts as a rule of one's own receives them: each of its `needs` as a value, each of its `wants` as an `Observed`. */
export type OwnFacts<Needs extends PublicFactName, Wants extends PublicFactName> = {
  readonly [Name in Needs]: PublicFacts[Name];
} & { readonly [Name in Exclude<Wants, Needs>]: Observed<PublicFacts[Name]> };

/** What each of them is, for their page. */
export const publicFacts = {
  now: 'the moment of the examination, by the clock of this machine',
  baseBackup: 'preflight: the command line of pg_basebackup, as it was read; passwords are masked',
  primary: 'the upstream server: release, role, timeline, name',
  primarySettings:
    'the settings of the primary by name, as pg_settings shows them (--admin, or as far as the replication login shows them)',
  replicationRole: 'the role that connects for replication: its attributes, its limits, its password method',
  slots: 'the replication slots of the primary',
  walSenders: 'the rows of pg_stat_replication on the primary',
  tablespaces: 'the tablespaces of the primary, with their directories',
  databases: 'the databases of the primary',
  archiver: 'pg_stat_archiver of the primary',
  standbyConfiguration: 'postmortem: the configuration files of the standby, as its server would read them',
  runningStandby: 'postmortem: the server of the standby while it runs: settings, WAL receiver, replay',
} as const satisfies Readonly<Record<PublicFactName, string>>;
