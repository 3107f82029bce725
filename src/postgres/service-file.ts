import { conninfoOption, isKnownTo, nearestKeyword, newestLibpq } from './conninfo-options.ts';
import type { ConninfoKeyword } from './conninfo-options.ts';
import { secret } from './secret.ts';
import type { Secret } from './secret.ts';

/** One line of a service, `value` exactly as it stands behind the `=`. */
export interface ServiceSetting {
  readonly keyword: ConninfoKeyword;
  /** A secret whatever the keyword: whoever shows it decides by the keyword. */
  readonly value: Secret;
  /** From 1. */
  readonly line: number;
}

export type ServiceLookup =
  /** The first line of a keyword counts: `settings` holds each keyword once. */
  | { readonly kind: 'found'; readonly line: number; readonly settings: readonly ServiceSetting[] }
  /** `services` are the names that the file does have. */
  | { readonly kind: 'not-found'; readonly services: readonly string[] }
  /** libpq gives up at this line: no connection is made. */
  | { readonly kind: 'malformed'; readonly problem: ServiceFileProblem };

export interface ServiceFileProblem {
  readonly kind: 'line-too-long' | 'no-equals' | 'nested-service' | 'unknown-keyword';
  /** From 1. */
  readonly line: number;
  readonly suggestion: ConninfoKeyword | undefined;
  /** One sentence, without the file's name and without a value of the file. */
  readonly message: string;
}

/**
 * Looks up a service in the text of a service file (fe-connect.c, parseServiceFile). A line is refused only within the
 * service that is asked for, or when it is too long before the service ends. Spaces around a line are dropped, those
 * around the `=` are not: `host = db1` is refused.
 *
 * `ldap` lines, which fetch the settings from a directory server, are not followed: they count as a line without `=`
 * or as an unknown keyword, as in a libpq that was built without LDAP.
 */
export function parseServiceFile(
  text: string,
  serviceName: string,
  options: { readonly libpqVersion?: number } = {},
): ServiceLookup {
  const libpqVersion = options.libpqVersion ?? newestLibpq;
  const services: string[] = [];
  const settings = new Map<ConninfoKeyword, ServiceSetting>();
  let foundAt: number | undefined;
  for (const [index, whole] of linesOf(text).entries()) {
    const line = index + 1;
    if (Buffer.byteLength(whole) >= maxLineBytes(libpqVersion)) {
      return malformed('line-too-long', line, `The line is longer than libpq ${libpqVersion} can read.`);
    }
    const content = whole.replaceAll(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/gu, '');
    if (content === '' || content.startsWith('#')) continue;
    if (content.startsWith('[')) {
      if (foundAt !== undefined) break;
      if (content.startsWith(`[${serviceName}]`)) foundAt = line;
      const name = /^\[([^\]]*)\]/u.exec(content)?.[1];
      if (name !== undefined) services.push(name);
    } else if (foundAt !== undefined) {
      const setting = readSetting(content, line, libpqVersion);
      if ('problem' in setting) return { kind: 'malformed', problem: setting.problem };
      if (!settings.has(setting.keyword)) settings.set(setting.keyword, setting);
    }
  }
  return foundAt === undefined
    ? { kind: 'not-found', services }
    : { kind: 'found', line: foundAt, settings: [...settings.values()] };
}

/** Lines with their line ends, as fgets gives them. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];

/** Bytes, line end included, at which libpq refuses a line: its buffer less one (256 in 13, 1024 since). */
const maxLineBytes = (libpqVersion: number): number => (libpqVersion <= 13 ? 255 : 1023);

function readSetting(
  content: string,
  line: number,
  libpqVersion: number,
): ServiceSetting | { readonly problem: ServiceFileProblem } {
  const equals = content.indexOf('=');
  // A line without "=" is not quoted: it can hold anything.
  if (equals === -1) return { problem: problem('no-equals', line, 'The line has no "=".') };
  const name = content.slice(0, equals);
  if (name === 'service') {
    return { problem: problem('nested-service', line, 'A service cannot name another service.') };
  }
  const option = conninfoOption(name);
  if (option !== undefined && isKnownTo(option, libpqVersion)) {
    return { keyword: option.keyword, value: secret(content.slice(equals + 1)), line };
  }
  const trimmed = conninfoOption(name.trimEnd());
  if (trimmed !== undefined && name !== trimmed.keyword) {
    const message = `No space is allowed between "${trimmed.keyword}" and "=" in a service file.`;
    return { problem: problem('unknown-keyword', line, message, trimmed.keyword) };
  }
  if (option !== undefined) {
    return { problem: problem('unknown-keyword', line, `libpq ${libpqVersion} does not know "${option.keyword}".`) };
  }
  const suggestion = nearestKeyword(name, libpqVersion);
  const hint = suggestion === undefined ? '' : ` Probably "${suggestion}" is meant.`;
  const shown = /^[A-Za-z0-9_-]{1,40}$/u.test(name) ? `"${name}"` : 'The text before the "="';
  return {
    problem: problem('unknown-keyword', line, `${shown} is not a libpq connection parameter.${hint}`, suggestion),
  };
}

const problem = (
  kind: ServiceFileProblem['kind'],
  line: number,
  message: string,
  suggestion?: ConninfoKeyword,
): ServiceFileProblem => ({ kind, line, suggestion, message });

const malformed = (kind: ServiceFileProblem['kind'], line: number, message: string): ServiceLookup => ({
  kind: 'malformed',
  problem: problem(kind, line, message),
});
