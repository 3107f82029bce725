import { slips } from './slips.ts';

/**
 * Every connection parameter of libpq 13 to 18, in libpq's own order (fe-connect.c, PQconninfoOptions): its environment
 * variable, its compiled-in default in a build with TLS and GSSAPI, the releases of libpq that know it, and whether its
 * value must stay unseen. `since: 13` means 13 or before. The two SCRAM keys are secrets although libpq only calls them
 * debugging options: whoever has them can log in.
 */
export const conninfoOptions = [
  { keyword: 'service', variable: 'PGSERVICE', since: 13 },
  { keyword: 'authtype', variable: 'PGAUTHTYPE', default: '', since: 13, until: 13 },
  { keyword: 'user', variable: 'PGUSER', since: 13 },
  { keyword: 'password', variable: 'PGPASSWORD', since: 13, secret: true },
  { keyword: 'passfile', variable: 'PGPASSFILE', since: 13 },
  { keyword: 'channel_binding', variable: 'PGCHANNELBINDING', default: 'prefer', since: 13 },
  { keyword: 'connect_timeout', variable: 'PGCONNECT_TIMEOUT', since: 13 },
  { keyword: 'dbname', variable: 'PGDATABASE', since: 13 },
  { keyword: 'host', variable: 'PGHOST', since: 13 },
  { keyword: 'hostaddr', variable: 'PGHOSTADDR', since: 13 },
  { keyword: 'port', variable: 'PGPORT', default: '5432', since: 13 },
  { keyword: 'client_encoding', variable: 'PGCLIENTENCODING', since: 13 },
  { keyword: 'tty', variable: 'PGTTY', default: '', since: 13, until: 13 },
  { keyword: 'options', variable: 'PGOPTIONS', default: '', since: 13 },
  { keyword: 'application_name', variable: 'PGAPPNAME', since: 13 },
  { keyword: 'fallback_application_name', since: 13 },
  { keyword: 'keepalives', since: 13 },
  { keyword: 'keepalives_idle', since: 13 },
  { keyword: 'keepalives_interval', since: 13 },
  { keyword: 'keepalives_count', since: 13 },
  { keyword: 'tcp_user_timeout', since: 13 },
  { keyword: 'sslmode', variable: 'PGSSLMODE', default: 'prefer', since: 13 },
  { keyword: 'sslnegotiation', variable: 'PGSSLNEGOTIATION', default: 'postgres', since: 17 },
  { keyword: 'sslcompression', variable: 'PGSSLCOMPRESSION', default: '0', since: 13 },
  { keyword: 'sslcert', variable: 'PGSSLCERT', since: 13 },
  { keyword: 'sslkey', variable: 'PGSSLKEY', since: 13 },
  { keyword: 'sslcertmode', variable: 'PGSSLCERTMODE', since: 16 },
  { keyword: 'sslpassword', since: 13, secret: true },
  { keyword: 'sslrootcert', variable: 'PGSSLROOTCERT', since: 13 },
  { keyword: 'sslcrl', variable: 'PGSSLCRL', since: 13 },
  { keyword: 'sslcrldir', variable: 'PGSSLCRLDIR', since: 14 },
  { keyword: 'sslsni', variable: 'PGSSLSNI', default: '1', since: 14 },
  { keyword: 'requirepeer', variable: 'PGREQUIREPEER', since: 13 },
  { keyword: 'require_auth', variable: 'PGREQUIREAUTH', since: 16 },
  { keyword: 'min_protocol_version', variable: 'PGMINPROTOCOLVERSION', since: 18 },
  { keyword: 'max_protocol_version', variable: 'PGMAXPROTOCOLVERSION', since: 18 },
  { keyword: 'ssl_min_protocol_version', variable: 'PGSSLMINPROTOCOLVERSION', default: 'TLSv1.2', since: 13 },
  { keyword: 'ssl_max_protocol_version', variable: 'PGSSLMAXPROTOCOLVERSION', since: 13 },
  { keyword: 'gssencmode', variable: 'PGGSSENCMODE', default: 'prefer', since: 13 },
  { keyword: 'krbsrvname', variable: 'PGKRBSRVNAME', default: 'postgres', since: 13 },
  { keyword: 'gsslib', variable: 'PGGSSLIB', since: 13 },
  { keyword: 'gssdelegation', variable: 'PGGSSDELEGATION', default: '0', since: 16 },
  { keyword: 'replication', since: 13 },
  { keyword: 'target_session_attrs', variable: 'PGTARGETSESSIONATTRS', default: 'any', since: 13 },
  { keyword: 'load_balance_hosts', variable: 'PGLOADBALANCEHOSTS', default: 'disable', since: 16 },
  { keyword: 'scram_client_key', since: 18, secret: true },
  { keyword: 'scram_server_key', since: 18, secret: true },
  { keyword: 'oauth_issuer', since: 18 },
  { keyword: 'oauth_client_id', since: 18 },
  { keyword: 'oauth_client_secret', since: 18, secret: true },
  { keyword: 'oauth_scope', since: 18 },
  { keyword: 'sslkeylogfile', since: 18 },
] as const satisfies readonly OptionShape[];

interface OptionShape {
  readonly keyword: string;
  readonly variable?: string;
  readonly default?: string;
  readonly since: number;
  readonly until?: number;
  readonly secret?: true;
}

type AnyOption = (typeof conninfoOptions)[number];

/** A keyword that libpq 13, 14, …, or 18 knows. */
export type ConninfoKeyword = AnyOption['keyword'];
export type SecretKeyword = Extract<AnyOption, { readonly secret: true }>['keyword'];
export type PlainKeyword = Exclude<ConninfoKeyword, SecretKeyword>;

/** One connection parameter of libpq. */
export interface ConninfoOption extends OptionShape {
  readonly keyword: ConninfoKeyword;
}

/** The release of libpq that is meant where none is named: the newest that this tool knows. */
export const newestLibpq = 18;

const byKeyword: ReadonlyMap<string, ConninfoOption> = new Map(
  conninfoOptions.map((option): [string, ConninfoOption] => [option.keyword, option]),
);

/** The option of this name in any release; keywords are case-sensitive, as in libpq. */
export const conninfoOption = (name: string): ConninfoOption | undefined => byKeyword.get(name);

/** The options that a release of libpq knows, in its order. */
export const optionsOf = (libpqVersion: number): readonly ConninfoOption[] =>
  conninfoOptions.filter((option) => isKnownTo(option, libpqVersion));

/** Whether a release of libpq (its major version) knows the option. */
export const isKnownTo = (option: ConninfoOption, libpqVersion: number): boolean =>
  option.since <= libpqVersion && libpqVersion <= (option.until ?? Infinity);

export const isSecretKeyword = (keyword: ConninfoKeyword): keyword is SecretKeyword =>
  byKeyword.get(keyword)?.secret === true;

/** Names that other drivers and tools have for libpq's keywords. */
const namesElsewhere: Readonly<Record<string, ConninfoKeyword>> = {
  address: 'hostaddr',
  appname: 'application_name',
  ca: 'sslrootcert',
  cert: 'sslcert',
  database: 'dbname',
  db: 'dbname',
  hostname: 'host',
  key: 'sslkey',
  login: 'user',
  master_host: 'host',
  master_password: 'password',
  master_port: 'port',
  master_user: 'user',
  pass: 'password',
  passwd: 'password',
  pgpass: 'passfile',
  pwd: 'password',
  role: 'user',
  rootcert: 'sslrootcert',
  server: 'host',
  source_host: 'host',
  source_password: 'password',
  source_port: 'port',
  source_user: 'user',
  ssl: 'sslmode',
  sslca: 'sslrootcert',
  sslrootca: 'sslrootcert',
  timeout: 'connect_timeout',
  uid: 'user',
  username: 'user',
};

/**
 * The keyword that was probably meant by a name that libpq does not know, among those that the given release knows:
 * another tool's name for it, other letter case, a hyphen for an underscore, or at most two slips of the keyboard (one
 * in a short name). Undefined when nothing is near enough.
 */
export function nearestKeyword(name: string, libpqVersion: number = newestLibpq): ConninfoKeyword | undefined {
  // A no-break space or a quotation mark that stuck to the name is no reason not to recognise it.
  const bare = name
    .toLowerCase()
    .replaceAll('-', '_')
    .replaceAll(/[^a-z0-9_]/gu, '');
  if (bare === '') return undefined;
  const elsewhere = Object.hasOwn(namesElsewhere, bare) ? namesElsewhere[bare] : undefined;
  const known = optionsOf(libpqVersion).map((option) => option.keyword);
  if (elsewhere !== undefined) return elsewhere;
  const farthest = bare.length <= 4 ? 1 : 2;
  let nearest: { keyword: ConninfoKeyword; distance: number } | undefined;
  for (const keyword of known) {
    const distance = bare === keyword.replaceAll('_', '') ? 0 : slips(bare, keyword, farthest);
    if (distance <= farthest && distance < (nearest?.distance ?? Infinity)) nearest = { keyword, distance };
  }
  return nearest?.keyword;
}
