import type { ConnectionAttempt, NamedSlot, ReplicationLogin, ReplicationSession } from '../facts/connection.ts';
import { ifSeen, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { parseLsn, parseSystemIdentifier, parseTimelineId } from '../postgres/lsn.ts';
import type { TimelineId } from '../postgres/lsn.ts';
import { parseTimelineHistory } from '../postgres/timeline-history.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import { parseVersion } from '../postgres/versions.ts';
import { connect, isFull } from '../servers/connect.ts';
import type { Connected } from '../servers/connect.ts';
import { Limit } from '../servers/time-limit.ts';
import type { OpenSession, QueryAnswer, ResultRows } from '../servers/session.ts';
import type { Surroundings } from './check.ts';
import { clusterOfStandby } from './cluster-of-standby.ts';
import { decisiveAttempt } from './decisive-attempt.ts';
import { containerAt, isOwnAddress } from './own-address.ts';
import { isOnThisSystem, postmasterOf } from './served-here.ts';
import type { LookBySql } from './primary/look-by-sql.ts';
import type { Upstream, StandbySettings } from './internal-facts.ts';

/** What the login goes by, beside the connection itself. */
export interface Login {
  readonly upstream: Upstream;
  /** The connection, which is being made. */
  readonly connecting: ReturnType<typeof connect>;
  readonly since: Date;
  readonly settings: StandbySettings | undefined;
  /** What --admin shows, as soon as it does. */
  readonly over: Promise<LookBySql>;
}

/**
 * Logs in as pg_basebackup or the standby's WAL receiver will: physical replication, the same user, password and TLS. Then
 * it asks what such a connection can tell, in a few round trips, and for `-X stream` opens the second connection that the
 * copy will need beside the first.
 */
export async function logIn(login: Login, surroundings: Surroundings): Promise<Observed<ReplicationLogin>> {
  const { upstream } = login;
  let found = await logInOnce(login, await login.connecting, surroundings);
  for (const pauseMs of pausesMs) {
    if (!lacksSecond(found)) break;
    // whoever looks beside us may hold the last but one, and wait for ours
    await new Limit(pauseMs * (0.5 + Math.random()), surroundings.signal).passed();
    const again = await connect(upstream.connection, { ...surroundings, host: upstream.host });
    found = await logInOnce(login, again, surroundings);
  }
  return found;
}

const pausesMs = [200, 400, 800];

/** The server had a place for the first connection, and none for the second. */
function lacksSecond(login: Observed<ReplicationLogin>): boolean {
  const outcome = ifSeen(login)?.outcome;
  if (outcome?.accepted !== true || outcome.session.second?.accepted !== false) return false;
  return isFull([outcome.session.second.attempt]);
}

async function logInOnce(
  login: Login,
  { attempts, session }: Connected,
  surroundings: Surroundings,
): Promise<Observed<ReplicationLogin>> {
  const { upstream } = login;
  if (surroundings.signal.aborted) {
    await session?.close();
    return unseen('not-asked', 'the examination was interrupted');
  }
  if (session === undefined) {
    const decisive = decisiveAttempt(attempts);
    if (decisive === undefined) return unseen('tool', 'the connection names no host to try');
    return hidden(upstream, decisive) ?? seen({ attempts, outcome: { accepted: false, decisive } }, source);
  }
  try {
    const asked = await askAround(session, login, surroundings);
    if (!asked.ok) return asked.why;
    return seen({ attempts, outcome: { accepted: true, session: asked.session } }, source);
  } finally {
    await session.close();
  }
}

const source = 'the replication login';

/** Where the login ends at what only the server's user may read or be, nobody else can say how it would end for that user. */
function hidden(
  { hiddenFrom, connection }: Upstream,
  { outcome, address }: ConnectionAttempt,
): Observed<never> | undefined {
  if (hiddenFrom === undefined) return undefined;
  const { user } = hiddenFrom;
  const { state } = connection.plan.password.passfile;
  const remedy = `run this as ${user} or as root`;
  if (outcome.kind === 'client-stopped') {
    if (outcome.why === 'no-password' && state.kind === 'not-seen') return unseen('permission', state.because, remedy);
    if (outcome.why === 'client-key') return unseen('permission', outcome.message, remedy);
  }
  return isPeer(outcome, address) ? unseen('permission', peerOf(user), remedy) : undefined;
}

/** Peer authentication goes by the operating system's user of the process that connects (auth.c, auth_peer). */
const isPeer = (outcome: ConnectionAttempt['outcome'], address: string | undefined): boolean =>
  outcome.kind === 'server-refused' &&
  outcome.refusal === 'other-method-refused' &&
  address !== undefined &&
  /^[/@]/u.test(address);

const peerOf = (user: string): string =>
  `over a Unix socket the primary lets in ${user}, who runs the standby's server`;

type Found =
  | { readonly ok: true; readonly session: ReplicationSession }
  | { readonly ok: false; readonly why: Observed<never> };

async function askAround(
  session: OpenSession,
  { upstream, since, over, settings: standby }: Login,
  surroundings: Surroundings,
): Promise<Found> {
  const { host } = surroundings;
  // the second connection is made beside the questions: it has its own, and the first one stays open meanwhile
  const second = upstream.second ? secondConnection(upstream, surroundings) : Promise.resolve(undefined);
  const [postmaster, identity] = await Promise.all([
    postmasterOf(session, host, since),
    session.simpleQuery('IDENTIFY_SYSTEM'),
  ]);
  const [row] = identity.ok ? rowsOf(identity) : [];
  const systemIdentifier = parseSystemIdentifier(row?.get('systemid') ?? '');
  const seesInside = await isInside(over, surroundings);
  const settings = seesInside ? undefined : settingsIn(await session.simpleQuery('SHOW all'));
  const serverVersion = session.parameters.get('server_version') ?? settings?.get('server_version') ?? '';
  // of a server of another cluster no slot is meant
  const own = await clusterOfStandby(standby, host);
  const isMeant = own === undefined || own === systemIdentifier;
  const slot = isMeant ? await namedSlot(session, upstream.slot, serverVersion) : undefined;
  const beside = await second;

  if (!identity.ok) return { ok: false, why: silence('IDENTIFY_SYSTEM', identity) };
  const timeline = parseTimelineId(row?.get('timeline') ?? '');
  const walPosition = parseLsn(row?.get('xlogpos') ?? '');
  if (systemIdentifier === undefined || timeline === undefined || walPosition === undefined) {
    return { ok: false, why: unseen('unreadable', 'the answer to IDENTIFY_SYSTEM is not one of PostgreSQL') };
  }
  // on the first timeline there is no history
  const asksHistory = surroundings.subject.command === 'postmortem' && timeline > 1;
  const history = asksHistory ? await historyOf(session, timeline) : undefined;
  return {
    ok: true,
    session: {
      attempt: session.attempt,
      serverVersion,
      systemIdentifier,
      timeline,
      walPosition,
      settings: settings ?? session.parameters,
      second: beside,
      slot,
      ...(history === undefined ? {} : { timelineHistory: history }),
      ownAddress: isOwnAddress(session.attempt, host),
      neighbor: containerAt(session.attempt, host)?.name,
      postmaster,
      sameMachine: await isOnThisSystem(host, postmaster),
    },
  };
}

/** What --admin shows of the same server is more than `SHOW all` does; a login that hangs there is not waited for here. */
async function isInside(over: Promise<LookBySql>, { timeoutMs, signal }: Surroundings): Promise<boolean> {
  const bySql = await new Limit(timeoutMs, signal).race(over).catch(() => undefined);
  return bySql?.seen === true && bySql.seesReplication === true;
}

async function secondConnection(
  { connection, host }: Upstream,
  surroundings: Surroundings,
): Promise<ReplicationSession['second']> {
  const { attempts, session } = await connect(connection, { ...surroundings, host });
  if (session !== undefined) {
    await session.close();
    return { accepted: true };
  }
  const attempt = decisiveAttempt(attempts);
  return attempt === undefined ? undefined : { accepted: false, attempt };
}

/** `SHOW all` on a walsender gives name, setting and description (guc_funcs.c, ShowAllGUCConfig): units stand in the value. */
function settingsIn(answer: QueryAnswer): ReadonlyMap<string, string> | undefined {
  const result = answer.ok ? answer.results[0] : undefined;
  if (result === undefined) return undefined;
  const [name, setting] = ['name', 'setting'].map((column) => result.columns.indexOf(column));
  return new Map(result.rows.map((row): [string, string] => [row[name ?? -1] ?? '', row[setting ?? -1] ?? '']));
}

/** READ_REPLICATION_SLOT came with 15 (walsender.c); before that nothing on a physical connection tells of a slot. */
async function namedSlot(
  session: OpenSession,
  name: string | undefined,
  serverVersion: string,
): Promise<NamedSlot | undefined> {
  if (name === undefined || name === '' || (parseVersion(serverVersion)?.major ?? 0) < 15) return undefined;
  // slot.c, ReplicationSlotValidateName: no slot can have another name, and 15's scanner does not read one
  if (!/^[a-z0-9_]{1,63}$/u.test(name)) return { exists: false };
  const answer = await session.simpleQuery(`READ_REPLICATION_SLOT "${name}"`);
  if (!answer.ok) {
    // "cannot use READ_REPLICATION_SLOT with a logical replication slot"; a name that is none is refused otherwise
    const isLogical = answer.kind === 'server' && answer.error.routine === 'ReadReplicationSlot';
    return isLogical ? { exists: 'logical' } : undefined;
  }
  const [row] = rowsOf(answer);
  const type = row?.get('slot_type');
  if (type === undefined || type === null) return { exists: false };
  return { exists: true, reserved: (row?.get('restart_lsn') ?? null) !== null };
}

/** The history file of the server's timeline, as a WAL receiver asks for it (walsender.c, SendTimeLineHistory). */
async function historyOf(session: OpenSession, timeline: TimelineId): Promise<TimelineHistory | undefined> {
  const answer = await session.simpleQuery(`TIMELINE_HISTORY ${timeline}`);
  const content = answer.ok ? rowsOf(answer)[0]?.get('content') : undefined;
  if (content === undefined || content === null) return undefined;
  const parsed = parseTimelineHistory(content, timeline);
  return parsed.ok ? parsed.value : undefined;
}

const rowsOf = (answer: Extract<QueryAnswer, { readonly ok: true }>): readonly ReadonlyMap<string, string | null>[] =>
  answer.results.flatMap(({ columns, rows }: ResultRows) =>
    rows.map((row) => new Map(columns.map((column, index): [string, string | null] => [column, row[index] ?? null]))),
  );

function silence(command: string, answer: Extract<QueryAnswer, { readonly ok: false }>): Observed<never> {
  switch (answer.kind) {
    case 'server':
      return unseen('permission', `${command} was refused: ${answer.error.message}`);
    case 'timed-out':
      return unseen('timed-out', `${command} on the replication connection: ${answer.message}`);
    case 'lost':
      return unseen('connection', `the replication connection broke while ${command} was asked: ${answer.message}`);
  }
}
