import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { ReplicationLogin } from '../facts/connection.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { Settings, WalSender } from '../facts/primary.ts';
import { integerOf } from '../facts/settings.ts';
import type { RunningStandby } from '../facts/running-standby.ts';

/** WAL senders that the copy takes at once: one for the files, with -X stream another for the WAL; a standby takes one. */
export const connectionsNeeded = (baseBackup: Observed<BaseBackupCommand>): number =>
  ifSeen(baseBackup)?.walMethod === 'stream' ? 2 : 1;

/**
 * A standby that streams has its connection: where one more is refused, that was the one to look with, which is no fault
 * of the standby.
 */
export const hasItsConnection = (standby: Observed<RunningStandby>): boolean =>
  ifSeen(standby)?.receiver?.status === 'streaming';

/** Connections that a standby needs, and one to look at its primary with beside it. */
export const withOneToLook = 2;

/** Senders that belong to others: this program's own connections are gone before the copy begins. */
export const sendersOfOthers = (senders: readonly WalSender[]): readonly WalSender[] =>
  senders.filter(({ applicationName }) => applicationName !== 'standbylint');

/** max_wal_senders: from the settings, or from the refusal, which names it (`… exceeds "max_wal_senders" (currently 0)`). */
export type WalSendersAllowed =
  | { readonly known: true; readonly count: number; readonly source: string }
  | { readonly known: false; readonly why: Unseen };

/** max_wal_senders, as the server shows it or as its refusal tells it. */
export function walSendersAllowed(settings: Observed<Settings>, login: Observed<ReplicationLogin>): WalSendersAllowed {
  const count = settings.status === 'seen' ? integerOf(settings.value, 'max_wal_senders') : undefined;
  if (count !== undefined && settings.status === 'seen') return { known: true, count, source: settings.source };
  const refusal = refusedFor(login);
  const [, named] = /\(currently (\d+)\)/.exec(refusal ?? '') ?? [];
  if (named !== undefined) return { known: true, count: Number(named), source: "the server's refusal" };
  const fallback: Unseen = { kind: 'permission', because: 'max_wal_senders: the server does not show this setting' };
  return { known: false, why: settings.status === 'unseen' ? settings.why : fallback };
}

/** The server's words when it has no WAL sender left, for the first connection or for the second (proc.c, InitProcess). */
export function refusedFor(login: Observed<ReplicationLogin>): string | undefined {
  const outcome = ifSeen(login)?.outcome;
  if (outcome === undefined) return undefined;
  const { second } = outcome.accepted ? outcome.session : { second: undefined };
  const attempt = outcome.accepted ? (second?.accepted === false ? second.attempt : undefined) : outcome.decisive;
  return attempt?.outcome.kind === 'server-refused' && attempt.outcome.refusal === 'wal-senders-exhausted'
    ? attempt.outcome.error.message
    : undefined;
}
