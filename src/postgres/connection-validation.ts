import type { ConninfoValues } from './conninfo-assembly.ts';
import { optionsOf } from './conninfo-options.ts';
import type { ConninfoKeyword, PlainKeyword } from './conninfo-options.ts';

/** Something in the parameters with which libpq makes no connection, or not to this host. */
export interface ParameterProblem {
  readonly kind: 'value' | 'integer' | 'combination' | 'host-count' | 'port-count' | 'port' | 'socket-path-too-long';
  /** The parameters that are meant, the one to change first. */
  readonly keywords: readonly ConninfoKeyword[];
  /** One sentence, without the source of the value: the caller knows it. */
  readonly message: string;
}

/**
 * Checks the values as libpq does before it connects, in its order (fe-connect.c, pqConnectOptions2), and the whole
 * numbers that it only looks at afterwards.
 */
export function checkParameters(
  values: ConninfoValues,
  { libpqVersion, onlySockets }: { readonly libpqVersion: number; readonly onlySockets: boolean },
): { readonly problems: readonly ParameterProblem[]; readonly connectTimeoutSeconds: number | undefined } {
  const known = new Set(optionsOf(libpqVersion).map((option) => option.keyword));
  const problems: ParameterProblem[] = [];
  const oneOf = (keyword: PlainKeyword, allowed: readonly string[]): void => {
    const value = values[keyword];
    if (value === undefined || !known.has(keyword) || allowed.includes(value)) return;
    const message = `${keyword} is "${value}"; libpq ${libpqVersion} knows ${listed(allowed)}.`;
    problems.push({ kind: 'value', keywords: [keyword], message });
  };
  const integer = (keyword: PlainKeyword): number | undefined => {
    const value = values[keyword];
    if (value === undefined) return undefined;
    const number = readInteger(value);
    if (number === undefined) {
      const message = `${keyword} is "${value}", which is not an integer.`;
      problems.push({ kind: 'integer', keywords: [keyword], message });
    }
    return number;
  };

  if (known.has('require_auth')) problems.push(...checkRequireAuth(values.require_auth ?? '', libpqVersion));
  oneOf('channel_binding', ['disable', 'prefer', 'require']);
  oneOf('sslmode', sslModes);
  oneOf('sslnegotiation', ['postgres', 'direct']);
  problems.push(...checkWeakSslmode(values, libpqVersion), ...checkProtocols(values));
  oneOf('sslcertmode', ['disable', 'allow', 'require']);
  oneOf('gssencmode', ['disable', 'prefer', 'require']);
  const targets = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'];
  oneOf('target_session_attrs', libpqVersion <= 13 ? targets.slice(0, 2) : targets);
  oneOf('load_balance_hosts', ['disable', 'random']);
  oneOf('min_protocol_version', protocolVersions);
  oneOf('max_protocol_version', protocolVersions);
  if (order(values.min_protocol_version) > order(values.max_protocol_version)) {
    const message = `min_protocol_version ${values.min_protocol_version} is newer than max_protocol_version ${values.max_protocol_version}.`;
    problems.push({ kind: 'combination', keywords: ['max_protocol_version', 'min_protocol_version'], message });
  }

  const timeout = integer('connect_timeout');
  if (!onlySockets) for (const keyword of integersOfTcp) integer(keyword);
  return { problems, connectTimeoutSeconds: timeoutOf(timeout, libpqVersion) };
}

/** libpq's pqParseIntParam: a whole number of 32 bits with spaces around it; undefined when it is none. */
export function readInteger(value: string): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+[ \t\n\v\f\r]*$/u.test(value)) return undefined;
  const number = Number(value);
  return Math.abs(number) <= 2 ** 31 && number < 2 ** 31 ? number : undefined;
}

const integersOfTcp = [
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
] as const satisfies readonly PlainKeyword[];

/** Zero and less: for ever. Up to 16, libpq waits two seconds at least. */
function timeoutOf(seconds: number | undefined, libpqVersion: number): number | undefined {
  if (seconds === undefined || seconds <= 0) return undefined;
  return libpqVersion <= 16 ? Math.max(2, seconds) : seconds;
}

function checkRequireAuth(value: string, libpqVersion: number): readonly ParameterProblem[] {
  if (value === '') return [];
  const methods = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'none', ...(libpqVersion >= 18 ? ['oauth'] : [])];
  const parts = value.split(',');
  const negated = parts.filter((part) => part.startsWith('!'));
  if (negated.length > 0 && negated.length < parts.length) {
    return requireAuthProblem(`require_auth is "${value}": either all methods or none of them stand behind a "!".`);
  }
  const names = parts.map((part) => part.replace(/^!/u, ''));
  const unknown = names.find((name) => !methods.includes(name));
  if (unknown !== undefined) {
    return requireAuthProblem(`require_auth names "${unknown}"; libpq ${libpqVersion} knows ${listed(methods)}.`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? [] : requireAuthProblem(`require_auth names "${twice}" twice.`);
}

const requireAuthProblem = (message: string): readonly ParameterProblem[] => [
  { kind: 'value', keywords: ['require_auth'], message },
];

function checkWeakSslmode(values: ConninfoValues, libpqVersion: number): readonly ParameterProblem[] {
  const problems: ParameterProblem[] = [];
  const sslmode = values.sslmode ?? '';
  if (!sslModes.includes(sslmode)) return [];
  if (libpqVersion >= 17 && values.sslnegotiation === 'direct' && !/^[rv]/u.test(sslmode)) {
    const message = `sslmode is "${sslmode}", and sslnegotiation=direct wants require, verify-ca or verify-full.`;
    problems.push({ kind: 'combination', keywords: ['sslmode', 'sslnegotiation'], message });
  }
  if (libpqVersion >= 16 && values.sslrootcert === 'system' && sslmode !== 'verify-full') {
    const message = `sslmode is "${sslmode}", and sslrootcert=system wants verify-full.`;
    problems.push({ kind: 'combination', keywords: ['sslmode', 'sslrootcert'], message });
  }
  return problems;
}

const sslModes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** fe-connect.c, sslVerifyProtocolVersion and sslVerifyProtocolRange; letter case does not count, empty means no bound. */
function checkProtocols(values: ConninfoValues): readonly ParameterProblem[] {
  const problems: ParameterProblem[] = [];
  const bounds = (['ssl_min_protocol_version', 'ssl_max_protocol_version'] as const).map((keyword) => {
    const value = values[keyword] ?? '';
    if (value === '') return undefined;
    const rank = tlsVersions.findIndex((version) => version.toLowerCase() === value.toLowerCase());
    if (rank !== -1) return rank;
    const message = `${keyword} is "${value}"; libpq knows ${listed(tlsVersions)}.`;
    problems.push({ kind: 'value', keywords: [keyword], message });
    return undefined;
  });
  const [min, max] = bounds;
  if (min !== undefined && max !== undefined && min > max) {
    const message = `ssl_min_protocol_version ${values.ssl_min_protocol_version} is newer than ssl_max_protocol_version ${values.ssl_max_protocol_version}.`;
    problems.push({ kind: 'combination', keywords: ['ssl_max_protocol_version', 'ssl_min_protocol_version'], message });
  }
  return problems;
}

const protocolVersions = ['3.0', '3.2', 'latest'];

/** `latest` is 3.2 in libpq 18. What is not given, or unknown, bounds nothing. */
function order(version: string | undefined): number {
  const index = protocolVersions.indexOf(version ?? '');
  return index === -1 ? Number.NaN : Math.min(1, index);
}

const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
