import type { SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import type { Observed } from './observed.ts';
import type { HbaRules, Settings } from './primary.ts';

/**
 * Which server --admin has reached, held against the one that the replication connection leads to. What it shows counts as
 * the upstream's only where that is proven: else every fact of the upstream is unseen, for this reason.
 */
export type AdminIdentity =
  | { readonly is: 'the-upstream'; readonly proof: string }
  | { readonly is: 'another-server'; readonly which: 'a primary' | 'a standby' | 'the standby itself' }
  | { readonly is: 'another-cluster' }
  /** The replication login came to no server that could be compared. */
  | { readonly is: 'unknown' };

/** The server of --admin itself, whatever it is to the standby: for whoever leads a connection there. */
export interface AdminServer {
  readonly identity: AdminIdentity;
  /** In one sentence: what it is, and how that was told. */
  readonly because: string;
  readonly systemIdentifier: SystemIdentifier;
  readonly inRecovery: boolean;
  readonly timeline: TimelineId;
  readonly startedAt: Date;
  /** As --admin names it, and what really answered: an address, or the path of a Unix socket. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** It is reached at an address of this machine. */
  readonly ownAddress: boolean;
  /** Its postmaster, where it runs on this machine. */
  readonly postmaster: number | undefined;
  readonly settings: Settings;
  readonly hbaRules: Observed<HbaRules>;
  /** The roles that may log in and have REPLICATION, those that are no superusers first. */
  readonly replicationRoles: readonly { readonly name: string; readonly superuser: boolean }[];
  /** The names of its replication slots. */
  readonly slots: readonly string[];
}
