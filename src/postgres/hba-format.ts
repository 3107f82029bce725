import type { HbaMethod, HbaOption } from './hba-line.ts';
import { addressBits, formatIpAddress, parseIpAddress } from './ip-address.ts';

export interface HbaEntry {
  /** A physical replication connection, or the name of a database. */
  readonly database: { readonly kind: 'replication' } | { readonly kind: 'database'; readonly name: string };
  readonly user: string;
  /** The client's address as the server sees it, or `local` for a Unix socket. */
  readonly address: string;
  readonly encryption: 'none' | 'tls' | 'gss';
  readonly method: HbaMethod;
  /** Of the method: `map`, `clientcert`. */
  readonly options?: readonly HbaOption[];
  /** PostgreSQL's major version. */
  readonly serverVersion: number;
}

/**
 * Writes the narrowest line that lets one role in from one address: `hostssl replication replicator 10.0.0.7/32 scram-sha-256`.
 * `undefined` where pg_hba.conf cannot say it: a name with a line break before 16, or an address that is none.
 */
export function formatHbaLine({
  database,
  user,
  address,
  encryption,
  method,
  options = [],
  serverVersion,
}: HbaEntry): string | undefined {
  const databaseColumn = database.kind === 'replication' ? 'replication' : formatHbaName(database.name, serverVersion);
  const userColumn = formatHbaName(user, serverVersion);
  if (databaseColumn === undefined || userColumn === undefined) return undefined;
  if (address === 'local') return ['local', databaseColumn, userColumn, method, ...options.map(optionText)].join(' ');
  const ip = parseIpAddress(address);
  if (ip === undefined) return undefined;
  const type = { none: 'host', tls: 'hostssl', gss: 'hostgssenc' }[encryption];
  const network = `${formatIpAddress(ip)}/${addressBits(ip.family)}`;
  return [type, databaseColumn, userColumn, network, method, ...options.map(optionText)].join(' ');
}

/** Within quotes a blank or a comma does not end it, and a double quote is doubled (hba.c, next_token). */
const optionText = ({ name, value }: HbaOption): string =>
  /^[\w./:-]*$/u.test(value) ? `${name}=${value}` : `"${name}=${value.replaceAll('"', '""')}"`;

/**
 * Writes a database's or role's name for pg_hba.conf, in quotes where it would otherwise be cut or have a special meaning.
 * Quotes do not keep a leading slash from meaning a regular expression (16 and later, hba.c: regcomp_auth_token), nor can they hold a line break: such a name is
 * written as a regular expression that only it matches. `undefined` where the server's version has none.
 */
export function formatHbaName(name: string, serverVersion: number): string | undefined {
  const hasLineBreak = /[\n\r]/.test(name);
  const needsRegex = hasLineBreak || (serverVersion >= 16 && name.startsWith('/'));
  if (needsRegex && serverVersion < 16) return undefined;
  const text = needsRegex ? `/^${escapeRegex(name)}$` : name;
  // A backslash stays within quotes: at the end of a line it would continue it.
  const isPlain = /^[\w.$/^-]+$/.test(text) && !keywords.has(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

const keywords: ReadonlySet<string> = new Set(['all', 'sameuser', 'samerole', 'samegroup', 'replication']);

function escapeRegex(text: string): string {
  return text
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}

/**
 * How many line breaks must go before a line that is appended to the file: its last line may end without one, or (14 and later) with a backslash that
 * would make the new line its continuation.
 */
export function lineBreaksBeforeAppended(text: string, serverVersion: number): 0 | 1 | 2 {
  const isContinued = serverVersion >= 14 && /\\\r*\n?$/.test(text);
  const isUnfinished = text !== '' && !text.endsWith('\n');
  if (isContinued && isUnfinished) return 2;
  return isContinued || isUnfinished ? 1 : 0;
}
