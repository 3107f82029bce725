import type { IpAddress } from './ip-address.ts';
import { formatIpAddress, prefixLength } from './ip-address.ts';
import { withoutSpans } from './spans.ts';
import type { Span } from './spans.ts';

/**
 * One line of pg_hba.conf. A `rule` is a line that the server uses; a `broken` one makes the server refuse the whole file: it keeps the rules that it
 * had, and does not start with such a file (hba.c, load_hba).
 */
export type HbaLine = HbaRule | HbaBrokenLine;

export interface HbaPlace {
  /** Path of the file that holds the line: pg_hba.conf or one that it includes. */
  readonly file: string;
  /** Number of its first line, counted from 1. */
  readonly line: number;
  /** Number of its last line: differs from `line` where backslashes continue it. */
  readonly endLine: number;
  /** The line as written (continuations joined), with secrets hidden; made from the columns where only the view was at hand. */
  readonly text: string;
}

export interface HbaRule extends HbaPlace {
  readonly kind: 'rule';
  readonly type: HbaType;
  readonly databases: readonly HbaToken[];
  readonly users: readonly HbaToken[];
  readonly address: HbaAddress;
  readonly method: HbaMethod;
  readonly options: readonly HbaOption[];
  /** What pg_hba_file_rules says about a line that is in use all the same: `hostssl record cannot match because SSL is disabled`. */
  readonly error: string | undefined;
}

export interface HbaBrokenLine extends HbaPlace {
  readonly kind: 'broken';
  /** Worded as pg_hba_file_rules.error words it. */
  readonly error: string;
}

export type HbaType = 'local' | 'host' | 'hostssl' | 'hostnossl' | 'hostgssenc' | 'hostnogssenc';

export type HbaMethod =
  | 'trust'
  | 'reject'
  | 'scram-sha-256'
  | 'md5'
  | 'password'
  | 'gss'
  | 'sspi'
  | 'ident'
  | 'peer'
  | 'pam'
  | 'ldap'
  | 'radius'
  | 'cert'
  | 'bsd'
  | 'oauth';

export interface HbaToken {
  readonly text: string;
  /**
   * Whether quotes stand before its first character: then `all`, `replication` and `+` have no special meaning.
   * `unknown` where the token comes from pg_hba_file_rules, which drops the quotes.
   */
  readonly quoted: boolean | 'unknown';
}

export type HbaAddress =
  | { readonly kind: 'local' }
  | { readonly kind: 'all' }
  | { readonly kind: 'samehost' }
  | { readonly kind: 'samenet' }
  | { readonly kind: 'network'; readonly address: IpAddress; readonly netmask: IpAddress }
  /** A name that begins with a dot stands for every host below that domain. */
  | { readonly kind: 'host-name'; readonly name: string };

export interface HbaOption {
  readonly name: string;
  /** The value; `***` for those that are secrets. */
  readonly value: string;
}

/** The error of a line that is in use all the same. */
export const sslIsOff = 'hostssl record cannot match because SSL is disabled';

/** Whether the option's value is a password or a key (ldapbindpasswd, radiussecrets). */
export function isSecretOption(name: string): boolean {
  return name === 'ldapbindpasswd' || name === 'radiussecrets';
}

/** Hides the password in a piece of a line, or in a message that quotes one, together with all that follows it. */
export const hideSecrets = (text: string): string => withoutSpans(text, hbaSecrets(text));

/** What follows an option that holds a secret: quotes may stand anywhere in its name (hba.c, next_token). */
export function hbaSecrets(text: string): readonly Span[] {
  // most lines have no option at all
  const found = text.includes('=') ? secretOption.exec(text) : null;
  return found === null ? [] : [{ from: found.index + found[0].length, to: text.length }];
}

const secretOption = new RegExp(
  ['ldapbindpasswd', 'radiussecrets'].map((name) => Array.from(`${name}=`).join('"*')).join('|'),
  'u',
);

/** An address as it is written in the address column; two columns (`10.0.0.0 255.0.255.0`) where the mask is no prefix; empty for `local`. */
export function formatHbaAddress(address: HbaAddress): string {
  switch (address.kind) {
    case 'local':
      return '';
    case 'all':
    case 'samehost':
    case 'samenet':
      return address.kind;
    case 'host-name':
      return address.name;
    case 'network': {
      const bits = prefixLength(address.netmask);
      const mask = bits === undefined ? ` ${formatIpAddress(address.netmask)}` : `/${bits}`;
      return `${formatIpAddress(address.address)}${mask}`;
    }
  }
}

const types: readonly string[] = [
  'local',
  'host',
  'hostssl',
  'hostnossl',
  'hostgssenc',
  'hostnogssenc',
] satisfies readonly HbaType[];

export function isHbaType(text: string): text is HbaType {
  return types.includes(text);
}

const methods: readonly string[] = [
  'trust',
  'reject',
  'scram-sha-256',
  'md5',
  'password',
  'gss',
  'sspi',
  'ident',
  'peer',
  'pam',
  'ldap',
  'radius',
  'cert',
  'bsd',
  'oauth',
] satisfies readonly HbaMethod[];

export function isHbaMethod(text: string): text is HbaMethod {
  return methods.includes(text);
}
