import type { AttemptOutcome, Refusal } from '../facts/connection.ts';
import type { AdminServer } from '../facts/identity.ts';
import type { Account, Host } from '../hosts/host.ts';
import { conninfoValue } from '../postgres/conninfo-format.ts';
import type { Secret } from '../postgres/secret.ts';
import { connect } from '../servers/connect.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { resolveConnection } from '../servers/resolve-connection.ts';
import { lateSettings } from '../servers/session-settings.ts';
import type { OpenSession } from '../servers/session.ts';
import type { Surroundings } from './check.ts';
import type { BaseBackupSubject } from './subject.ts';

/** A session on one of the two servers. */
export interface Asked {
  readonly session: OpenSession;
  /** In words, for a report. */
  readonly by: string;
  readonly database: string;
}

/** Those of a standby that was just made: the connection of its copy leads to its primary. */
export type CopySurroundings = Surroundings & {
  readonly subject: BaseBackupSubject;
  /** Which server --admin has reached; undefined: it was not given, or let nobody in. */
  readonly adminServer: Pick<AdminServer, 'identity' | 'because'> | undefined;
};

/**
 * Over --admin, where that is proven to lead into the server that the copy comes from, else with the replication
 * credentials; undefined where neither opens an ordinary session.
 */
export async function askPrimary(surroundings: CopySurroundings): Promise<Asked | undefined> {
  const { admin, connection } = surroundings.subject;
  if (admin !== undefined && surroundings.adminServer?.identity.is === 'the-upstream') {
    const asked = await open(admin, '--admin', surroundings);
    if (asked.ok) return harmless(asked.asked);
  }
  const ordinary = { ...connection, replication: false, database: 'postgres' };
  const asked = await open(ordinary, `${connection.plan.user}, the replication role`, surroundings);
  return asked.ok ? harmless(asked.asked) : undefined;
}

/** Where a server listens: postmaster.pid says it. */
export interface ServerAddress {
  readonly port: number;
  readonly socketDirectory: string | undefined;
  readonly listenAddress: string | undefined;
}

export type StandbyAsked =
  | { readonly ok: true; readonly asked: Asked }
  | {
      readonly ok: false;
      /** It lets none of our users in; asking again would not change that. */
      readonly final: boolean;
      readonly because: string;
      /** The server's last word, where it said one. */
      readonly refusal: Refusal | undefined;
      /** The Unix socket has no file. */
      readonly noSocket?: boolean;
    };

/**
 * Over its Unix socket (or the address that it listens on): as the user of --admin, as the operating-system user, as the
 * replication role. What the environment says of another server does not count here.
 */
export async function askStandby(surroundings: CopySurroundings, address: ServerAddress): Promise<StandbyAsked> {
  const { admin, connection } = surroundings.subject;
  const database = admin?.database ?? 'postgres';
  const replication = { user: connection.plan.user, database, password: passwordOf(connection) };
  const found = await askLocally(surroundings, address, [...ownUsers(surroundings), replication]);
  if (found.ok) await harmless(found.asked);
  return found;
}

/** The user of --admin, and the operating-system user's namesake. */
export function ownUsers({ subject: { admin }, host }: Surroundings): readonly LocalUser[] {
  const database = admin?.database ?? 'postgres';
  return [
    ...(admin === undefined ? [] : [{ user: admin.plan.user, database, password: passwordOf(admin) }]),
    { user: host.account.name, database, password: undefined },
  ];
}

/** A session on a server of this machine, as the first of these users that it lets in. */
export async function askLocally(
  surroundings: Surroundings,
  address: ServerAddress,
  users: readonly LocalUser[],
): Promise<StandbyAsked> {
  const { socketDirectory, listenAddress, port } = address;
  const overTcp = listenAddress === '*' ? '127.0.0.1' : listenAddress;
  const [where = overTcp, other] = [socketDirectory, overTcp];
  if (where === undefined) return { ok: false, final: true, because: 'it listens nowhere', refusal: undefined };
  const first = await askAt(surroundings, where, port, users);
  // the file of a socket can be removed while the server listens
  return first.ok || first.noSocket !== true || other === undefined || other === where
    ? first
    : askAt(surroundings, other, port, users);
}

async function askAt(
  surroundings: Surroundings,
  where: string,
  port: number,
  users: readonly LocalUser[],
): Promise<StandbyAsked & { readonly noSocket?: boolean }> {
  const because = new Map<string, string[]>();
  let final = true;
  let noSocket = false;
  let refusal: Refusal | undefined;
  const once = users.filter(({ user }, at) => users.findIndex((other) => other.user === user) === at);
  for (const { user, database, password, as } of once) {
    const connection = await locally(surroundings.host, { where, port, user, database, password });
    if (connection === undefined) continue;
    const host = as === undefined ? surroundings.host : { ...surroundings.host, account: as };
    const asked = await askOver(connection, `${user}, over port ${port} in ${where}`, { ...surroundings, host });
    if (asked.ok) return asked;
    because.set(asked.because, [...(because.get(asked.because) ?? []), user]);
    refusal = asked.refusal;
    if (asked.noSocket === true) noSocket = true;
    if (!asked.final) final = false;
    // no other user would fare better
    if (!asked.final && (refusal === undefined || passing.has(refusal))) break;
  }
  return { ok: false, final, because: inOrder(because), refusal, noSocket };
}

/** `anna, postgres: the server asks for a password; …` */
const inOrder = (because: ReadonlyMap<string, readonly string[]>): string =>
  [...because].map(([why, users]) => `${users.join(', ')}: ${why}`).join('; ');

/** A session over a connection that is given. */
export async function askOver(
  connection: ResolvedConnection,
  by: string,
  surroundings: Surroundings,
): Promise<StandbyAsked> {
  const opened = await open(connection, by, surroundings);
  if (opened.ok) return opened;
  const { outcome } = opened;
  const refusal = outcome?.kind === 'server-refused' ? outcome.refusal : undefined;
  return {
    ok: false,
    final: isRefusal(outcome),
    because: inWords(outcome),
    refusal,
    noSocket: outcome?.kind === 'no-socket',
  };
}

export interface LocalUser {
  readonly user: string;
  readonly database: string;
  readonly password: Secret | undefined;
  /** Who connects to the Unix socket, where that is not who we are. */
  readonly as?: Account | undefined;
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
  return { ok: true, asked: { session, by, database: connection.database } };
}

/** Nothing is written, and nobody waits for us. */
async function harmless(asked: Asked): Promise<Asked> {
  await asked.session.simpleQuery(
    `SET default_transaction_read_only = on; SET statement_timeout = '2s'; SET lock_timeout = '1s'; ${lateSettings}`,
  );
  return asked;
}

/** The server knows who we are, or will never care to. */
const isRefusal = (outcome: AttemptOutcome | undefined): boolean =>
  outcome?.kind === 'client-stopped' ||
  (outcome?.kind === 'server-refused' && !passing.has(outcome.refusal) && outcome.refusal !== 'unknown');

const passing: ReadonlySet<Refusal> = new Set<Refusal>([
  'starting-up',
  'not-accepting-connections',
  'connections-exhausted',
  'server-files-missing',
]);

function inWords(outcome: AttemptOutcome | undefined): string {
  if (outcome?.kind === 'server-refused') return outcome.error.message;
  return outcome !== undefined && 'message' in outcome ? outcome.message : (outcome?.kind ?? 'nothing to connect to');
}
