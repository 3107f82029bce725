import type { Duplex } from 'node:stream';

import type { Client as PgClient, ClientConfig } from 'pg';

import type { AttemptOutcome, ConnectionAttempt, PlannedHost, ServerError } from '../facts/connection.ts';
import { classifyRefusal } from '../postgres/login-refusal.ts';
import { mask } from '../postgres/secret.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import type { Secret } from '../postgres/secret.ts';
import { AuthenticationWatch, LoginStopped } from './authentication.ts';
import type { ResolvedConnection } from './connection.ts';
import { shownText } from './foreign-text.ts';
import { GuardedStream } from './guarded-stream.ts';
import { Interrupted, Limit, TimedOut } from './time-limit.ts';
import { alertIn, opensslWords } from './openssl-words.ts';
import { ownRole, sessionOptions } from './session-settings.ts';
import type { OpenSession, QueryAnswer, ResultRows } from './session.ts';
import { socketOutcome } from './socket.ts';
import type { Secured } from './start-tls.ts';

export type Login =
  | { readonly ok: true; readonly open: (attempt: ConnectionAttempt) => OpenSession }
  /** `authenticated`: the refusal came after the server knew who we are. */
  | { readonly ok: false; readonly outcome: AttemptOutcome; readonly authenticated: boolean };

/** As `pg` takes it; its own types do not know the two last ones. */
interface LoginConfig extends ClientConfig {
  readonly replication?: string;
  readonly scramMaxIterations?: number;
}

/** An answer within time-out and message limits; beyond so many SCRAM iterations (the default is 4,096) it is a trap. */
const maxScramIterations = 10_000_000;

export interface LoginLimits {
  readonly limit: Limit;
  /** For each command afterwards. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** No session_preload_libraries, which only a superuser may say. */
  readonly withoutLibraries: boolean;
}

/** Logs in on a connected socket, with TLS or without. */
export async function login(
  socket: Duplex | Secured,
  host: PlannedHost,
  connection: ResolvedConnection,
  { limit, timeoutMs, signal, withoutLibraries }: LoginLimits,
): Promise<Login> {
  const { Client, DatabaseError } = await import('pg');
  const tls = 'peer' in socket;
  const password = connection.passwordFor(host);
  const watch = new AuthenticationWatch({
    hasPassword: password !== undefined,
    tls,
    channelBinding: connection.plan.channelBinding,
    requireAuth: connection.parameters.values.require_auth ?? '',
  });
  const stream = tls
    ? // Node's getPeerCertificate() gives nothing where the X509 object was asked for before
      new GuardedStream(socket.socket, socket.peer?.raw, watch)
    : new GuardedStream(socket, undefined, watch);
  const serverError = (error: unknown): ServerError | undefined =>
    error instanceof DatabaseError ? withoutPassword(asServerError(error), password, connection) : undefined;
  const libraries = withoutLibraries ? ' -c session_preload_libraries=' : '';
  const options = `${startupOptions(connection, timeoutMs)}${libraries}`;
  const config: LoginConfig = {
    stream: () => stream,
    ssl: false,
    sslnegotiation: 'postgres',
    host: host.host,
    port: host.port,
    user: connection.plan.user,
    database: connection.database,
    // without a function `pg` would look for a password itself; the watch ends the login before it is asked in vain
    password: () => password?.reveal() ?? '',
    application_name: 'standbylint',
    enableChannelBinding: tls && connection.plan.channelBinding !== 'disable',
    scramMaxIterations: maxScramIterations,
    types: { getTypeParser: () => (text: string | Buffer) => text },
    ...(connection.replication ? { replication: 'true' } : {}),
    // without any `pg` would send our own PGOPTIONS, which say nothing of the server that is examined
    ...(options !== '' ? { options } : process.env['PGOPTIONS'] === undefined ? {} : { options: ' ' }),
  };
  const client = new Client(config);
  client.on('error', () => undefined);
  try {
    await limit.race(client.connect());
  } catch (error) {
    stream.destroy();
    const refused = serverError(error);
    const outcome = refused === undefined ? ownOutcome(error) : refusedOutcome(refused, connection);
    return { ok: false, outcome, authenticated: watch.authenticated };
  }
  stream.loginDone();
  const session = new Session(client, stream, serverError, timeoutMs, signal);
  return {
    ok: true,
    open: (attempt) => ({
      attempt,
      parameters: watch.parameters,
      backendPid: processOf(client),
      simpleQuery: (text) => session.simpleQuery(text),
      isOpen: () => !stream.destroyed,
      close: () => session.close(),
    }),
  };
}

/** PGOPTIONS and `options` as libpq sends them; an ordinary session of ours can neither write nor run for long. */
function startupOptions({ parameters, plan, replication }: ResolvedConnection, timeoutMs: number): string {
  const given = parameters.values.options ?? '';
  const encoding = parameters.values.client_encoding ?? '';
  // `pg` sends UTF8 after it: a name that the server does not know is refused all the same. `auto` is libpq's own
  const encodings = encoding === '' || encoding === 'auto' ? [] : [{ setting: 'client_encoding', value: encoding }];
  if (replication) return [given, ...[...encodings, ...parameters.session].map(asOption)].join(' ').trim();
  const readOnly = asksForWritability(plan.targetSessionAttrs) ? '' : ` -c ${readOnlySession}`;
  return `${ownRole} ${given}${readOnly} ${sessionOptions(timeoutMs)}`;
}

const asOption = ({ setting, value }: { readonly setting: string; readonly value: string }): string =>
  `-c ${setting}=${value.replaceAll(/[\\\s]/gu, String.raw`\$&`)}`;

export const readOnlySession = 'default_transaction_read_only=on';

/** The server itself must say whether it is read-only, before we make the session so. */
export const asksForWritability = (target: string): boolean => target === 'read-write' || target === 'read-only';

const refusedOutcome = (error: ServerError, { replication }: ResolvedConnection): AttemptOutcome => ({
  kind: 'server-refused',
  error,
  refusal: classifyRefusal(error, { replication }),
});

function ownOutcome(error: unknown): AttemptOutcome {
  if (error instanceof LoginStopped) {
    const { why, message, asks } = error;
    return { kind: 'client-stopped', why, message, ...(asks === undefined ? {} : { asks }) };
  }
  if (error instanceof Error && error.message.startsWith('SASL')) {
    return {
      kind: 'client-stopped',
      why: 'method',
      message: `the SCRAM exchange broke off: ${shownText(error.message, 200)}`,
    };
  }
  if (error instanceof Error && error.message.startsWith('Connection terminated')) {
    return { kind: 'closed', phase: 'login', message: 'it closed the connection during the login' };
  }
  // TLS 1.3: the server's word on our certificate comes with its first answer
  if (error instanceof Error && 'library' in error) {
    const message = opensslWords(error);
    return { kind: 'tls-other', message, alert: alertIn(message) };
  }
  return socketOutcome(error, 'login', false);
}

interface ErrorFields {
  readonly code?: string | undefined;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly routine?: string | undefined;
}

const longestText = 4_000;

const asServerError = ({ code, message, detail, hint, routine }: ErrorFields): ServerError => ({
  sqlstate: (code ?? '').slice(0, 5),
  message: maskText((message ?? '').slice(0, longestText)),
  detail: detail === undefined ? undefined : maskText(detail.slice(0, longestText)),
  hint: hint === undefined ? undefined : maskText(hint.slice(0, longestText)),
  routine: routine?.slice(0, 100),
});

/** A server can say what it was sent: the password that it got, or a proxy's whole connection string. */
function withoutPassword(
  error: ServerError,
  password: Secret | undefined,
  { plan, database }: ResolvedConnection,
): ServerError {
  const secret = password?.reveal() ?? '';
  // where the password is a name or a word that stands there anyway, its absence would tell more than its presence
  const open = [plan.user, database, 'replication', ...plan.hosts.map(({ host }) => host), ...usualWords];
  if (secret === '' || open.includes(secret)) return error;
  const masked = (text: string): string => text.replaceAll(secret, mask);
  return {
    ...error,
    message: masked(error.message),
    detail: error.detail === undefined ? undefined : masked(error.detail),
    hint: error.hint === undefined ? undefined : masked(error.hint),
  };
}

const usualWords =
  'no pg_hba.conf entry for connection from host user database encryption SSL password authentication failed role does not exist is permitted to log in'.split(
    ' ',
  );

/** `pg` keeps it; its types do not know it. */
function processOf(client: object): number | undefined {
  const number: unknown = 'processID' in client ? client.processID : undefined;
  return typeof number === 'number' && number > 0 ? number : undefined;
}

class Session {
  readonly #client: PgClient;
  readonly #stream: GuardedStream;
  readonly #serverError: (error: unknown) => ServerError | undefined;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    client: PgClient,
    stream: GuardedStream,
    serverError: (error: unknown) => ServerError | undefined,
    timeoutMs: number,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#stream = stream;
    this.#serverError = serverError;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** One command after another: each has a time-out of its own, which begins when it is sent. */
  async simpleQuery(text: string): Promise<QueryAnswer> {
    const before = this.#last;
    const answer = before.then(async () => this.#send(text));
    this.#last = answer;
    return answer;
  }

  async #send(text: string): Promise<QueryAnswer> {
    if (this.#stream.destroyed) return { ok: false, kind: 'lost', message: 'the connection was lost' };
    this.#stream.commandBegins();
    try {
      const limit = new Limit(this.#timeoutMs, this.#signal);
      const answered: unknown = await limit.race(this.#client.query({ text, rowMode: 'array' }));
      return { ok: true, results: (Array.isArray(answered) ? answered : [answered]).map(asRows) };
    } catch (error) {
      const refused = this.#serverError(error);
      if (refused !== undefined) return { ok: false, kind: 'server', error: refused };
      this.#stream.destroy();
      const message = error instanceof Error ? shownText(error.message, 200) : 'the connection was lost';
      return { ok: false, kind: error instanceof TimedOut ? 'timed-out' : 'lost', message };
    }
  }

  async close(): Promise<void> {
    if (this.#stream.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      this.#stream.once('close', () => resolve());
    });
    try {
      const limit = new Limit(farewellMs, this.#signal);
      await limit.race(Promise.all([this.#client.end(), closed]));
    } catch (error) {
      if (!(error instanceof TimedOut || error instanceof Interrupted)) throw error;
    } finally {
      this.#stream.destroy();
    }
  }
}

/** A walsender is free again, for pg_basebackup that comes after us, only when its process has closed the socket. */
const farewellMs = 1_000;

/** What `pg` gives for one statement; anything else counts as no rows. */
function asRows(result: unknown): ResultRows {
  if (typeof result !== 'object' || result === null) return { columns: [], rows: [] };
  const fields: unknown = 'fields' in result ? result.fields : [];
  const rows: unknown = 'rows' in result ? result.rows : [];
  return {
    columns: listOf(fields).map((field) => textIn(field, 'name')),
    rows: listOf(rows).map((row) => listOf(row).map((value) => (typeof value === 'string' ? value : null))),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textIn = (value: unknown, key: 'name'): string =>
  typeof value === 'object' && value !== null && key in value && typeof value[key] === 'string' ? value[key] : '';
