import type {
  AttemptOutcome,
  ConnectionAttempt,
  ConnectionPlan,
  Refusal,
  ServerError,
} from '../../facts/connection.ts';
import type { Side, Step } from '../../findings/report.ts';
import { tlsVersionGap } from '../../derived/tls-versions.ts';
import type { TlsVersionGap } from '../../derived/tls-versions.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { checkAgain, setParameter } from '../../remedies/command-line.ts';
import { nothingAsked, variableOf } from '../../postgres/session-environment.ts';
import { ifSeen } from '../../facts/observed.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { byHand, connectWith, connectingSide, standbyOf } from '../../remedies/connecting.ts';
import type { ConnectionFacts } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { overTls } from '../../remedies/keep-encryption.ts';
import type { TlsSeen } from '../../remedies/turn-on-tls.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { placeOf, stageOfEnd, triesOf } from '../../derived/login-stages.ts';

export const loginNotPossible = defineRule({
  id: 'network/login-not-possible',
  title: 'The replication login fails for another reason',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['primarySettings', 'fileSettings', 'primaryControl', 'primaryPaths', ...primaryPlaceFacts],
  explains: [...notStreaming],
  messages: [
    'too-many-clients',
    'reserved-slots-13',
    'reserved-slots-superuser',
    'reserved-slots-role',
    'libpq-session-read-only',
    'libpq-channel-binding-no-ssl',
    'libpq-cb-not-supported',
  ],
  docs: {
    what: 'Reports every failure of the replication login that no other rule covers: a failed TLS handshake, gssencmode=require without a Kerberos ticket, channel_binding, require_auth, target_session_attrs, a server without free connections, or an unknown error.',
    why: 'pg_basebackup fails for the same reason.',
    references: ['Database Connection Control Functions: https://www.postgresql.org/docs/current/libpq-connect.html'],
  },
  judge(facts) {
    const { replicationLogin, connectionPlan } = facts;
    if (replicationLogin.outcome.accepted)
      return pass(`the replication login succeeded at ${placeOf(replicationLogin.outcome.session.attempt)}`);
    const { decisive } = replicationLogin.outcome;
    if (decisive.outcome.kind === 'client-stopped' && onlyLibpqKnows(decisive.outcome))
      return unexamined({
        kind: 'connection',
        because: decisive.outcome.message,
        remedy: 'let pg_basebackup or the standby itself log in',
      });
    const cannotTell = decisive.outcome.kind === 'closed' && stageOfEnd(replicationLogin, decisive) !== 'login';
    const cause = cannotTell ? undefined : causeOf(decisive, connectionPlan, facts);
    if (cause === undefined) return notApplicable('another rule covers the reason why the login fails');
    const there = decisive.outcome.kind === 'wrong-session-attributes' ? leadingToPrimary(facts, decisive) : undefined;
    return fail({
      title: `The login at ${placeOf(decisive)} fails: ${cause.words}`,
      message: cause.before
        ? `libpq does not even begin to connect to ${placeOf(decisive)}: ${cause.words}.`
        : `${placeOf(decisive)} answered, but the replication login failed: ${cause.words}.`,
      where: at(cause.side, cause.side === 'standby' ? undefined : decisive.host),
      evidence: [...cause.seen, ...triesOf(replicationLogin), ...(there?.seen ?? [])],
      remedy: there?.remedy ?? (cause.restarts ? disruptive : safe)(cause.summary, ...cause.steps),
    });
  },
});

/** What standbylint cannot do and libpq may be able to: it says nothing about the server. */
const onlyLibpqKnows = ({ why, impossible }: Extract<AttemptOutcome, { readonly kind: 'client-stopped' }>): boolean =>
  (why === 'method' || why === 'gssencmode') && impossible !== true;

interface Cause {
  readonly words: string;
  readonly summary: string;
  readonly side: Side;
  readonly steps: readonly Step[];
  readonly seen: readonly ReturnType<typeof evidence>[];
  /** The client itself gives up before it sends anything. */
  readonly before?: true;
  /** The steps end with a restart of the standby. */
  readonly restarts?: boolean;
}

function causeOf(
  decisive: ConnectionAttempt,
  plan: ConnectionPlan,
  facts: ConnectionFacts & TlsSeen,
): Cause | undefined {
  const { outcome } = decisive;
  const sourceOf = (keyword: string): string => plan.sources[keyword] ?? 'the connection';
  if (outcome.kind === 'tls-other' && outcome.afterRequest === true) {
    return cause(
      outcome.message,
      connectWith(
        facts,
        { sslnegotiation: 'postgres' },
        setParameter('sslnegotiation', 'postgres', sourceOf('sslnegotiation')),
      ),
      `Set sslnegotiation=postgres. (sslnegotiation=direct comes from ${sourceOf('sslnegotiation')}.)`,
    );
  }
  if (outcome.kind === 'tls-other') {
    const refused = /protocol version|unsupported protocol|no protocols available|version too low/u;
    const gap = tlsVersionGap(plan, ifSeen(facts.primarySettings), refused.test(outcome.message));
    if (gap !== undefined) return ofVersions(outcome.message, gap, facts, sourceOf);
    return cause(outcome.message, [
      manual(
        connectingSide(facts),
        'Compare the TLS versions and certificates of both sides (ssl_min_protocol_version on both, ssl_ciphers and ssl_ca_file on the server). The log of the server gives the reason from its side.',
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
      `Accept any server (target_session_attrs=any), or give a host that target_session_attrs=${plan.targetSessionAttrs} accepts. (The setting comes from ${sourceOf('target_session_attrs')}.)`,
    );
  }
  if (outcome.kind === 'closed' && outcome.phase === 'login') {
    return cause(outcome.message, [
      manual('primary', "Read the server's log: it says why the server closed the connection."),
    ]);
  }
  if (outcome.kind === 'client-stopped' && outcome.why === 'gssencmode') {
    const steps = overTls(facts, plan, decisive.host, { withoutGss: true });
    const summary = `Encrypt the connection with TLS instead (gssencmode=disable, sslmode=${plan.sslmode.startsWith('verify') ? plan.sslmode : 'require'}). If Kerberos is meant, give this user a ticket (kinit) and connect over TCP. (gssencmode=require comes from ${sourceOf('gssencmode')}.)`;
    return { ...cause(outcome.message, steps, summary), before: true };
  }
  if (outcome.kind === 'client-stopped' && outcome.why === 'channel-binding') {
    const from = `(channel_binding=${plan.channelBinding} comes from ${sourceOf('channel_binding')}.)`;
    if (decisive.encryption === 'none')
      return cause(
        outcome.message,
        overTls(facts, plan, decisive.host, { withoutGss: false }),
        `Connect with TLS: there is no channel binding without it. ${from}`,
      );
    return cause(
      outcome.message,
      [
        manual(
          'primary',
          'Set the password of this role again with password_encryption = scram-sha-256, and use the method scram-sha-256 in its line of pg_hba.conf.',
        ),
      ],
      `Authenticate with SCRAM: no other method has channel binding. ${from}`,
    );
  }
  // nothing is stronger: what the client requires is the mistake
  if (outcome.kind === 'client-stopped' && outcome.why === 'require-auth' && outcome.asks === 'scram-sha-256') {
    return cause(
      outcome.message,
      connectWith(
        facts,
        { require_auth: 'scram-sha-256' },
        setParameter('require_auth', 'scram-sha-256', sourceOf('require_auth')),
      ),
      `Accept SCRAM. (require_auth comes from ${sourceOf('require_auth')}.)`,
    );
  }
  if (outcome.kind === 'client-stopped' && outcome.why === 'require-auth') {
    return cause(outcome.message, [
      manual(
        'primary',
        'Use scram-sha-256 for this role: change the method of its line in pg_hba.conf, and reload the server.',
      ),
    ]);
  }
  if (outcome.kind !== 'server-refused') return undefined;
  const asked = outcome.refusal === 'unknown' ? variableAsking(outcome.error, plan) : undefined;
  if (asked !== undefined)
    return {
      ...cause(outcome.error.message, withoutAsking(facts, asked), `Connect without ${asked}.`),
      restarts: standbyOf(facts) !== undefined,
    };
  const keyword = outcome.refusal === 'unknown' ? refusedKeyword(outcome.error) : undefined;
  if (keyword !== undefined && ![undefined, 'the default'].includes(plan.sources[keyword]))
    return cause(
      outcome.error.message,
      connectWith(facts, { [keyword]: accepted[keyword] }, setParameter(keyword, accepted[keyword], sourceOf(keyword))),
      `${keyword === 'options' ? 'Connect without options' : 'Use an encoding that the server knows'}. (${keyword} comes from ${sourceOf(keyword)}.)`,
    );
  const step =
    outcome.refusal === 'database-missing'
      ? byHand(facts, {
          client: 'Give a database that exists, or no database: a physical replication connection does not need one.',
          standby:
            'set the host and port of the PostgreSQL server itself, and reload: SELECT pg_reload_conf(); a physical replication connection uses no database, so a connection pooler may have answered.',
        })
      : stepsByRefusal.get(outcome.refusal);
  return step === undefined ? undefined : refused(outcome, step);
}

/** An empty bound is none, and in primary_conninfo it is taken out. */
function ofVersions(
  said: string,
  { words, change }: TlsVersionGap,
  facts: ConnectionFacts & TlsSeen,
  sourceOf: (keyword: string) => string,
): Cause {
  const message = `${words} (${said})`;
  if (change.side === 'server')
    return cause(
      message,
      changeAndReload(facts, { [change.setting]: change.value }),
      'Let the server accept newer versions of TLS, and reload.',
    );
  const { keyword, value } = change;
  return cause(
    message,
    connectWith(
      facts,
      { [keyword]: value === '' ? undefined : value },
      setParameter(keyword, value, sourceOf(keyword)),
    ),
    `${value === '' ? `Connect without ${keyword}` : `Set ${keyword}=${value}`}. (${keyword} comes from ${sourceOf(keyword)}.)`,
  );
}

const accepted = { client_encoding: 'UTF8', options: '' } as const;

/** What the connection asks the server to set at the login, and it refuses (postinit.c, process_startup_options). */
function refusedKeyword({ sqlstate, message }: ServerError): keyof typeof accepted | undefined {
  if (/\bclient_encoding\b/u.test(message)) return 'client_encoding';
  return refusedOptions.has(sqlstate) ? 'options' : undefined;
}

/** The variable of the environment by which libpq asked for the setting that the server refuses. */
function variableAsking({ message }: ServerError, { sources }: ConnectionPlan): string | undefined {
  const [, setting = ''] = /"([^"]+)"/u.exec(message) ?? [];
  const variable = variableOf(setting);
  return sources[setting] === variable ? variable : undefined;
}

function withoutAsking(facts: ConnectionFacts, variable: string): readonly Step[] {
  const command = ifSeen(facts.baseBackup);
  return command === undefined
    ? [manual('standby', `Remove ${variable} from the environment in which the server is started, and restart it.`)]
    : [checkAgain(command, { environment: { [variable]: nothingAsked } })];
}

/** Class 22023 and 42704 of guc.c, 42601 of postgres.c, 42501 and 55P02 of what may not be set there. */
const refusedOptions: ReadonlySet<string> = new Set(['22023', '42704', '42601', '42501', '55P02']);

const stepsByRefusal: ReadonlyMap<Refusal, Step> = new Map([
  [
    'connections-exhausted',
    manual(
      'primary',
      'End sessions that are not needed (pg_stat_activity lists them), or raise max_connections and restart the server.',
    ),
  ],
  [
    'unknown',
    manual(
      'primary',
      "Read the server's log at the time of this login: it says more than the error that the client gets.",
    ),
  ],
]);

const cause = (words: string, steps: readonly Step[], summary = takeAway): Cause => ({
  words,
  summary,
  side: steps[0]?.on ?? 'client',
  steps,
  seen: [],
});

const takeAway = 'Remove the cause.';

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
