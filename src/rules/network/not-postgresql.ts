import type { AttemptOutcome, ConnectionAttempt } from '../../facts/connection.ts';
import type { Remedy } from '../../findings/report.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { byHand } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { containerFacts, throughContainers } from '../../remedies/through-containers.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { serverBehind, silentServerFacts, streamedFrom } from '../../derived/silent-server.ts';

export const notPostgresql = defineRule({
  id: 'network/not-postgresql',
  title: 'The address does not belong to a PostgreSQL server',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...primaryPlaceFacts, ...containerFacts, ...silentServerFacts],
  explains: [...notStreaming],
  messages: ['libpq-ssl-negotiation-invalid', 'libpq-expected-auth', 'libpq-server-closed'],
  docs: {
    what: 'Fails if a program accepts the connection but answers in another protocol (HTTP, SSH, …), closes the connection at once, or never answers.',
    why: 'The port belongs to another program, or to a proxy or load balancer without a backend.',
    notes: 'The answer is shown, escaped and cut to 60 characters.',
    references: ['Message Flow: https://www.postgresql.org/docs/current/protocol-flow.html'],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    return judgeStage(replicationLogin, 'protocol', (attempt, outcome) => {
      if (serverBehind(facts, attempt) !== undefined)
        return notApplicable('a server of PostgreSQL is there and does not answer, see network/primary-hangs');
      // the kernel goes on accepting connections for a container that is paused
      const near = outcome.kind === 'not-postgresql' ? undefined : throughContainers(facts, attempt);
      if (near !== undefined) return fail({ ...near, evidence: [...triesOf(replicationLogin), ...near.evidence] });
      const there = leadingToPrimary(facts, attempt);
      const streamed = outcome.kind === 'closed' ? streamedFrom(facts, attempt) : undefined;
      return fail({
        title: titleOf(attempt, outcome),
        message: `${placeOf(attempt)} accepts the connection ${howItAnswers(outcome)}`,
        where: at('primary', attempt.host),
        evidence: [
          ...(outcome.kind === 'not-postgresql' ? [evidence('answer', outcome.answered, 'the replication login')] : []),
          ...triesOf(replicationLogin),
          ...(there?.seen ?? []),
          ...(streamed === undefined ? [] : [evidence('this standby', streamed, 'the standby')]),
        ],
        remedy:
          there?.remedy ??
          (streamed === undefined ? undefined : behindIt(attempt)) ??
          safe(
            'Connect to the port of the PostgreSQL server.',
            byHand(facts, {
              client: `Give the host and port of the PostgreSQL server itself (SHOW port; shows its port). If ${placeOf(attempt)} is a proxy, check that its backend is running.`,
              standby: `set the host and port of the PostgreSQL server itself (SHOW port; shows its port), and reload: SELECT pg_reload_conf(); if ${placeOf(attempt)} is a proxy, check that its backend is running.`,
            }),
          ),
      });
    });
  },
});

/** The address is right: the standby has streamed from there. */
const behindIt = (attempt: ConnectionAttempt): Remedy =>
  safe(
    'Bring the primary back behind that address, and do not change primary_conninfo.',
    manual(
      'primary',
      `Check whether the server is running and reachable through ${placeOf(attempt)}: what accepts the connection may be a proxy, a port of a container or a tunnel without a server behind it.`,
    ),
  );

/** A server that hangs is silent, too: only an answer shows what it is not. */
function titleOf(attempt: ConnectionAttempt, outcome: AttemptOutcome): string {
  if (outcome.kind === 'timed-out') return `${placeOf(attempt)} accepts connections but never answers`;
  if (outcome.kind === 'closed') return `${placeOf(attempt)} closes connections without an answer`;
  return `${placeOf(attempt)} is not a PostgreSQL server`;
}

function howItAnswers(outcome: AttemptOutcome): string {
  if (outcome.kind === 'timed-out')
    return `but never answers (${outcome.message}): it is another program, a proxy without a backend, or a server that hangs.`;
  if (outcome.kind === 'closed')
    return 'but closes it without an answer: it is a proxy without a backend, another program, or a server that is shutting down.';
  return "but does not speak PostgreSQL's protocol.";
}
