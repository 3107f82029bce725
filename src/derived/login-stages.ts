import type { AttemptOutcome, ConnectionAttempt, ReplicationLogin } from '../facts/connection.ts';
import { endOf, notThatFar } from '../facts/login.ts';
import type { Evidence } from '../findings/report.ts';
import { evidence, notApplicable, pass, unexamined } from '../findings/judgement.ts';
import type { Judgement } from '../findings/judgement.ts';

/** What a connection goes through, in this order. */
export type ReachStage = 'name' | 'connection' | 'protocol' | 'tls' | 'login';

const order: readonly ReachStage[] = ['name', 'connection', 'protocol', 'tls', 'login'];

/**
 * The judgement of a rule that is about one stage: passed where the login came further, not examined where it did not
 * come so far, and where it ended at this stage whatever `judge` says; undefined: it ended there for another reason.
 */
export function judgeStage(
  login: ReplicationLogin,
  stage: ReachStage,
  judge: (attempt: ConnectionAttempt, outcome: AttemptOutcome) => Judgement | undefined,
): Judgement {
  if (login.outcome.accepted)
    return pass(`the replication login succeeded at ${placeOf(login.outcome.session.attempt)}`);
  const { decisive } = login.outcome;
  const ended = order.indexOf(stageOfEnd(login, decisive));
  const wanted = order.indexOf(stage);
  if (ended < wanted) return unexamined(notThatFar(decisive));
  if (ended > wanted) return pass(`${placeOf(decisive)} answered: ${endOf(decisive)}`);
  return judge(decisive, decisive.outcome) ?? notApplicable(`the login failed for another reason: ${endOf(decisive)}`);
}

/** The stage at which an attempt ended. */
export function stageOfEnd(login: ReplicationLogin, attempt: ConnectionAttempt): ReachStage {
  switch (attempt.outcome.kind) {
    case 'not-resolved':
      return 'name';
    case 'no-socket':
    case 'refused':
    case 'unreachable':
      return 'connection';
    case 'timed-out':
    case 'closed':
      if (attempt.outcome.phase === 'connect') return 'connection';
      return hasSpoken(login, attempt) ? 'login' : 'protocol';
    case 'not-postgresql':
      return 'protocol';
    case 'tls-not-offered':
    case 'tls-refused-certificate':
    case 'tls-other':
      return 'tls';
    case 'client-stopped':
      if (attempt.outcome.why === 'gssencmode') return 'connection';
      return attempt.outcome.why === 'client-key' ? 'tls' : 'login';
    case 'server-refused':
    case 'wrong-session-attributes':
    case 'logged-in':
      return 'login';
  }
}

/** The same address has given an answer of PostgreSQL's, in this attempt or beside it. */
function hasSpoken({ attempts }: ReplicationLogin, { host, port, address }: ConnectionAttempt): boolean {
  return attempts.some(
    (other) =>
      other.host === host &&
      other.port === port &&
      other.address === address &&
      (other.certificate !== undefined ||
        other.outcome.kind === 'tls-not-offered' ||
        other.outcome.kind === 'server-refused'),
  );
}

/** `10.0.0.1:5432 (db1)`, or the path of a socket. */
export function placeOf({ host, port, address }: Pick<ConnectionAttempt, 'host' | 'port' | 'address'>): string {
  if (isSocket({ address })) return `the socket ${address ?? host}`;
  const endpoint = endpointOf(address ?? host, port);
  return address === undefined || address === host ? endpoint : `${endpoint} (${host})`;
}

/** An address and a port as one word; an IPv6 address in brackets. */
export const endpointOf = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** A Unix-domain socket, abstract ones included. */
export const isSocket = ({ address }: Pick<ConnectionAttempt, 'address'>): boolean => /^[/@]/u.test(address ?? '');

/** Each try, in its order: which address and port, with TLS or without, and what came of it. */
export const triesOf = ({ attempts }: ReplicationLogin): readonly Evidence[] =>
  attempts
    .slice(0, mostTries)
    .map((attempt) =>
      evidence(
        'tried',
        `${placeOf(attempt)}${attempt.encryption === 'tls' ? ' with TLS' : ''}: ${endOf(attempt)}`,
        'the replication login',
      ),
    );

const mostTries = 8;
