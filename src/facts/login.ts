import type { ConnectionAttempt, Refusal, ReplicationLogin, ReplicationSession, ServerError } from './connection.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Unseen } from './observed.ts';

/** How far the replication login came: what rules about pg_hba.conf, roles and passwords ask first. */
export type LoginStage =
  | { readonly stage: 'accepted'; readonly session: ReplicationSession; readonly attempt: ConnectionAttempt }
  | {
      readonly stage: 'server-refused';
      readonly refusal: Refusal;
      readonly error: ServerError;
      readonly attempt: ConnectionAttempt;
    }
  /** The server let the connection through to the question for a password, and the client has none that serves. */
  | {
      readonly stage: 'client-stopped';
      readonly why: ClientStop;
      readonly message: string;
      readonly attempt: ConnectionAttempt;
    }
  /** No PostgreSQL server was reached at all. */
  | { readonly stage: 'not-reached'; readonly attempt: ConnectionAttempt };

type ClientStop = Extract<ConnectionAttempt['outcome'], { kind: 'client-stopped' }>['why'];

export function stageOf(login: ReplicationLogin): LoginStage {
  if (login.outcome.accepted)
    return { stage: 'accepted', session: login.outcome.session, attempt: login.outcome.session.attempt };
  const attempt = login.outcome.decisive;
  const { outcome } = attempt;
  if (outcome.kind === 'server-refused')
    return { stage: 'server-refused', refusal: outcome.refusal, error: outcome.error, attempt };
  // the client's key and the library that encrypts are looked at before the server hears who is there
  if (outcome.kind === 'client-stopped' && outcome.why !== 'client-key' && outcome.why !== 'gssencmode')
    return { stage: 'client-stopped', why: outcome.why, message: outcome.message, attempt };
  return { stage: 'not-reached', attempt };
}

/** The server that runs on this directory is the one that answered the login. */
export function reachesItself(login: ReplicationLogin | undefined, own: DataDirectory['postmaster']): boolean {
  const pid = own?.process === 'running' ? own.pid : undefined;
  return pid !== undefined && login?.outcome.accepted === true && login.outcome.session.postmaster === pid;
}

/** Refusals that come only after pg_hba.conf has let the connection through (postmaster.c, auth.c, postinit.c). */
export const isPastHba = (refusal: Refusal): boolean => pastHba.has(refusal);

const pastHba: ReadonlySet<Refusal> = new Set([
  'password-refused',
  'other-method-refused',
  'role-missing',
  'role-no-login',
  'role-no-replication',
  'role-connection-limit',
  // not wal-senders-exhausted: that comes before pg_hba.conf and the role are looked at (proc.c, InitProcess)
  'database-missing',
]);

/** Nobody answered: the name leads nowhere, nothing listens, or no packet comes back. */
export const isSilence = ({ outcome }: ConnectionAttempt): boolean => silent.has(outcome.kind);

const silent: ReadonlySet<ConnectionAttempt['outcome']['kind']> = new Set([
  ...(['not-resolved', 'no-socket', 'refused', 'unreachable', 'timed-out'] as const),
]);

/** Why a rule about a later stage of the login has nothing to say. */
export const notThatFar = (attempt: ConnectionAttempt): Unseen => ({
  kind: 'connection',
  because: `the replication login ended before that: ${endOf(attempt)}`,
});

/** What ended an attempt, in the words of whoever ended it. */
export function endOf({ outcome, host, port }: ConnectionAttempt): string {
  switch (outcome.kind) {
    case 'logged-in':
      return `logged in to ${host}:${port}`;
    case 'server-refused':
      return outcome.error.message;
    case 'tls-not-offered':
      return `${host}:${port} does not offer TLS`;
    case 'not-postgresql':
      return `what answers at ${host}:${port} is not PostgreSQL`;
    case 'not-resolved':
    case 'no-socket':
    case 'refused':
    case 'unreachable':
    case 'timed-out':
    case 'closed':
    case 'tls-refused-certificate':
    case 'tls-other':
    case 'client-stopped':
    case 'wrong-session-attributes':
      return outcome.message;
  }
}

/** The address that the server sees: it names it when it refuses; else our own end of the connection. `local`: a Unix socket. */
export function addressSeenByServer(attempt: ConnectionAttempt): string | undefined {
  if (attempt.outcome.kind === 'server-refused') {
    const [, named] = /from host "([^"]+)"|for host "([^"]+)"/.exec(attempt.outcome.error.message) ?? [];
    if (named === '[local]') return 'local';
    // an IPv6 address can carry its zone, which pg_hba.conf does not know
    if (named !== undefined) return named.split('%')[0];
  }
  if (attempt.address?.startsWith('/') === true || attempt.address?.startsWith('@') === true) return 'local';
  return attempt.localAddress;
}

/** The attempt that a report speaks of: the one that was let in, or the one whose refusal counts. */
export const attemptThatCounts = ({ outcome }: ReplicationLogin): ConnectionAttempt =>
  outcome.accepted ? outcome.session.attempt : outcome.decisive;

/** The address that a name led to; undefined where an address or a socket was named, or the name led to none. */
export const addressBehindName = ({ host, address }: ConnectionAttempt): string | undefined =>
  /^(?:[/@]|$)/u.test(host) || address === host ? undefined : address;
