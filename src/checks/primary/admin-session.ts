import type { AdminRefusal, AttemptOutcome, ConnectionAttempt } from '../../facts/connection.ts';
import { ifSeen, withoutAdmin } from '../../facts/observed.ts';
import type { Host } from '../../hosts/host.ts';
import { readCatalogue } from '../../servers/catalogue.ts';
import type { Ask, AskFailure } from '../../servers/catalogue.ts';
import type { WalPlace } from '../../servers/catalogue-sql.ts';
import { connect } from '../../servers/connect.ts';
import type { ResolvedConnection } from '../../servers/connection.ts';
import type { OpenSession } from '../../servers/session.ts';
import type { Surroundings } from '../check.ts';
import { controlFileIn } from '../control-file.ts';
import { replicationBackend } from '../open-replication.ts';
import { isOwnAddress } from '../own-address.ts';
import { isOnThisSystem, postmasterOf } from '../served-here.ts';
import { standbySettings } from '../standby-settings.ts';
import { upstreamOf } from '../upstream.ts';
import type { Inside } from './inside.ts';

/** One look an examination, whoever asks for it first. */
const looks = new WeakMap<Surroundings, Promise<Inside>>();

/** Logs in over --admin and reads the catalogue. */
export function lookOverAdmin(surroundings: Surroundings): Promise<Inside> {
  const running = looks.get(surroundings) ?? look(surroundings);
  looks.set(surroundings, running);
  return running;
}

async function look(surroundings: Surroundings): Promise<Inside> {
  const { admin } = surroundings.subject;
  if (admin === undefined) return notAsked;
  // without a connection there is no role that is asked about
  const role = upstreamOf(surroundings).then((upstream) => ifSeen(upstream)?.connection.plan.user ?? '');
  return lookOver(admin, '--admin', surroundings, role, () => replicationBackend(surroundings));
}

/** The header of the last checkpoint's record, as far as it lies on one page: a primary with another one went its own way. */
async function lastCheckpoint(surroundings: Surroundings): Promise<WalPlace | undefined> {
  const settings = await standbySettings(surroundings);
  if (settings === undefined) return undefined;
  const control = ifSeen(await controlFileIn(settings.dataDirectory, surroundings.host));
  if (control?.ok !== true) return undefined;
  const { checkpoint, walBlockSize, walSegmentSize: segmentSize } = control.value;
  const { timeline, location: position } = checkpoint;
  const bytes = Math.min(headerBytes, walBlockSize - Number(position % BigInt(walBlockSize)));
  return { timeline, position, bytes, segmentSize };
}

/** access/xlogrecord.h, SizeOfXLogRecord: it holds the record's checksum. */
const headerBytes = 24;

/**
 * Without --admin: the replication role's own credentials may open an ordinary session too, which shows more than a
 * replication connection does. Where they do not, that is nothing to speak of: `otherwise` stands.
 */
export async function lookWithTheSameCredentials(surroundings: Surroundings, otherwise: Inside): Promise<Inside> {
  const upstream = await upstreamOf(surroundings);
  if (upstream.status !== 'seen') return otherwise;
  const { connection, host } = upstream.value;
  const { database } = connection;
  const ordinary = { ...connection, replication: false, database: isOfReplication(database) ? 'postgres' : database };
  const inside = await lookOver(
    ordinary,
    'the replication credentials',
    { ...surroundings, host },
    Promise.resolve(connection.plan.user),
  );
  return inside.seen ? inside : otherwise;
}

const notAsked: Inside = {
  seen: false,
  why: withoutAdmin(
    'not-asked',
    'no --admin connection was given',
    ', a connection as a superuser or as a member of pg_monitor',
  ),
};

const isOfReplication = (database: string): boolean => database === '' || database === 'replication';

async function lookOver(
  connection: ResolvedConnection,
  by: string,
  surroundings: Surroundings,
  role: Promise<string>,
  replication: () => Promise<number | undefined> = () => Promise.resolve(undefined),
): Promise<Inside> {
  const { host, timeoutMs, signal, now } = surroundings;
  const since = new Date();
  // the login does not wait for what will be asked
  const [{ attempts, session }, replicationRole, walAt] = await Promise.all([
    connect(connection, { host, timeoutMs, signal }),
    role,
    lastCheckpoint(surroundings),
  ]);
  if (session === undefined)
    return { ...refused(by, attempts.at(-1)), refusal: refusalOf(attempts.at(-1), host, connection.from) };
  try {
    const catalogue = await readCatalogue(askBy(session), {
      replicationRole,
      walAt,
      walksFiles: surroundings.subject.command !== 'postmortem',
      asksActivity: surroundings.subject.command === 'postmortem',
      // the server's own limit comes first, so that the session survives it
      timeoutMs: timeoutMs * 0.8,
      clock: () => now().getTime(),
    });
    if (!catalogue.ok) return unanswered(by, catalogue.failure);
    const { attempt } = session;
    const [postmaster, seesReplication] = await Promise.all([
      postmasterOf(session, host, since, connection.from),
      replication().then((pid) => sees(session, pid)),
    ]);
    return {
      seen: true,
      catalogue: catalogue.value,
      walAt,
      host: attempt.host,
      address: attempt.address ?? attempt.host,
      port: attempt.port,
      ownAddress: isOwnAddress(attempt, host, connection.from),
      postmaster,
      sameMachine: await isOnThisSystem(host, postmaster),
      seesReplication,
    };
  } finally {
    // nobody waits for its place, as the next one does for a walsender's
    void session.close();
  }
}

/**
 * Whether that process is one of this session's own server: its number and its name are shown to everybody
 * (pgstatfuncs.c, pg_stat_get_activity), its kind only to some. This session has the same name.
 */
async function sees(session: OpenSession, pid: number | undefined): Promise<boolean | undefined> {
  if (pid === undefined) return undefined;
  const answer = await session.simpleQuery(
    `SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = ${pid} AND pid <> pg_catalog.pg_backend_pid() AND application_name = 'standbylint' AND coalesce(backend_type, 'walsender') = 'walsender'`,
  );
  return answer.ok ? answer.results.at(-1)?.rows[0]?.[0] === '1' : undefined;
}

const askBy =
  (session: OpenSession): Ask =>
  async (statements) => {
    const answer = await session.simpleQuery(statements);
    if (answer.ok) return { ok: true, value: answer.results.at(-1)?.rows[0]?.[0] ?? undefined };
    if (answer.kind === 'server') {
      const { sqlstate, message } = answer.error;
      // errcodes.txt: insufficient_privilege, query_canceled, lock_not_available
      const kind =
        sqlstate === '42501' ? 'permission' : sqlstate === '57014' || sqlstate === '55P03' ? 'timed-out' : 'other';
      return { ok: false, failure: { kind, message } };
    }
    return {
      ok: false,
      failure: { kind: answer.kind === 'lost' ? 'connection' : 'timed-out', message: answer.message },
    };
  };

function refused(by: string, attempt: ConnectionAttempt | undefined): Extract<Inside, { readonly seen: false }> {
  const reason = attempt === undefined ? 'there was nothing to connect to' : inWords(attempt.outcome);
  const where = attempt === undefined ? '' : ` ${attempt.host}:${attempt.port}`;
  return {
    seen: false,
    why: {
      kind: 'connection',
      because: `${by}${where}: ${reason}`,
      remedy: 'correct the connection string of --admin',
    },
  };
}

function refusalOf(
  attempt: ConnectionAttempt | undefined,
  host: Host,
  from: Host | undefined,
): AdminRefusal | undefined {
  if (attempt?.outcome.kind !== 'server-refused') return undefined;
  const { error, refusal } = attempt.outcome;
  return { attempt, error, refusal, own: isOwnAddress(attempt, host, from) };
}

function unanswered(by: string, failure: AskFailure): Inside {
  const kind = failure.kind === 'other' ? 'tool' : failure.kind;
  return { seen: false, why: { kind, because: `the question over ${by} was not answered: ${failure.message}` } };
}

function inWords(outcome: AttemptOutcome): string {
  if (outcome.kind === 'logged-in') return 'the session ended';
  if (outcome.kind === 'server-refused') return outcome.error.message;
  if (outcome.kind === 'not-postgresql') return 'the server that answers is not a PostgreSQL server';
  if (outcome.kind === 'tls-not-offered') return 'the server does not offer TLS';
  return outcome.message;
}
