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
import { isOwnAddress } from '../own-address.ts';
import { isDataDirectoryOf, isOnThisSystem, postmasterOf } from '../served-here.ts';
import { isWalked } from '../walked-directory.ts';
import type { LookBySql } from './look-by-sql.ts';
import type { Upstream, StandbySettings } from '../internal-facts.ts';

/** What is asked beside the catalogue itself. */
export interface AdminLook {
  /** The replication role; empty without a connection. */
  readonly role: string;
  readonly settings: StandbySettings | undefined;
  /** The process that serves the replication session: undefined where there is no session. */
  readonly replication: Promise<number | undefined>;
}

/** Logs in over --admin and reads the catalogue. */
export async function lookOverAdmin(look: AdminLook, surroundings: Surroundings): Promise<LookBySql> {
  const { admin } = surroundings.subject;
  return admin === undefined ? notAsked : lookOver(admin, '--admin', look, surroundings);
}

/** The header of the last checkpoint's record, as far as it lies on one page: a primary with another one went its own way. */
export async function lastCheckpoint(settings: StandbySettings | undefined, host: Host): Promise<WalPlace | undefined> {
  if (settings === undefined) return undefined;
  const control = ifSeen(await controlFileIn(settings.dataDirectory, host));
  if (control?.ok !== true) return undefined;
  const { checkpoint, walBlockSize, walSegmentSize: segmentSize } = control.value;
  const { timeline, location: position } = checkpoint;
  const bytes = Math.min(headerBytes, walBlockSize - Number(position % BigInt(walBlockSize)));
  return { timeline, position, bytes, segmentSize };
}

/** access/xlogrecord.h, SizeOfXLogRecord: it holds the record's checksum. */
const headerBytes = 24;

/** Where the standby's configuration leads. */
export interface Ways {
  readonly upstream: Upstream | undefined;
  readonly settings: StandbySettings | undefined;
}

/**
 * Without --admin: the replication role's own credentials may open an ordinary session too, which shows more than a
 * replication connection does. Where they do not, that is nothing to speak of: `otherwise` stands.
 */
export async function lookWithTheSameCredentials(
  { upstream, settings }: Ways,
  surroundings: Surroundings,
  otherwise: LookBySql,
): Promise<LookBySql> {
  if (upstream === undefined) return otherwise;
  const { connection, host } = upstream;
  const { database } = connection;
  const ordinary = { ...connection, replication: false, database: isOfReplication(database) ? 'postgres' : database };
  const bySql = await lookOver(
    ordinary,
    'the replication credentials',
    { role: connection.plan.user, settings, replication: Promise.resolve(undefined) },
    { ...surroundings, host },
  );
  return bySql.seen ? bySql : otherwise;
}

const notAsked: LookBySql = {
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
  { role, settings, replication }: AdminLook,
  surroundings: Surroundings,
): Promise<LookBySql> {
  const { host, timeoutMs, signal, now } = surroundings;
  const since = now();
  // the login does not wait for what will be asked
  const [{ attempts, session }, walAt] = await Promise.all([
    connect(connection, { host, timeoutMs, signal }),
    lastCheckpoint(settings, host),
  ]);
  if (session === undefined)
    return { ...refused(by, attempts.at(-1)), refusal: refusalOf(attempts.at(-1), host, connection.from) };
  try {
    const itsPostmaster = postmasterOf(session, host, since, connection.from);
    const catalogue = await readCatalogue(askBy(session), {
      replicationRole: role,
      walAt,
      walksFiles: async (dataDirectory) =>
        surroundings.subject.command !== 'postmortem' &&
        !(await isWalkedHere(host, await itsPostmaster, dataDirectory)),
      asksActivity: surroundings.subject.command === 'postmortem',
      // the server's own limit comes first, so that the session survives it
      timeoutMs: timeoutMs * 0.8,
      clock: () => now().getTime(),
    });
    if (!catalogue.ok) return unanswered(by, catalogue.failure);
    const { attempt } = session;
    const [postmaster, seesReplication] = await Promise.all([
      itsPostmaster,
      replication.then((pid) => sees(session, pid)),
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
    if (connection === surroundings.subject.admin && surroundings.kept !== undefined) surroundings.kept.keep(session);
    // nobody waits for its place, as the next one does for a walsender's
    else void session.close();
  }
}

/** The files of a primary on this machine are looked at here, and not by the server as well. */
const isWalkedHere = async (host: Host, postmaster: number | undefined, dataDirectory: string): Promise<boolean> =>
  postmaster !== undefined &&
  (await isDataDirectoryOf(host, dataDirectory, postmaster)) &&
  (await isWalked(host, dataDirectory));

/**
 * Whether that process is one of this session's own server: its number and its name are shown to everybody
 * (pgstatfuncs.c, pg_stat_get_activity), its kind only to some. This session has the same name.
 */
async function sees(session: OpenSession, pid: number | undefined): Promise<boolean | undefined> {
  if (pid === undefined) return undefined;
  const answer = await session.simpleQuery(
    `SELECT count(*) FROM pg_catalog.pg_stat_get_activity(${pid}) WHERE pid <> pg_catalog.pg_backend_pid() AND application_name = 'standbylint' AND coalesce(backend_type, 'walsender') = 'walsender'`,
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

function refused(by: string, attempt: ConnectionAttempt | undefined): Extract<LookBySql, { readonly seen: false }> {
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

function unanswered(by: string, failure: AskFailure): LookBySql {
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
