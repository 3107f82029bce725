import type { AttemptOutcome } from '../../facts/connection.ts';
import type { Host } from '../../hosts/host.ts';
import { conninfoValue } from '../../postgres/conninfo-format.ts';
import type { Secret } from '../../postgres/secret.ts';
import { connect } from '../../servers/connect.ts';
import type { ResolvedConnection } from '../../servers/connection.ts';
import { resolveConnection } from '../../servers/resolve-connection.ts';
import type { OpenSession } from '../../servers/session.ts';
import type { Surroundings } from '../check.ts';
import type { BaseBackupSubject } from '../subject.ts';

/** A session on one of the two servers that only reads, and whose every statement is short. */
export interface Asked {
  readonly session: OpenSession;
  /** In words, for a report. */
  readonly by: string;
  readonly database: string;
}

/** Those of a standby that was just made: the connection of its copy leads to its primary. */
export type CopySurroundings = Surroundings & { readonly subject: BaseBackupSubject };

/** Over --admin, else with the replication credentials; undefined where neither opens an ordinary session. */
export async function askPrimary(surroundings: CopySurroundings): Promise<Asked | undefined> {
  const { admin, connection } = surroundings.subject;
  if (admin !== undefined) {
    const asked = await open(admin, '--admin', surroundings);
    if (asked.ok) return asked.asked;
  }
  const ordinary = { ...connection, replication: false, database: 'postgres' };
  const asked = await open(ordinary, `${connection.plan.user}, the replication role`, surroundings);
  return asked.ok ? asked.asked : undefined;
}

/** Where a server listens: postmaster.pid says it. */
export interface ServerAddress {
  readonly port: number;
  readonly socketDirectory: string | undefined;
  readonly listenAddress: string | undefined;
}

export type StandbyAsked =
  | { readonly ok: true; readonly asked: Asked }
  /** `final`: it lets none of our users in; asking again would not change that. */
  | { readonly ok: false; readonly final: boolean; readonly because: string };

/**
 * Over its Unix socket (or the address that it listens on): as the user of --admin, as the operating-system user, as the
 * replication role. What the environment says of another server does not count here.
 */
export async function askStandby(surroundings: CopySurroundings, address: ServerAddress): Promise<StandbyAsked> {
  const { socketDirectory, listenAddress, port } = address;
  const where = socketDirectory ?? (listenAddress === '*' ? '127.0.0.1' : listenAddress);
  if (where === undefined) return { ok: false, final: true, because: 'it listens nowhere' };
  const because: string[] = [];
  let final = true;
  for (const { user, database, password } of users(surroundings)) {
    const connection = await locally(surroundings.host, { where, port, user, database, password });
    if (connection === undefined) continue;
    const asked = await open(connection, `${user}, over port ${port} in ${where}`, surroundings);
    if (asked.ok) return asked;
    because.push(`${user}: ${inWords(asked.outcome)}`);
    if (!isRefusal(asked.outcome)) final = false;
  }
  return { ok: false, final, because: because.join('; ') };
}

interface LocalUser {
  readonly user: string;
  readonly database: string;
  readonly password: Secret | undefined;
}

function users({ subject: { admin, connection }, host }: CopySurroundings): readonly LocalUser[] {
  const database = admin?.database ?? 'postgres';
  const all: readonly LocalUser[] = [
    ...(admin === undefined ? [] : [{ user: admin.plan.user, database, password: passwordOf(admin) }]),
    { user: host.account.name, database, password: undefined },
    { user: connection.plan.user, database, password: passwordOf(connection) },
  ];
  return all.filter(({ user }, at) => all.findIndex((other) => other.user === user) === at);
}

function passwordOf(connection: ResolvedConnection): Secret | undefined {
  const [first] = connection.plan.hosts;
  return first === undefined ? undefined : connection.passwordFor(first);
}

async function locally(
  host: Host,
  { where, port, user, database, password }: LocalUser & { readonly where: string; readonly port: number },
): Promise<ResolvedConnection | undefined> {
  // PGHOSTADDR, PGSERVICE, PGOPTIONS and the like speak of the primary
  const environment = Object.fromEntries(
    Object.entries(host.environment).filter(([name]) => !name.startsWith('PG') || name === 'PGPASSFILE'),
  );
  const given = { conninfo: `dbname=${conninfoValue(database)}`, host: where, port: String(port), user };
  const options = password === undefined ? { replication: false } : { replication: false, password };
  const resolution = await resolveConnection({ ...host, environment }, given, options);
  return resolution.ok ? resolution.connection : undefined;
}

type Opened =
  | { readonly ok: true; readonly asked: Asked }
  | { readonly ok: false; readonly outcome: AttemptOutcome | undefined };

async function open(connection: ResolvedConnection, by: string, surroundings: Surroundings): Promise<Opened> {
  const { host, timeoutMs, signal } = surroundings;
  const { attempts, session } = await connect(connection, { host, timeoutMs, signal });
  if (session === undefined) return { ok: false, outcome: attempts.at(-1)?.outcome };
  await session.simpleQuery(harmless);
  return { ok: true, asked: { session, by, database: connection.database } };
}

/** Nothing is written, nobody waits for us, and no function of somebody's own stands in for one of the system's. */
const harmless =
  "SET default_transaction_read_only = on; SET statement_timeout = '2s'; SET lock_timeout = '1s'; SET search_path = pg_catalog";

/** The server knows who we are, or will never care to. */
const isRefusal = (outcome: AttemptOutcome | undefined): boolean =>
  outcome?.kind === 'client-stopped' ||
  (outcome?.kind === 'server-refused' && !passing.has(outcome.refusal) && outcome.refusal !== 'unknown');

const passing: ReadonlySet<string> = new Set(['starting-up', 'not-accepting-connections', 'connections-exhausted']);

function inWords(outcome: AttemptOutcome | undefined): string {
  if (outcome?.kind === 'server-refused') return outcome.error.message;
  return outcome !== undefined && 'message' in outcome ? outcome.message : (outcome?.kind ?? 'nothing to connect to');
}
