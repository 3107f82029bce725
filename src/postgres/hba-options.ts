import type { HbaMethod, HbaOption, HbaToken, HbaType } from './hba-line.ts';
import { isSecretOption } from './hba-line.ts';
import { mask } from './secret.ts';

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: readonly HbaOption[] }
  | { readonly kind: 'broken'; readonly error: string };

/**
 * The `name=value` columns behind the method, checked as parse_hba_auth_opt and the end of parse_hba_line (hba.c) check them, as far as the text alone
 * decides it: not whether a RADIUS server's name resolves, an LDAP library likes the URL, or oauth_validator_libraries is set.
 */
export function parseHbaOptions(
  type: HbaType,
  method: HbaMethod,
  tokens: readonly HbaToken[],
  serverVersion: number,
): ParsedOptions {
  const hidesErrors = tokens.some(({ text }) => isSecretOption(text.split('=')[0] ?? ''));
  const values = new Map<string, string>();
  const options: HbaOption[] = [];
  for (const { text } of tokens) {
    const equals = text.indexOf('=');
    // A password that was cut at a blank is such a token: it is not repeated.
    if (equals < 0) return broken(`authentication option not in name=value format: ${hidesErrors ? mask : text}`);
    const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
    const error = checkOption({ type, method, serverVersion }, name, value);
    if (error !== undefined) return broken(hidesErrors && error === unrecognized(name) ? unrecognized(mask) : error);
    values.set(name, value);
    options.push({ name, value: isSecretOption(name) ? mask : value });
  }
  const error = checkTogether(method, values, serverVersion);
  return error === undefined ? { kind: 'options', options } : broken(error);
}

interface Line {
  readonly type: HbaType;
  readonly method: HbaMethod;
  readonly serverVersion: number;
}

function broken(error: string): ParsedOptions {
  return { kind: 'broken', error };
}

/** Which method an option belongs to; the word behind is PostgreSQL's own for the message. */
const ownMethod: ReadonlyMap<string, HbaMethod> = new Map<string, HbaMethod>([
  ['pamservice', 'pam'],
  ['pam_use_hostname', 'pam'],
  ['ldapurl', 'ldap'],
  ['ldaptls', 'ldap'],
  ['ldapscheme', 'ldap'],
  ['ldapserver', 'ldap'],
  ['ldapport', 'ldap'],
  ['ldapbinddn', 'ldap'],
  ['ldapbindpasswd', 'ldap'],
  ['ldapsearchattribute', 'ldap'],
  ['ldapsearchfilter', 'ldap'],
  ['ldapbasedn', 'ldap'],
  ['ldapprefix', 'ldap'],
  ['ldapsuffix', 'ldap'],
  ['compat_realm', 'sspi'],
  ['upn_username', 'sspi'],
  ['radiusservers', 'radius'],
  ['radiusports', 'radius'],
  ['radiussecrets', 'radius'],
  ['radiusidentifiers', 'radius'],
]);

const oauthOptions: ReadonlySet<string> = new Set(['issuer', 'scope', 'validator', 'delegate_ident_mapping']);

function checkOption(line: Line, name: string, value: string): string | undefined {
  const { method, serverVersion } = line;
  if (name === 'map') {
    const withMap: readonly HbaMethod[] = ['ident', 'peer', 'gss', 'sspi', 'cert', 'oauth'];
    const named =
      serverVersion >= 18 ? 'ident, peer, gssapi, sspi, cert, and oauth' : 'ident, peer, gssapi, sspi, and cert';
    return withMap.includes(method) ? undefined : onlyFor(name, named);
  }
  if (name === 'clientcert') return checkClientCert(line, value);
  if (name === 'clientname' && serverVersion >= 14) {
    if (line.type !== 'hostssl') return 'clientname can only be configured for "hostssl" rows';
    return value === 'CN' || value === 'DN' ? undefined : `invalid value for clientname: "${value}"`;
  }
  if (name === 'krb_realm' || name === 'include_realm') {
    return method === 'gss' || method === 'sspi' ? undefined : onlyFor(name, 'gssapi and sspi');
  }
  const own = ownMethod.get(name) ?? (serverVersion >= 18 && oauthOptions.has(name) ? 'oauth' : undefined);
  if (own === undefined) return unrecognized(name);
  if (own !== method) return onlyFor(name, own);
  if (name === 'ldapport' && !isPort(value)) return `invalid LDAP port number: "${value}"`;
  if (name === 'radiusports' && !value.split(',').every(isPort)) return `invalid RADIUS port number: "${value}"`;
  return undefined;
}

function unrecognized(name: string): string {
  return `unrecognized authentication option name: "${name}"`;
}

function onlyFor(name: string, methods: string): string {
  return `authentication option "${name}" is only valid for authentication methods ${methods}`;
}

/** What atoi() does not make 0 of. */
function isPort(value: string): boolean {
  return /^\s*[+-]?0*[1-9]/.test(value);
}

function checkClientCert({ type, method, serverVersion }: Line, value: string): string | undefined {
  if (type !== 'hostssl') return 'clientcert can only be configured for "hostssl" rows';
  if (value === 'verify-full') return undefined;
  if (serverVersion < 14) {
    if (value === '1' || value === 'verify-ca') return undefined;
    if (value === '0' || value === 'no-verify') {
      return method === 'cert' ? 'clientcert cannot be set to "no-verify" when using "cert" authentication' : undefined;
    }
  } else if (value === 'verify-ca') {
    return method === 'cert'
      ? 'clientcert can only be set to "verify-full" when using "cert" authentication'
      : undefined;
  }
  return `invalid value for clientcert: "${value}"`;
}

function checkTogether(
  method: HbaMethod,
  values: ReadonlyMap<string, string>,
  serverVersion: number,
): string | undefined {
  if (method === 'ldap' && !values.has('ldapurl')) return checkLdap(values, serverVersion);
  if (method === 'radius') return checkRadius(values);
  if (method === 'oauth') {
    for (const name of ['scope', 'issuer']) if (!values.has(name)) return isMissing(method, name);
    if (serverVersion >= 18 && values.get('delegate_ident_mapping') === '1' && values.has('map')) {
      return 'map cannot be used in combination with delegate_ident_mapping';
    }
  }
  return undefined;
}

function isMissing(method: HbaMethod, name: string): string {
  return `authentication method "${method}" requires argument "${name}" to be set`;
}

function checkLdap(values: ReadonlyMap<string, string>, serverVersion: number): string | undefined {
  const searches = ['ldapbasedn', 'ldapbinddn', 'ldapbindpasswd', 'ldapsearchattribute', 'ldapsearchfilter'];
  if (values.has('ldapprefix') || values.has('ldapsuffix')) {
    if (!searches.some((name) => values.has(name))) return undefined;
    return serverVersion >= 18
      ? 'cannot mix options for simple bind and search+bind modes'
      : `cannot use ${searches.join(', ')}, or ldapurl together with ldapprefix`;
  }
  if (!values.has('ldapbasedn')) {
    return 'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set';
  }
  const both = values.has('ldapsearchattribute') && values.has('ldapsearchfilter');
  return both ? 'cannot use ldapsearchattribute together with ldapsearchfilter' : undefined;
}

function checkRadius(values: ReadonlyMap<string, string>): string | undefined {
  for (const name of ['radiusservers', 'radiussecrets']) if (!values.has(name)) return isMissing('radius', name);
  const count = (name: string): number =>
    (values.get(name) ?? '').split(',').filter((entry) => entry.trim() !== '').length;
  const servers = count('radiusservers');
  if (servers === 0) return 'list of RADIUS servers cannot be empty';
  if (count('radiussecrets') === 0) return 'list of RADIUS secrets cannot be empty';
  for (const [name, called] of [
    ['radiussecrets', 'secrets'],
    ['radiusports', 'ports'],
    ['radiusidentifiers', 'identifiers'],
  ] as const) {
    const entries = count(name);
    if (entries > 1 && entries !== servers) {
      return `the number of RADIUS ${called} (${entries}) must be 1 or the same as the number of RADIUS servers (${servers})`;
    }
  }
  return undefined;
}
