import type { AttemptOutcome, ConnectionAttempt } from '../facts/connection.ts';

/**
 * The attempt whose failure counts: the one that came furthest, and of several the last. With sslmode=prefer a refusal
 * over TLS is followed by one without, which may say less: "no pg_hba.conf entry … no encryption" after a wrong
 * password, or after a certificate that this client does not accept.
 *
 * A server that target_session_attrs passes over, as the standbys in a list of all servers, is not the one that was wanted:
 * where others were tried, one of those counts.
 */
export function decisiveAttempt(attempts: readonly ConnectionAttempt[]): ConnectionAttempt | undefined {
  let decisive: ConnectionAttempt | undefined;
  let furthest = -1;
  const passedOver = attempts.filter(({ outcome }) => outcome.kind === 'wrong-session-attributes');
  const wanted = attempts.filter((attempt) => !passedOver.some((other) => isSamePlace(attempt, other)));
  for (const attempt of wanted.length === 0 ? attempts : wanted) {
    const reached = howFar(attempt.outcome);
    if (reached < furthest) continue;
    decisive = attempt;
    furthest = reached;
  }
  return decisive;
}

const isSamePlace = (one: ConnectionAttempt, other: ConnectionAttempt): boolean =>
  one.host === other.host && one.port === other.port && one.address === other.address;

/** 0: nothing answered; 1: something did, or has no TLS; 2: the server, before it knew who we are; 3: TLS broke off; 4: it asked who we are; 5: it knew. */
function howFar(outcome: AttemptOutcome): number {
  switch (outcome.kind) {
    case 'not-resolved':
    case 'no-socket':
    case 'refused':
    case 'unreachable':
      return 0;
    case 'timed-out':
    case 'closed':
      return outcome.phase === 'connect' ? 0 : 1;
    case 'tls-not-offered':
      return 1;
    case 'tls-refused-certificate':
    case 'tls-other':
      return 3;
    case 'not-postgresql':
      // also after a TLS handshake that it did not understand
      return 4;
    case 'client-stopped':
      return outcome.why === 'client-key' ? 3 : 4;
    case 'server-refused':
      return refusedAfter[outcome.refusal] ?? 2;
    case 'wrong-session-attributes':
    case 'logged-in':
      return 5;
  }
}

type Refusal = Extract<AttemptOutcome, { readonly kind: 'server-refused' }>['refusal'];

/** Those that come before a method was asked for are left out. */
const refusedAfter: Readonly<Partial<Record<Refusal, number>>> = {
  'password-refused': 4,
  'other-method-refused': 4,
  'role-missing': 5,
  'role-no-login': 5,
  'role-no-replication': 5,
  'role-connection-limit': 5,
  'wal-senders-exhausted': 5,
  'database-missing': 5,
  pooler: 5,
};
