import type { HbaAddress, HbaLine, HbaMethod, HbaPlace, HbaToken, HbaType } from './hba-line.ts';
import { hideSecrets, isHbaMethod, isHbaType, isSecretOption, sslIsOff } from './hba-line.ts';
import { parseHbaOptions } from './hba-options.ts';
import { compileHbaRegex } from './hba-regex.ts';
import type { HbaFileSource, TokenizedLine, Tokenizer } from './hba-tokens.ts';
import { tokenizeHbaFile } from './hba-tokens.ts';
import { addressBits, parseIpAddress, prefixMask } from './ip-address.ts';
import { mask } from './secret.ts';

export interface HbaFile {
  readonly lines: readonly HbaLine[];
  /**
   * Every path that was asked of `source.read` and `source.list`, so that a caller who reads asynchronously can fetch what was missing and parse again
   * until nothing new is asked for.
   */
  readonly asked: { readonly files: readonly string[]; readonly directories: readonly string[] };
}

export interface HbaFileInput {
  /** Path of pg_hba.conf; relative names in it are relative to its directory. */
  readonly file: string;
  readonly text: string;
  /** PostgreSQL's major version: continuation lines came with 14, includes and regular expressions with 16. */
  readonly serverVersion: number;
  /** The setting `ssl`: when it is off, a hostssl line carries an error, though it stays in use. `undefined`: not known. */
  readonly ssl?: boolean | undefined;
  readonly source?: HbaFileSource | undefined;
}

/**
 * Parses the text of pg_hba.conf as PostgreSQL does (hba.c: tokenize_auth_file, parse_hba_line), including the files that it names, with the errors that
 * pg_hba_file_rules would show. Comments and empty lines leave nothing behind. Assumes a build with TLS, GSSAPI, PAM and LDAP, as the packages are.
 */
export function parseHbaFile({
  file,
  text,
  serverVersion,
  ssl,
  source = { read: () => undefined },
}: HbaFileInput): HbaFile {
  const files = new Set<string>();
  const directories = new Set<string>();
  const tokenizer: Tokenizer = {
    serverVersion,
    left: 5_000_000,
    source: {
      read: (path) => {
        files.add(path);
        return source.read(path);
      },
      list: (directory) => {
        directories.add(directory);
        return source.list?.(directory);
      },
    },
  };
  const lines = tokenizeHbaFile(tokenizer, file, text, 0).map((line) => parseLine(line, { serverVersion, ssl }));
  return { lines, asked: { files: [...files], directories: [...directories] } };
}

interface Server {
  readonly serverVersion: number;
  readonly ssl: boolean | undefined;
}

function parseLine(tokenized: TokenizedLine, server: Server): HbaLine {
  const { file, line, endLine } = tokenized;
  const place: HbaPlace = { file, line, endLine, text: withoutSecrets(tokenized) };
  const columns = tokenized.error ?? parseColumns(tokenized.fields, server);
  if (typeof columns === 'string') return { kind: 'broken', ...place, error: hideSecrets(columns) };
  const sslOff = columns.type === 'hostssl' && server.ssl === false;
  return {
    kind: 'rule',
    ...place,
    ...columns,
    error: sslOff ? sslIsOff : undefined,
  };
}

type Columns = Pick<
  Extract<HbaLine, { kind: 'rule' }>,
  'type' | 'databases' | 'users' | 'address' | 'method' | 'options'
>;

/** hba.c, parse_hba_line; a string is the error. */
function parseColumns(fields: readonly (readonly HbaToken[])[], server: Server): Columns | string {
  const [types, databases, users, ...rest] = fields;
  if (types === undefined) return 'end-of-line before database specification';
  if (types.length > 1) return 'multiple values specified for connection type';
  const type = types[0]?.text ?? '';
  if (!isHbaType(type)) return `invalid connection type "${type}"`;
  if (databases === undefined) return 'end-of-line before database specification';
  const error = checkRegexes(databases, server);
  if (error !== undefined) return error;
  if (users === undefined) return 'end-of-line before role specification';
  const userError = checkRegexes(users, server);
  if (userError !== undefined) return userError;
  const located = type === 'local' ? { address: { kind: 'local' } as const, used: 0 } : parseAddress(rest[0], rest[1]);
  if (typeof located === 'string') return located;
  const [methods, ...options] = rest.slice(located.used);
  const method = parseMethod(type, methods, server);
  if ('error' in method) return method.error;
  const parsed = parseHbaOptions(type, method.method, options.flat(), server.serverVersion);
  if (parsed.kind === 'broken') return parsed.error;
  return { type, databases, users, address: located.address, method: method.method, options: parsed.options };
}

function checkRegexes(tokens: readonly HbaToken[], { serverVersion }: Server): string | undefined {
  if (serverVersion < 16) return undefined;
  for (const { text } of tokens) {
    if (!text.startsWith('/')) continue; // in quotes too
    const regex = compileHbaRegex(text.slice(1));
    if (regex.kind === 'broken') return `invalid regular expression "${text.slice(1)}": ${regex.error}`;
  }
  return undefined;
}

function parseAddress(
  addresses: readonly HbaToken[] | undefined,
  masks: readonly HbaToken[] | undefined,
): { readonly address: HbaAddress; readonly used: number } | string {
  if (addresses === undefined) return 'end-of-line before IP address specification';
  if (addresses.length > 1) return 'multiple values specified for host address';
  const { text, quoted } = addresses[0] ?? { text: '', quoted: false };
  if (quoted !== true && (text === 'all' || text === 'samehost' || text === 'samenet'))
    return { address: { kind: text }, used: 1 };
  const slash = text.indexOf('/');
  const address = parseIpAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) {
    if (slash >= 0) return `specifying both host name and CIDR mask is invalid: "${text}"`;
    return { address: { kind: 'host-name', name: text }, used: 1 };
  }
  if (slash >= 0) {
    const bits = parseLong(text.slice(slash + 1));
    if (bits === undefined || bits < 0 || bits > addressBits(address.family))
      return `invalid CIDR mask in address "${text}"`;
    return { address: { kind: 'network', address, netmask: prefixMask(address.family, bits) }, used: 1 };
  }
  if (masks === undefined) return 'end-of-line before netmask specification';
  if (masks.length > 1) return 'multiple values specified for netmask';
  const maskText = masks[0]?.text ?? '';
  const netmask = parseIpAddress(maskText);
  if (netmask === undefined) return `invalid IP mask "${maskText}": Name or service not known`;
  if (netmask.family !== address.family) return 'IP address and mask do not match';
  return { address: { kind: 'network', address, netmask }, used: 2 };
}

/** strtol with nothing behind the number. */
function parseLong(text: string): number | undefined {
  return /^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

function parseMethod(
  type: HbaType,
  methods: readonly HbaToken[] | undefined,
  { serverVersion }: Server,
): { readonly method: HbaMethod } | { readonly error: string } {
  if (methods === undefined) return { error: 'end-of-line before authentication method' };
  if (methods.length > 1) return { error: 'multiple values specified for authentication type' };
  const name = methods[0]?.text ?? '';
  if (!isHbaMethod(name) || (name === 'oauth' && serverVersion < 18))
    return { error: `invalid authentication method "${name}"` };
  if (name === 'sspi' || name === 'bsd')
    return { error: `invalid authentication method "${name}": not supported by this build` };
  if (type === 'local' && name === 'ident') return { method: 'peer' };
  if (type === 'local' && name === 'gss') return { error: 'gssapi authentication is not supported on local sockets' };
  if (type !== 'local' && name === 'peer') return { error: 'peer authentication is only supported on local sockets' };
  if (type !== 'hostssl' && name === 'cert')
    return { error: 'cert authentication is only supported on hostssl connections' };
  return { method: name };
}

/**
 * The line as written, unless it holds a password: then it is written again from its columns up to the password. What follows is left out, as it may be the
 * rest of one that should have been in quotes.
 */
function withoutSecrets({ text, fields }: TokenizedLine): string {
  const first = fields.findIndex((field) => field.some(isSecret));
  if (first < 0) return hideSecrets(text);
  const before = fields.slice(0, first).map((field) => field.map(writtenAnew).join(','));
  const field = fields[first] ?? [];
  const at = field.findIndex(isSecret);
  const name = field[at]?.text.split('=')[0] ?? '';
  return [...before, [...field.slice(0, at).map(writtenAnew), `${name}=${mask}`].join(',')].join(' ');
}

function writtenAnew({ text }: HbaToken): string {
  return /[\s,#"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isSecret({ text }: HbaToken): boolean {
  return isSecretOption(text.split('=')[0] ?? '');
}
