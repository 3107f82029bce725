import type { ConnectionPlan, GivenConnection, PasswordSource, PlannedHost } from '../facts/connection.ts';
import type { Host } from '../hosts/host.ts';
import { describeSource, resolveConnectionParameters, serviceFilePlaces } from '../postgres/connection-parameters.ts';
import type {
  ConnectionParameters,
  GivenParameter,
  ParameterSource,
  ServiceFile,
  ServiceProblem,
} from '../postgres/connection-parameters.ts';
import type { ConnectionHost } from '../postgres/connection-hosts.ts';
import type { ParameterProblem } from '../postgres/connection-validation.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import type { Conninfo, ConninfoProblem } from '../postgres/conninfo.ts';
import { newestLibpq } from '../postgres/conninfo-options.ts';
import type { ConninfoKeyword } from '../postgres/conninfo-options.ts';
import { baseBackupParameters, conninfoParameters, walReceiverParameters } from '../postgres/replication-parameters.ts';
import type { Secret } from '../postgres/secret.ts';
import type { ResolvedConnection } from './connection.ts';
import { meantFiles } from './meant-file.ts';
import { lookUpPasswords } from './passwords.ts';
import { fileText } from '../postgres/file-text.ts';
import { valuesByPackage } from './uri-by-package.ts';

export type Resolution =
  | { readonly ok: true; readonly connection: ResolvedConnection }
  /** libpq would make no connection at all: one sentence, and what to do. */
  | { readonly ok: false; readonly message: string; readonly hint: string; readonly refused?: Refused };

/** The parameter with which libpq makes no connection. */
export interface Refused {
  readonly keyword: ConninfoKeyword;
  /** As it is set; undefined where it is not. */
  readonly value: string | undefined;
  readonly source: ParameterSource;
  readonly message: string;
  /** What was probably meant; undefined where a person has to choose. */
  readonly instead: string | undefined;
  /** The words that libpq accepts. */
  readonly accepted?: readonly string[] | undefined;
  /** It does not go together with this one. */
  readonly beside?: ConninfoKeyword | undefined;
}

export interface ResolveOptions {
  /** Log in as pg_basebackup does (streamutil.c, GetConnection), or as an ordinary session does. */
  readonly replication: boolean;
  /** Typed at a prompt (`-W`); it wins over every other source. */
  readonly password?: Secret;
  /** The major version of the libpq that is stood in for; the newest when left out. */
  readonly libpqVersion?: number;
  /** False for the WAL receiver, which does not look at connect_timeout. */
  readonly waits?: boolean;
}

/**
 * Puts together what libpq would: the given options, then the connection string, then the service, then the PG*
 * variables, then the defaults (manual: libpq, Database Connection Control Functions), and the password of each host.
 * What libpq reads of the machine is read through `host`. The password file never fails a connection: libpq leaves
 * one aside that it may not use, and the plan says so.
 */
export async function resolveConnection(
  host: Host,
  given: GivenConnection,
  options: ResolveOptions,
): Promise<Resolution> {
  const version = options.libpqVersion === undefined ? {} : { libpqVersion: options.libpqVersion };
  let conninfo: Conninfo | undefined;
  if (given.conninfo !== undefined) {
    const parsed = parseConninfo(given.conninfo, version);
    if (!parsed.ok) return { ok: false, message: parsed.problem.message, hint: conninfoHint(parsed.problem) };
    const values = valuesByPackage(given.conninfo, parsed.value);
    conninfo = values === undefined ? parsed.value : { ...parsed.value, values };
  }

  const parameters = options.replication
    ? baseBackupParameters(
        { conninfo, host: given.host, port: given.port, user: given.user, password: options.password },
        options.libpqVersion,
      )
    : sessionParameters(conninfo, given, options.password);
  return resolveParameters(host, parameters, options);
}

/**
 * The connection that a standby's WAL receiver makes with this primary_conninfo. `host` must be the machine as the
 * server's user has it: its home, its password file, the environment that the server was started with.
 */
export async function resolveWalReceiver(host: Host, conninfo: Conninfo, libpqVersion?: number): Promise<Resolution> {
  return resolveParameters(host, walReceiverParameters(conninfo), {
    replication: true,
    waits: false,
    ...(libpqVersion === undefined ? {} : { libpqVersion }),
  });
}

async function resolveParameters(
  host: Host,
  parameters: readonly GivenParameter[],
  options: ResolveOptions,
): Promise<Resolution> {
  const version = options.libpqVersion === undefined ? {} : { libpqVersion: options.libpqVersion };
  const [user, system, socketDirectory] = await Promise.all([
    ...serviceFiles(host, version),
    defaultSocketDirectory(host),
  ] as const);
  const resolved = resolveConnectionParameters(parameters, {
    environment: host.environment,
    serviceFiles: { user, system },
    operatingSystemUser: host.account.name,
    home: host.account.home,
    socketDirectory,
    waits: options.waits ?? true,
    ...version,
  });
  if (!resolved.ok) {
    const { message, service, source } = resolved.problem;
    const refused: Refused = { keyword: 'service', value: service, source, message, instead: undefined };
    return { ok: false, message, hint: serviceHint(resolved.problem), refused };
  }

  const refused = refusal(resolved.value);
  if (refused !== undefined) return refused;
  return { ok: true, connection: await connectionOf(host, resolved.value, options) };
}

async function connectionOf(
  host: Host,
  parameters: ConnectionParameters,
  { replication, libpqVersion = newestLibpq }: ResolveOptions,
): Promise<ResolvedConnection> {
  const { values } = parameters;
  const hosts = new Map(parameters.hosts.map((one): [PlannedHost, ConnectionHost] => [planned(one), one]));
  const [passwords, meant] = await Promise.all([lookUpPasswords(host, parameters), meantFiles(host, parameters)]);
  // fe-connect.c, pqGetHomeDirectory: HOME wins since 15
  const homeGiven = (libpqVersion >= 15 ? host.environment['HOME'] : undefined) || undefined;
  return {
    plan: {
      ...planOf(parameters, [...hosts.keys()], passwords.source),
      ...(Object.keys(meant).length === 0 ? {} : { meantFiles: meant }),
      ...(homeGiven === undefined || homeGiven === host.account.home ? {} : { home: homeGiven }),
    },
    database: parameters.database,
    replication,
    files: host,
    passwordFor: (plannedHost) => {
      const one = hosts.get(plannedHost);
      return one === undefined ? undefined : passwords.passwordFor(one);
    },
    keyPassword: values.sslpassword,
    home: homeGiven ?? (host.account.home || undefined),
    parameters,
  };
}

const planned = ({ kind, host, hostaddr, port }: ConnectionHost): PlannedHost => ({
  host,
  hostaddr,
  port,
  isSocket: kind === 'socket',
});

const planOf = (
  { values, sources, session, user, sslmode, channelBinding, problems }: ConnectionParameters,
  hosts: readonly PlannedHost[],
  password: PasswordSource,
): ConnectionPlan => ({
  hosts,
  user,
  tlsVersions: { min: values.ssl_min_protocol_version, max: values.ssl_max_protocol_version },
  // both are undefined only beside a problem that ended the resolution
  sslmode: sslmode ?? 'prefer',
  sslrootcert: values.sslrootcert || undefined,
  sslcert: values.sslcert || undefined,
  sslkey: values.sslkey || undefined,
  channelBinding: channelBinding ?? 'prefer',
  targetSessionAttrs: values.target_session_attrs ?? 'any',
  password,
  sources: Object.fromEntries([
    ...Object.entries(sources).map(([keyword, source]) => [keyword, describeSource(source)]),
    ...session.map(({ setting, variable }) => [setting, variable]),
  ]),
  faults: problems.map(({ message }) => message),
});

/** psql's way: the connection string, and the options over it. */
function sessionParameters(
  conninfo: Conninfo | undefined,
  given: GivenConnection,
  password: Secret | undefined,
): readonly GivenParameter[] {
  return [
    ...(conninfo === undefined ? [] : conninfoParameters(conninfo)),
    ...option('host', '-h', given.host),
    ...option('port', '-p', given.port),
    ...option('user', '-U', given.user),
    ...option('password', '-W', password),
  ];
}

const option = (
  keyword: 'host' | 'port' | 'user' | 'password',
  letter: string,
  value: string | Secret | undefined,
): readonly GivenParameter[] =>
  value === undefined || value === '' ? [] : [{ keyword, value, source: { kind: 'option', option: letter } }];

/** The first thing that libpq refuses. A port that is none ends only its own host, as long as another host is left. */
function refusal(parameters: ConnectionParameters): Extract<Resolution, { ok: false }> | undefined {
  const fatal = parameters.problems.find(({ kind }) => !ofOneHost.has(kind) || parameters.hosts.length === 0);
  if (fatal === undefined) return undefined;
  const { values, sources } = parameters;
  const { message, instead, keywords, accepted } = fatal;
  // the one that is set: the other may be at its default
  const [keyword = 'host'] = keywords.toSorted((a, b) => Number(isDefault(sources[a])) - Number(isDefault(sources[b])));
  const source = sources[keyword] ?? { kind: 'default' };
  const [wrong = keyword] = keywords;
  const value = values[wrong];
  const refused: Refused = {
    keyword: wrong,
    value: typeof value === 'string' ? value : undefined,
    source,
    message,
    instead,
    accepted,
    beside: fatal.kind === 'combination' ? keywords[1] : undefined,
  };
  return { ok: false, message, hint: parameterHint(refused), refused };
}

const isDefault = (source: ParameterSource | undefined): boolean =>
  source === undefined || source.kind === 'default' || source.kind === 'consequence';

const ofOneHost: ReadonlySet<ParameterProblem['kind']> = new Set(['port', 'socket-path-too-long']);

function parameterHint({ keyword, source, instead }: Refused): string {
  if (isDefault(source)) return `Give ${keyword} another value.`;
  const from = `The value comes from ${describeSource(source)}`;
  return instead === undefined ? `${from}: change it there.` : `${from}: write ${written(keyword, source, instead)}.`;
}

/** What stands in its place where it comes from. */
function written(keyword: ConninfoKeyword, source: ParameterSource, value: string): string {
  if (source.kind === 'option') return `${source.option} ${value}`;
  return source.kind === 'environment' ? `${source.variable}=${value}` : `${keyword}=${value}`;
}

function conninfoHint(problem: ConninfoProblem): string {
  if (problem.kind === 'unencoded-credentials') {
    return `Write "${problem.character}" in a user name or password of a URI as ${problem.character === '@' ? '%40' : '%2F'}.`;
  }
  if (problem.kind === 'unterminated-quote') {
    return "Close the value with a single quote, and write a quote within it as \\'.";
  }
  if (problem.kind === 'unknown-keyword' && problem.suggestion !== undefined) {
    return `Write ${problem.suggestion}= in its place.`;
  }
  return 'Write it as keyword=value pairs, such as host=db1 port=5432 user=replicator, or as a URI, such as postgresql://replicator@db1:5432/.';
}

function serviceHint(problem: ServiceProblem): string {
  const asked = describeSource(problem.source);
  switch (problem.kind) {
    case 'service-not-found':
      return problem.services.length === 0
        ? `The service is named by ${asked}: add a section [${problem.service}] to a service file, or name none.`
        : `The service is named by ${asked}: the files have ${problem.services.map((name) => `"${name}"`).join(', ')}.`;
    case 'service-file-unreadable':
      return `The service is named by ${asked}: let this user read the file, or point PGSERVICEFILE to another one.`;
    case 'service-file-malformed':
      return 'Each line of a section is keyword=value, without spaces around the "=".';
  }
}

function serviceFiles(
  host: Host,
  version: { readonly libpqVersion?: number },
): readonly [Promise<ServiceFile | undefined>, Promise<ServiceFile>] {
  const { environment, account } = host;
  const { user, system } = serviceFilePlaces({ environment, home: account.home, ...version });
  return [user === undefined ? Promise.resolve(undefined) : readServiceFile(host, user), readServiceFile(host, system)];
}

async function readServiceFile(host: Host, path: string): Promise<ServiceFile> {
  const read = await host.read(path);
  if (read.ok) return { path, content: { kind: 'read', text: fileText(read.value.bytes) } };
  const absent = read.problem.code === 'ENOENT' || read.problem.code === 'ENOTDIR';
  return { path, content: { kind: absent ? 'absent' : 'unreadable' } };
}

/** DEFAULT_PGSOCKET_DIR: the packages of Debian and Red Hat have /var/run/postgresql compiled in, others /tmp. */
async function defaultSocketDirectory(host: Host): Promise<string> {
  const packaged = '/var/run/postgresql';
  const status = await host.status(packaged);
  return status.ok ? packaged : '/tmp';
}
