import { expandHosts } from './connection-hosts.ts';
import type { ConnectionHost } from './connection-hosts.ts';
import { checkParameters } from './connection-validation.ts';
import type { ParameterProblem } from './connection-validation.ts';
import type { ConninfoValues } from './conninfo-assembly.ts';
import { isSecretKeyword, newestLibpq, optionsOf } from './conninfo-options.ts';
import type { ConninfoKeyword } from './conninfo-options.ts';
import { secret } from './secret.ts';
import type { Secret } from './secret.ts';
import { parseServiceFile } from './service-file.ts';
import { sessionSettings } from './session-environment.ts';
import type { SessionSetting } from './session-environment.ts';
import type { ServiceFileProblem, ServiceSetting } from './service-file.ts';

/** A parameter that is given explicitly, as opposed to one from a service, the environment or libpq's defaults. */
export interface GivenParameter {
  readonly keyword: ConninfoKeyword;
  /** An empty text counts as given: then no service, variable or default is asked. */
  readonly value: string | Secret;
  readonly source: ParameterSource;
}

/** Where a value comes from; {@link describeSource} puts it in words. */
export type ParameterSource =
  | { readonly kind: 'option'; readonly option: string }
  | { readonly kind: 'conninfo'; readonly at: number; readonly end: number }
  | { readonly kind: 'program'; readonly program: string }
  | { readonly kind: 'service'; readonly service: string; readonly path: string; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'operating-system-user' }
  /** It follows from another parameter: dbname from user, sslmode from sslrootcert=system. */
  | { readonly kind: 'consequence'; readonly of: ConninfoKeyword }
  | { readonly kind: 'default' };

/** What libpq sees of the machine on which the program runs. */
export interface LibpqSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serviceFiles: { readonly user: ServiceFile | undefined; readonly system: ServiceFile | undefined };
  readonly operatingSystemUser: string;
  /** The home directory that the system knows of the user; from libpq 15 on, HOME wins over it. */
  readonly home: string | undefined;
  /** The major version of libpq, 13 to 18; the newest when left out. */
  readonly libpqVersion?: number;
  /** libpq's default socket directory: `/var/run/postgresql` in Debian's and Red Hat's builds, `/tmp` elsewhere. */
  readonly socketDirectory?: string;
  /** False for the WAL receiver, which waits by itself and does not look at connect_timeout. */
  readonly waits?: boolean;
}

export interface ServiceFile {
  readonly path: string;
  readonly content:
    | { readonly kind: 'read'; readonly text: string }
    | { readonly kind: 'absent' }
    | { readonly kind: 'unreadable' };
}

export type ResolvedConnection =
  | { readonly ok: true; readonly value: ConnectionParameters }
  | { readonly ok: false; readonly problem: ServiceProblem };

/** The parameters with which libpq connects. */
export interface ConnectionParameters {
  /** Every value that is set, defaults included, as PQconninfo gives them. */
  readonly values: ConninfoValues;
  readonly sources: Readonly<Partial<Record<ConninfoKeyword, ParameterSource>>>;
  /** What the server is asked to set, beside `options`. */
  readonly session: readonly SessionSetting[];
  /** In the order in which libpq tries them; without those whose port is none (see `problems`). */
  readonly hosts: readonly ConnectionHost[];
  readonly user: string;
  readonly database: string;
  /** Undefined when sslmode has a value that libpq refuses. */
  readonly sslmode: SslMode | undefined;
  readonly channelBinding: ChannelBinding | undefined;
  /** Seconds for each address; undefined: libpq waits forever. */
  readonly connectTimeoutSeconds: number | undefined;
  /** Undefined when a password is given otherwise, or when there is no home directory to look in. */
  readonly passfile: { readonly path: string; readonly source: ParameterSource } | undefined;
  /** What libpq refuses, in the order in which it looks: the first one is the one that it names. */
  readonly problems: readonly ParameterProblem[];
}

export type SslMode = (typeof sslModes)[number];
export type ChannelBinding = (typeof channelBindings)[number];

/** libpq makes no connection because of the service that is asked for. */
export type ServiceProblem = {
  readonly service: string;
  readonly source: ParameterSource;
  readonly message: string;
} & (
  | { readonly kind: 'service-not-found'; readonly searched: readonly string[]; readonly services: readonly string[] }
  | { readonly kind: 'service-file-unreadable'; readonly path: string }
  | { readonly kind: 'service-file-malformed'; readonly path: string; readonly fault: ServiceFileProblem }
);

/**
 * Adds to the given parameters what libpq adds: the service's, then the environment's, then the compiled-in defaults
 * (fe-connect.c, conninfo_add_defaults and pqConnectOptions2). So a service beats the environment. Of parameters that
 * are given twice the later one counts.
 */
export function resolveConnectionParameters(
  given: readonly GivenParameter[],
  surroundings: LibpqSurroundings,
): ResolvedConnection {
  const libpqVersion = surroundings.libpqVersion ?? newestLibpq;
  const values: { -readonly [K in keyof ConninfoValues]: ConninfoValues[K] } = {};
  const sources: Partial<Record<ConninfoKeyword, ParameterSource>> = {};
  const set = (keyword: ConninfoKeyword, value: string | Secret, source: ParameterSource): void => {
    if (isSecretKeyword(keyword)) values[keyword] = typeof value === 'string' ? secret(value) : value;
    else values[keyword] = typeof value === 'string' ? value : value.reveal();
    sources[keyword] = source;
  };

  for (const { keyword, value, source } of given) set(keyword, value, source);

  const service = lookUpService(values.service, sources.service, surroundings, libpqVersion);
  if (!service.ok) return service;
  for (const { keyword, value, source } of service.value) {
    if (sources[keyword] === undefined) set(keyword, value, source);
  }

  for (const { keyword, variable, default: compiledIn } of optionsOf(libpqVersion)) {
    if (sources[keyword] !== undefined) continue;
    const fromEnvironment = variable === undefined ? undefined : surroundings.environment[variable];
    if (variable !== undefined && fromEnvironment !== undefined) {
      set(keyword, fromEnvironment, { kind: 'environment', variable });
    } else if (keyword === 'sslmode' && surroundings.environment['PGREQUIRESSL']?.startsWith('1') === true) {
      set(keyword, 'require', { kind: 'environment', variable: 'PGREQUIRESSL' });
    } else if (compiledIn !== undefined) {
      set(keyword, compiledIn, { kind: 'default' });
    }
  }
  // Since 16; before, `system` is the name of a file.
  if (libpqVersion >= 16 && values.sslrootcert === 'system' && sources.sslmode?.kind === 'default') {
    set('sslmode', 'verify-full', { kind: 'consequence', of: 'sslrootcert' });
  }
  // An empty user or database stands for the default one.
  if (isEmpty(values.user)) set('user', surroundings.operatingSystemUser, { kind: 'operating-system-user' });
  const user = values.user ?? '';
  if (isEmpty(values.dbname)) set('dbname', user, { kind: 'consequence', of: 'user' });
  const database = values.dbname ?? '';

  const expanded = expandHosts(values, { libpqVersion, user, database, socketDirectory: surroundings.socketDirectory });
  const onlySockets = expanded.hosts.every((host) => host.kind === 'socket');
  const checked = checkParameters(values, { libpqVersion, onlySockets, waits: surroundings.waits });
  return {
    ok: true,
    value: {
      values,
      sources,
      session: sessionSettings(surroundings.environment),
      hosts: expanded.hosts,
      user,
      database,
      sslmode: sslModes.find((mode) => mode === values.sslmode),
      channelBinding: channelBindings.find((binding) => binding === values.channel_binding),
      connectTimeoutSeconds: checked.connectTimeoutSeconds,
      passfile: passfileOf(values, sources, surroundings),
      problems: [...expanded.problems, ...checked.problems],
    },
  };
}

/**
 * Where libpq looks for service files: the user's (PGSERVICEFILE, else `~/.pg_service.conf`), then the system's
 * (`pg_service.conf` in PGSYSCONFDIR, else in the directory that was compiled in: `/etc/postgresql-common` in Debian's
 * builds, `/etc/sysconfig/pgsql` in Red Hat's).
 */
export function serviceFilePlaces(
  surroundings: Pick<LibpqSurroundings, 'environment' | 'home' | 'libpqVersion'>,
  systemDirectory = '/etc/postgresql-common',
): { readonly user: string | undefined; readonly system: string } {
  const { environment } = surroundings;
  const directory = homeDirectory(surroundings);
  return {
    user: environment['PGSERVICEFILE'] ?? (directory === undefined ? undefined : `${directory}/.pg_service.conf`),
    system: `${environment['PGSYSCONFDIR'] ?? systemDirectory}/pg_service.conf`,
  };
}

/** A source in words: `-h`, `PGHOST`, `line 3 of /etc/pg_service.conf`, `the default`. */
export function describeSource(source: ParameterSource): string {
  switch (source.kind) {
    case 'option':
      return source.option;
    case 'conninfo':
      return 'the connection string';
    case 'program':
      return `${source.program} itself`;
    case 'service':
      return `line ${source.line} of ${source.path}`;
    case 'environment':
      return source.variable;
    case 'operating-system-user':
      return "the operating system's user";
    case 'consequence':
      return `a consequence of ${source.of}`;
    case 'default':
      return 'the default';
  }
}

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const channelBindings = ['disable', 'prefer', 'require'] as const;

const isEmpty = (value: string | undefined): boolean => value === undefined || value === '';

/** fe-connect.c, pqGetHomeDirectory: up to 14 it does not ask HOME. */
function homeDirectory({
  environment,
  home,
  libpqVersion = newestLibpq,
}: Pick<LibpqSurroundings, 'environment' | 'home' | 'libpqVersion'>): string | undefined {
  return (libpqVersion >= 15 ? environment['HOME'] : undefined) || home || undefined;
}

function passfileOf(
  values: ConninfoValues,
  sources: ConnectionParameters['sources'],
  surroundings: LibpqSurroundings,
): ConnectionParameters['passfile'] {
  if (values.password !== undefined && values.password.reveal() !== '') return undefined;
  if (values.passfile !== undefined && values.passfile !== '') {
    return { path: values.passfile, source: sources.passfile ?? { kind: 'default' } };
  }
  const directory = homeDirectory(surroundings);
  return directory === undefined
    ? undefined
    : { path: `${directory.replace(/\/+$/u, '')}/.pgpass`, source: { kind: 'default' } };
}

type ServiceResult =
  | { readonly ok: true; readonly value: readonly GivenParameter[] }
  | { readonly ok: false; readonly problem: ServiceProblem };

/** fe-connect.c, parseServiceInfo: the user's file is final where it has the service, or cannot be read to its end. */
function lookUpService(
  named: string | undefined,
  namedBy: ParameterSource | undefined,
  { environment, serviceFiles }: LibpqSurroundings,
  libpqVersion: number,
): ServiceResult {
  const service = named ?? environment['PGSERVICE'];
  if (service === undefined) return { ok: true, value: [] };
  const source = namedBy ?? { kind: 'environment', variable: 'PGSERVICE' };
  const places: readonly { readonly file: ServiceFile | undefined; readonly mustExist: boolean }[] = [
    { file: serviceFiles.user, mustExist: environment['PGSERVICEFILE'] !== undefined },
    { file: serviceFiles.system, mustExist: false },
  ];
  const searched: string[] = [];
  const services: string[] = [];
  for (const { file, mustExist } of places) {
    if (file === undefined) continue;
    const { path, content } = file;
    if (content.kind === 'absent' && !mustExist) continue;
    if (content.kind !== 'read') {
      const message = `The service "${service}" is asked for, and the service file ${path} ${content.kind === 'absent' ? 'does not exist' : 'cannot be read'}.`;
      return { ok: false, problem: { kind: 'service-file-unreadable', service, source, path, message } };
    }
    const found = parseServiceFile(content.text, service, { libpqVersion });
    if (found.kind === 'malformed') {
      const message = `${path}, line ${found.problem.line}: ${found.problem.message}`;
      const kind = 'service-file-malformed';
      return { ok: false, problem: { kind, service, source, path, fault: found.problem, message } };
    }
    if (found.kind === 'found') return { ok: true, value: found.settings.map(asGiven(service, path)) };
    searched.push(path);
    services.push(...found.services);
  }
  const where = searched.length === 0 ? 'no service file exists' : `it is not in ${searched.join(' nor in ')}`;
  const message = `The service "${service}" is asked for, and ${where}.`;
  return { ok: false, problem: { kind: 'service-not-found', service, source, searched, services, message } };
}

const asGiven =
  (service: string, path: string) =>
  ({ keyword, value, line }: ServiceSetting): GivenParameter => ({
    keyword,
    value,
    source: { kind: 'service', service, path, line },
  });
