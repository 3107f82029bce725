import type {
  AttemptOutcome,
  ClientIdentity,
  ConnectionAttempt,
  PlannedHost,
  ServerCertificate,
} from '../facts/connection.ts';
import { NoWay } from '../hosts/host.ts';
import type { Connection, Destination } from '../hosts/host.ts';
import { asAttempt } from './attempt.ts';
import type { Tried } from './attempt.ts';
import { destinationsOf, encryptions } from './destinations.ts';
import type { Encryption } from './destinations.ts';
import { gssapiAsked, gssapiRequired } from './kerberos-ticket.ts';
import { Limit } from './time-limit.ts';
import { asksForWritability, login, readOnlySession } from './login.ts';
import type { ConnectOptions, ResolvedConnection } from './connection.ts';
import type { OpenSession } from './session.ts';
import { askForTls, openSocket, socketOutcome } from './socket.ts';
import type { Secured, StartedTls } from './start-tls.ts';
import { fitsTarget, isSecondChance } from './target-session.ts';
import { readTlsFiles } from './tls-files.ts';
import type { ReadTlsFiles } from './tls-files.ts';

export interface Connected {
  /** Every try in its order; the last one is the login where there is a session. */
  readonly attempts: readonly ConnectionAttempt[];
  readonly session: OpenSession | undefined;
}

/**
 * Connects as libpq does (fe-connect.c, PQconnectPoll, of 14 and later): each host in order, each of its addresses, with
 * and without TLS as sslmode says. It goes on to the next address when a connection cannot be made; to the next host
 * when the name leads nowhere, the server is starting (57P03) or is not the kind that target_session_attrs wants; from
 * TLS to plain (or back, for `allow`) when TLS or the login fails before the server has let us in. Anything else ends it.
 * load_balance_hosts is not followed: the order is the written one. Nothing is thrown for what the other side does.
 */
export async function connect(connection: ResolvedConnection, options: ConnectOptions): Promise<Connected> {
  for (const pauseMs of pausesMs) {
    const connected = await connectOnce(connection, options);
    if (connected.session !== undefined || !isFull(connected.attempts)) return connected;
    await new Limit(pauseMs * (0.5 + Math.random()), options.signal).passed();
  }
  return connectOnce(connection, options);
}

/** A server that is full is asked again: another look, or whoever was about to go, may have had the last place. */
const pausesMs = [100, 200, 400, 800];

/** A server had no place left (errcodes.txt, too_many_connections). */
export const isFull = (attempts: readonly ConnectionAttempt[]): boolean =>
  attempts.some(({ outcome }) => outcome.kind === 'server-refused' && outcome.error.sqlstate === '53300');

async function connectOnce(connection: ResolvedConnection, options: ConnectOptions): Promise<Connected> {
  const attempts: ConnectionAttempt[] = [];
  const tries = new Tries(connection, options, attempts);
  // prefer-standby: a second round takes whatever there is
  const rounds = isSecondChance(connection.plan.targetSessionAttrs)
    ? ['standby', 'any']
    : [connection.plan.targetSessionAttrs];
  for (const target of rounds) {
    const session = await tries.hosts(target);
    if (session !== undefined) return { attempts, session };
  }
  return { attempts, session: undefined };
}

const notDirect =
  'the server offers TLS, but closes a connection that begins with it: sslnegotiation=direct needs PostgreSQL 17';

/** What libpq does after a try that failed. */
type Follow = 'next-encryption' | 'next-address' | 'next-host' | 'stop';

interface TryResult {
  readonly session?: OpenSession;
  readonly follow: Follow;
  /** The server said no to TLS, and the same connection serves on without. */
  readonly socket?: Connection;
}

class Tries {
  readonly #connection: ResolvedConnection;
  readonly #options: ConnectOptions;
  readonly #attempts: ConnectionAttempt[];
  #tlsFiles: Promise<ReadTlsFiles> | undefined;
  #withoutLibraries = false;
  /** Addresses of the name behind the one that is tried. */
  #further: readonly string[] = [];

  constructor(connection: ResolvedConnection, options: ConnectOptions, attempts: ConnectionAttempt[]) {
    this.#connection = connection;
    // a session may be dialled from another machine than the one that is examined
    this.#options = { ...options, host: connection.from ?? options.host };
    this.#attempts = attempts;
  }

  async hosts(target: string): Promise<OpenSession | undefined> {
    for (const host of this.#connection.plan.hosts) {
      const { session, follow } = await this.#host(host, target);
      if (session !== undefined || follow === 'stop') return session;
    }
    return undefined;
  }

  async #host(host: PlannedHost, target: string): Promise<TryResult> {
    this.#further = [];
    const found = await destinationsOf(host, this.#connection, this.#options);
    if (!found.ok) {
      this.#record(host, undefined, 'none', { outcome: found.outcome });
      return { follow: 'next-host' };
    }
    for (const [at, destination] of found.destinations.entries()) {
      this.#further = found.destinations.slice(at + 1).flatMap((one) => (one.kind === 'tcp' ? [one.address] : []));
      const first = await this.#address(host, destination, target);
      const result = this.#lacksLibrary() ? await this.#againWithoutLibraries(host, destination, target) : first;
      if (result.follow !== 'next-address') return result;
    }
    return { follow: 'next-host' };
  }

  /** A library of session_preload_libraries is missing (dfmgr.c): whoever may set that, a superuser, needs none of them. */
  #lacksLibrary(): boolean {
    const outcome = this.#attempts.at(-1)?.outcome;
    const { replication } = this.#connection;
    return !replication && outcome?.kind === 'server-refused' && outcome.error.sqlstate === '58P01';
  }

  async #againWithoutLibraries(host: PlannedHost, destination: Destination, target: string): Promise<TryResult> {
    const before = this.#attempts.length;
    this.#withoutLibraries = true;
    const result = await this.#address(host, destination, target);
    this.#withoutLibraries = false;
    // who may not set it is told of the library
    if (result.session === undefined) this.#attempts.length = before;
    return result;
  }

  /** One address, with TLS and without, under one time-out. */
  async #address(host: PlannedHost, destination: Destination, target: string): Promise<TryResult> {
    const { timeoutMs, signal } = this.#options;
    const { connectTimeoutSeconds } = this.#connection.parameters;
    if (this.#connection.parameters.values.gssencmode === 'require') {
      this.#record(host, destination, 'none', { outcome: await gssapiRequired(this.#options.host, destination) });
      return { follow: 'stop' };
    }
    const limit = new Limit(Math.min(timeoutMs, (connectTimeoutSeconds ?? Infinity) * 1_000), signal);
    const methods = encryptions(this.#connection.plan.sslmode, destination);
    let ready: Connection | undefined;
    for (const [index, encryption] of methods.entries()) {
      const isLast = index === methods.length - 1;
      const opened = ready ?? (await this.#open(host, destination, encryption, limit));
      ready = undefined;
      if (opened === undefined) return { follow: signal.aborted ? 'stop' : 'next-address' };
      const result = await this.#try(host, destination, encryption, opened, limit, target);
      if (result.follow !== 'next-encryption' || isLast) {
        result.socket?.destroy();
        return result.follow === 'next-encryption' ? { follow: 'stop' } : result;
      }
      ready = result.socket;
    }
    return { follow: 'stop' };
  }

  async #open(
    host: PlannedHost,
    destination: Destination,
    encryption: Encryption,
    limit: Limit,
  ): Promise<Connection | undefined> {
    const from = this.#options.host;
    if (from.way !== undefined) await limit.aside(from.way(destination));
    try {
      return await openSocket(from, destination, limit);
    } catch (error) {
      if (error instanceof NoWay) throw error;
      const outcome = socketOutcome(error, 'connect', destination.kind === 'socket');
      this.#record(host, destination, encryption, { outcome });
      return undefined;
    }
  }

  async #try(
    host: PlannedHost,
    destination: Destination,
    encryption: Encryption,
    socket: Connection,
    limit: Limit,
    target: string,
  ): Promise<TryResult> {
    const local = destination.kind === 'tcp' ? socket.localAddress : undefined;
    let identity: ClientIdentity | undefined;
    const end = (outcome: AttemptOutcome, follow: Follow, certificate?: ServerCertificate): TryResult => {
      socket.destroy();
      this.#record(host, destination, encryption, { outcome, local, certificate, identity });
      return { follow };
    };

    let ready: Connection | Secured = socket;
    let certificate: ServerCertificate | undefined;
    if (encryption === 'tls') {
      if (!this.#isDirect()) {
        const agreed = await this.#negotiate(socket, limit);
        if (agreed !== 'yes') {
          if (agreed.kind !== 'tls-not-offered') return end(agreed, this.#afterFailure(agreed, 'stop'));
          this.#record(host, destination, encryption, { outcome: agreed, local });
          return { follow: 'next-encryption', socket };
        }
      }
      const started = await this.#secure(socket, host, limit);
      certificate = started.certificate;
      identity = await this.#identity();
      if (!started.ok) {
        const outcome = await this.#reasonOf(started.outcome, destination, limit);
        return end(outcome, this.#afterFailure(outcome, 'next-encryption'), certificate);
      }
      ready = started.secured;
    }

    const { timeoutMs, signal } = this.#options;
    const result = await login(ready, host, this.#connection, {
      limit,
      timeoutMs,
      signal,
      withoutLibraries: this.#withoutLibraries,
    });
    if (!result.ok) {
      const outcome = await gssapiAsked(this.#options.host, result.outcome);
      const isNotWho = destination.kind === 'socket' && destination.as !== undefined && isOtherMethod(outcome);
      const follow = isNotWho ? 'next-address' : this.#afterLogin(outcome, result.authenticated);
      return end(outcome, follow, certificate);
    }
    const attempt = asAttempt(host, destination, encryption, {
      outcome: { kind: 'logged-in' },
      local,
      certificate,
      identity,
    });
    const session = this.#parting(result.open(attempt));
    const misfit = await fitsTarget(session, target);
    if (misfit !== undefined) {
      await session.close();
      return end(misfit.outcome, misfit.goesOn ? 'next-host' : 'stop', certificate);
    }
    if (!this.#connection.replication && asksForWritability(target))
      await session.simpleQuery(`SET ${readOnlySession}`);
    this.#attempts.push(attempt);
    return { session, follow: 'stop' };
  }

  #parting(session: OpenSession): OpenSession {
    const { afterwards } = this.#options;
    if (afterwards === undefined) return session;
    return {
      ...session,
      close: () => {
        const farewell = session.close();
        // a WAL sender is one of few
        if (this.#connection.replication) afterwards(farewell);
        return Promise.resolve();
      },
    };
  }

  async #negotiate(socket: Connection, limit: Limit): Promise<AttemptOutcome | 'yes'> {
    try {
      const answer = await askForTls(socket, limit);
      if (answer.kind === 'yes') return 'yes';
      if (answer.kind === 'no') return { kind: 'tls-not-offered' };
      return { kind: 'tls-other', message: `the server answered the request for TLS with an error: ${answer.text}` };
    } catch (error) {
      return socketOutcome(error, 'tls', false);
    }
  }

  #isDirect(): boolean {
    return this.#connection.parameters.values.sslnegotiation === 'direct';
  }

  /** A server without TLS, or one before 17, closes a connection that begins with TLS: it is asked for it as others do. */
  async #reasonOf(outcome: AttemptOutcome, destination: Destination, limit: Limit): Promise<AttemptOutcome> {
    if (!this.#isDirect() || outcome.kind !== 'closed') return outcome;
    try {
      const socket = await openSocket(this.#options.host, destination, limit);
      const agreed = await this.#negotiate(socket, limit);
      socket.destroy();
      if (agreed === 'yes') return { kind: 'tls-other', message: notDirect, afterRequest: true };
      return agreed.kind === 'tls-not-offered' ? agreed : outcome;
    } catch (error) {
      if (error instanceof NoWay) throw error;
      return outcome;
    }
  }

  async #secure(socket: Connection, host: PlannedHost, limit: Limit): Promise<StartedTls> {
    this.#tlsFiles ??= readTlsFiles(this.#connection.files, this.#connection);
    // a server without TLS, or on a socket, needs none of it
    const [files, { startTls }] = await Promise.all([this.#tlsFiles, import('./start-tls.ts')]);
    if (!files.ok) return { ok: false, outcome: files.outcome, certificate: undefined };
    return startTls(socket, host, this.#connection, files.value, limit);
  }

  async #identity(): Promise<ClientIdentity | undefined> {
    const files = await this.#tlsFiles;
    return files?.ok === true ? files.value.identity : undefined;
  }

  /** A time-out is libpq's only when connect_timeout is set: without it libpq would wait here forever. */
  #afterFailure(outcome: AttemptOutcome, otherwise: Follow): Follow {
    if (this.#options.signal.aborted) return 'stop';
    if (outcome.kind === 'timed-out') {
      return this.#connection.parameters.connectTimeoutSeconds === undefined ? 'stop' : 'next-address';
    }
    return otherwise;
  }

  #afterLogin(outcome: AttemptOutcome, authenticated: boolean): Follow {
    if (outcome.kind !== 'server-refused') return this.#afterFailure(outcome, 'stop');
    if (authenticated) return 'stop';
    // ERRCODE_CANNOT_CONNECT_NOW: another encryption would not help, another host might
    return outcome.error.sqlstate === '57P03' ? 'next-host' : 'next-encryption';
  }

  #record(host: PlannedHost, destination: Destination | undefined, encryption: Encryption, what: Tried): void {
    const further = this.#further;
    const attempt = asAttempt(host, destination, encryption, what);
    this.#attempts.push(further.length === 0 ? attempt : { ...attempt, further });
  }
}

/** Peer authentication, for one: another user of this machine may be let in. */
const isOtherMethod = (outcome: AttemptOutcome): boolean =>
  outcome.kind === 'server-refused' && outcome.refusal === 'other-method-refused';
