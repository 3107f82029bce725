import { isIP } from 'node:net';

import type { ConninfoValues } from './conninfo-assembly.ts';
import { optionsOf } from './conninfo-options.ts';
import type { ConninfoKeyword, PlainKeyword } from './conninfo-options.ts';
import { shownValue } from './conninfo-mask.ts';
import { meantValue } from './meant-value.ts';

/** Something in the parameters with which libpq makes no connection, or not to this host. */
export interface ParameterProblem {
  readonly kind: 'value' | 'integer' | 'combination' | 'host-count' | 'port-count' | 'port' | 'socket-path-too-long';
  /** The parameters that are meant, the one to change first. */
  readonly keywords: readonly ConninfoKeyword[];
  /** One sentence, without the source of the value: the caller knows it. */
  readonly message: string;
  /** What the first of the keywords was probably meant to be; undefined where a person has to choose. */
  readonly instead?: string | undefined;
  /** The words that libpq accepts for it. */
  readonly accepted?: readonly string[];
}

/**
 * Checks the values as libpq does before it connects, in its order (fe-connect.c, pqConnectOptions2), and the whole
 * numbers that it only looks at afterwards.
 */
export function checkParameters(
  values: ConninfoValues,
  {
    libpqVersion,
    onlySockets,
    waits = true,
  }: {
    readonly libpqVersion: number;
    readonly onlySockets: boolean;
    /** It connects by PQconnectdb, and not by PQconnectStart, which does not look at connect_timeout. */
    readonly waits?: boolean | undefined;
  },
): { readonly problems: readonly ParameterProblem[]; readonly connectTimeoutSeconds: number | undefined } {
  const known = new Set(optionsOf(libpqVersion).map((option) => option.keyword));
  const problems: ParameterProblem[] = [];
  const oneOf = (keyword: PlainKeyword, allowed: readonly string[]): void => {
    const value = values[keyword];
    if (value === undefined || !known.has(keyword) || allowed.includes(value)) return;
    const message = `${keyword} is "${shownValue(value)}"; libpq ${libpqVersion} knows ${listed(allowed)}.`;
    problems.push({
      kind: 'value',
      keywords: [keyword],
      message,
      instead: meantValue(keyword, value, allowed),
      accepted: allowed,
    });
  };
  const integer = (keyword: PlainKeyword): number | undefined => {
    const value = values[keyword];
    if (value === undefined) return undefined;
    const number = readInteger(value);
    if (number === undefined) {
      const message = `${keyword} is "${shownValue(value)}"; libpq accepts only an integer${units[keyword] ?? ''}.`;
      problems.push({ kind: 'integer', keywords: [keyword], message, instead: meantValue(keyword, value, undefined) });
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

  problems.push(...checkHostaddr(values.hostaddr ?? ''));
  const timeout = waits ? integer('connect_timeout') : undefined;
  if (!onlySockets) {
    // up to 13 strtol() reads it: what is empty is 0, and nothing is too large
    const loose = libpqVersion <= 13 && /^\s*(?:[+-]?\d+)?$/u.test(values.keepalives ?? '1');
    const isOff = (loose ? Number(values.keepalives ?? '1') : integer('keepalives')) === 0;
    if (!isOff) for (const keyword of integersOfKeepalives) integer(keyword);
    integer('tcp_user_timeout');
  }
  return { problems, connectTimeoutSeconds: timeoutOf(timeout, libpqVersion) };
}

/** libpq's pqParseIntParam: a whole number of 32 bits with spaces around it; undefined when it is none. */
export function readInteger(value: string): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+[ \t\n\v\f\r]*$/u.test(value)) return undefined;
  const number = Number(value);
  return Math.abs(number) <= 2 ** 31 && number < 2 ** 31 ? number : undefined;
}

/** Looked at unless keepalives=0 (fe-connect.c, PQconnectPoll). */
const integersOfKeepalives = [
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
] as const satisfies readonly PlainKeyword[];

const units: Readonly<Record<string, string>> = {
  connect_timeout: ' of seconds',
  keepalives: ', 1 or 0',
  keepalives_idle: ' of seconds',
  keepalives_interval: ' of seconds',
  tcp_user_timeout: ' of milliseconds',
};

/** Zero and less: forever. Up to 16, libpq waits two seconds at least. */
function timeoutOf(seconds: number | undefined, libpqVersion: number): number | undefined {
  if (seconds === undefined || seconds <= 0) return undefined;
  return libpqVersion <= 16 ? Math.max(2, seconds) : seconds;
}

function checkRequireAuth(value: string, libpqVersion: number): readonly ParameterProblem[] {
  if (value === '') return [];
  const methods = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'none', ...(libpqVersion >= 18 ? ['oauth'] : [])];
  const refused = (message: string): readonly ParameterProblem[] => [
    {
      kind: 'value',
      keywords: ['require_auth'],
      message,
      instead: meantValue('require_auth', value, methods),
      accepted: methods,
    },
  ];
  const parts = value.split(',');
  const negated = parts.filter((part) => part.startsWith('!'));
  if (negated.length > 0 && negated.length < parts.length) {
    return refused(`require_auth is "${value}": either all of its methods or none of them may begin with "!".`);
  }
  const names = parts.map((part) => part.replace(/^!/u, ''));
  const unknown = names.find((name) => !methods.includes(name));
  if (unknown !== undefined) {
    return refused(`require_auth names "${unknown}"; libpq ${libpqVersion} knows ${listed(methods)}.`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? [] : refused(`require_auth names "${twice}" twice.`);
}

/** getaddrinfo() with AI_NUMERICHOST takes no name; of several, libpq goes on to the next one (fe-connect.c, PQconnectPoll). */
function checkHostaddr(value: string): readonly ParameterProblem[] {
  const addresses = value.split(',');
  if (addresses.some((address) => address === '' || isNumericAddress(address))) return [];
  const message = `hostaddr is "${shownValue(value)}"; libpq accepts only an IP address there, and a name in host.`;
  return [{ kind: 'value', keywords: ['hostaddr'], message }];
}

/** inet_aton() reads `127.1` and hexadecimal parts; an IPv6 address may name its interface. */
const isNumericAddress = (address: string): boolean =>
  isIP(address.replace(/%.*$/u, '')) !== 0 || /^(?:0x[\da-f]+|\d+)(?:\.(?:0x[\da-f]+|\d+)){0,3}$/iu.test(address);

function checkWeakSslmode(values: ConninfoValues, libpqVersion: number): readonly ParameterProblem[] {
  const problems: ParameterProblem[] = [];
  const sslmode = values.sslmode ?? '';
  if (!sslModes.includes(sslmode)) return [];
  if (libpqVersion >= 17 && values.sslnegotiation === 'direct' && !/^[rv]/u.test(sslmode)) {
    const message = `sslmode is "${sslmode}", and sslnegotiation=direct needs require, verify-ca or verify-full.`;
    const off = sslmode === 'disable';
    problems.push({
      kind: 'combination',
      keywords: off ? ['sslnegotiation', 'sslmode'] : ['sslmode', 'sslnegotiation'],
      message,
      instead: off ? 'postgres' : 'require',
    });
  }
  if (libpqVersion >= 16 && values.sslrootcert === 'system' && sslmode !== 'verify-full') {
    const message = `sslmode is "${sslmode}", and sslrootcert=system needs verify-full.`;
    const instead = sslmode === 'disable' ? undefined : 'verify-full';
    problems.push({ kind: 'combination', keywords: ['sslmode', 'sslrootcert'], message, instead });
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
    const message = `${keyword} is "${shownValue(value)}"; libpq knows ${listed(tlsVersions)}.`;
    problems.push({
      kind: 'value',
      keywords: [keyword],
      message,
      instead: meantValue(keyword, value, tlsVersions),
      accepted: tlsVersions,
    });
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
