import type { FactName, FactTypes } from './facts.ts';

/**
 * The facts that rules of one's own may use: a part of the vocabulary that stays. A fact here is not renamed, and no member of
 * it is taken away, within a major release; what is not listed may change in any.
 */
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
} as const satisfies Readonly<Partial<Record<FactName, string>>>;

export type PublicFactName = keyof typeof publicFacts;

/** What each of them is, where it was seen. */
export type PublicFacts = Pick<FactTypes, PublicFactName>;
