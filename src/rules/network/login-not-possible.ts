import type { AttemptOutcome, ConnectionPlan, Refusal } from '../../facts/connection.ts';
import type { Side, Step } from '../../facts/report.ts';
import { setParameter } from '../../remedies/command-line.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { byHand, connectWith, connectingSide } from '../conninfo/connecting.ts';
import type { ConnectionFacts } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from './primary-place.ts';
import { placeOf, stageOfEnd, triesOf } from './reach.ts';

export const loginNotPossible = defineRule({
  id: 'network/login-not-possible',
  title: 'The replication login fails for a reason of its own',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: primaryPlaceFacts,
  explains: [...notStreaming],
  says: [
    'sorry, too many clients already',
    'remaining connection slots are reserved for',
    'session is read-only',
    'channel binding required',
  ],
  docs: {
    what: 'Takes every failure of the replication login that no other rule is about: a TLS handshake that breaks off, an authentication method that is not known here, channel_binding, require_auth, target_session_attrs, a server that has no connection left, or an answer that is new to standbylint.',
    why: 'pg_basebackup would fail in the same place.',
    references: ['https://www.postgresql.org/docs/current/libpq-connect.html'],
  },
  judge(facts) {
    const { replicationLogin, connectionPlan } = facts;
    if (replicationLogin.outcome.accepted)
      return pass(`the replication login got through at ${placeOf(replicationLogin.outcome.session.attempt)}`);
    const { decisive } = replicationLogin.outcome;
    const cannotTell = decisive.outcome.kind === 'closed' && stageOfEnd(replicationLogin, decisive) !== 'login';
    const cause = cannotTell ? undefined : causeOf(decisive.outcome, connectionPlan, facts);
    if (cause === undefined) return notApplicable('another rule is about the reason for which the login fails');
    const there = decisive.outcome.kind === 'wrong-session-attributes' ? leadingToPrimary(facts, decisive) : undefined;
    return fail({
      title: `The login at ${placeOf(decisive)} fails: ${cause.words}`,
      message: `${placeOf(decisive)} was reached, and the replication login ended with: ${cause.words}.`,
      where: at(cause.side, cause.side === 'standby' ? undefined : decisive.host),
      evidence: [...cause.seen, ...triesOf(replicationLogin), ...(there?.seen ?? [])],
      remedy: there?.remedy ?? safe(cause.summary, ...cause.steps),
    });
  },
});

interface Cause {
  readonly words: string;
  readonly summary: string;
  readonly side: Side;
  readonly steps: readonly Step[];
  readonly seen: readonly ReturnType<typeof evidence>[];
}

function causeOf(outcome: AttemptOutcome, plan: ConnectionPlan, facts: ConnectionFacts): Cause | undefined {
  const sourceOf = (keyword: string): string => plan.sources[keyword] ?? 'the connection';
  if (outcome.kind === 'tls-other') {
    return cause(outcome.message, [
      manual(
        connectingSide(facts),
        'Compare the TLS versions and certificates of both sides (ssl_min_protocol_version here and there, ssl_ciphers and ssl_ca_file on the server); the server writes its own reason to its log.',
      ),
    ]);
  }
  if (outcome.kind === 'wrong-session-attributes') {
    return cause(
      outcome.message,
      connectWith(
        facts,
        { target_session_attrs: 'any' },
        setParameter('target_session_attrs', 'any', sourceOf('target_session_attrs')),
      ),
      `Take any server (target_session_attrs=any), or name a host that target_session_attrs=${plan.targetSessionAttrs} accepts. (It comes from ${sourceOf('target_session_attrs')}.)`,
    );
  }
  if (outcome.kind === 'closed' && outcome.phase === 'login') {
    return cause(outcome.message, [
      manual('primary', "Look into the server's log: it says why it ended the connection."),
    ]);
  }
  if (outcome.kind === 'client-stopped' && outcome.why === 'channel-binding') {
    return cause(
      outcome.message,
      connectWith(
        facts,
        { channel_binding: 'prefer' },
        setParameter('channel_binding', 'prefer', sourceOf('channel_binding')),
      ),
      `Do without where it cannot be had (channel_binding=prefer), or connect with TLS to a role whose password is a SCRAM secret. (channel_binding=${plan.channelBinding} comes from ${sourceOf('channel_binding')}.)`,
    );
  }
  if (outcome.kind === 'client-stopped' && outcome.why === 'method') {
    return cause(outcome.message, [
      manual(
        'primary',
        'Let this role authenticate with scram-sha-256: change the method of its line in pg_hba.conf, and reload.',
      ),
    ]);
  }
  if (outcome.kind !== 'server-refused') return undefined;
  const step =
    outcome.refusal === 'database-missing'
      ? byHand(facts, {
          client: 'Name a database that exists, or none at all: a physical replication connection needs none.',
          standby:
            'write the host and port of the server itself, and reload: SELECT pg_reload_conf(); no database is named on a physical replication connection, so that a pooler may have answered.',
        })
      : stepsByRefusal.get(outcome.refusal);
  return step === undefined ? undefined : refused(outcome, step);
}

const stepsByRefusal: ReadonlyMap<Refusal, Step> = new Map([
  [
    'connections-exhausted',
    manual(
      'primary',
      'End sessions that nobody needs (pg_stat_activity shows them), or raise max_connections and restart.',
    ),
  ],
  ['unknown', manual('primary', "Look into the server's log at this moment: it says more than it tells a client.")],
]);

const cause = (words: string, steps: readonly Step[], summary = takeAway): Cause => ({
  words,
  summary,
  side: steps[0]?.on ?? 'client',
  steps,
  seen: [],
});

const takeAway = 'Take the reason away.';

function refused({ error }: Extract<AttemptOutcome, { readonly kind: 'server-refused' }>, step: Step): Cause {
  const detail = error.detail === undefined ? [] : [evidence('detail', error.detail, 'the replication login')];
  const state = error.sqlstate === '' ? [] : [evidence('SQLSTATE', error.sqlstate, 'the replication login')];
  return {
    words: error.message,
    summary: takeAway,
    side: step.on,
    steps: [step],
    seen: [evidence('the server says', error.message, 'the replication login'), ...detail, ...state],
  };
}
