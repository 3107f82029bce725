import { parseConninfo } from '../postgres/conninfo.ts';
import { conninfoValue } from '../postgres/conninfo-format.ts';
import { conninfoOption, isSecretKeyword } from '../postgres/conninfo-options.ts';

/**
 * primary_conninfo as the words behind `-d` of a command: without its secrets (the process list shows command lines to all),
 * and without what `-R` has written of libpq's own defaults (fe-connect.c, PQconninfoOptions and pqConnectOptions2).
 */
export function asTyped(masked: string): string {
  const parsed = masked.includes('://') ? undefined : parseConninfo(masked);
  if (parsed?.ok !== true) return withoutPassword(masked);
  const { values } = parsed.value;
  // what is not said is as the service file says it
  const isSaid = (keyword: string): boolean => keyword === 'port' || values.service !== undefined;
  return Object.entries(values)
    .filter(([keyword, value]) => !isSecret(keyword) && (isSaid(keyword) || value?.toString() !== defaultOf(keyword)))
    .map(([keyword, value]) => `${keyword}=${valueAsTyped(value.toString())}`)
    .join(' ');
}

/** libpq ends a value at a blank; within the quotes of a shell more of them are hard to read. */
const valueAsTyped = (value: string): string => (/^[^\s'\\]+$/u.test(value) ? value : conninfoValue(value));

const isSecret = (keyword: string): boolean => {
  const option = conninfoOption(keyword);
  return option !== undefined && isSecretKeyword(option.keyword);
};

const defaultOf = (keyword: string): string | undefined =>
  keyword === 'sslcertmode' ? 'allow' : conninfoOption(keyword)?.default;

/** Of a URI, and of what libpq does not accept. */
const withoutPassword = (masked: string): string =>
  masked
    .replaceAll(
      /(^|\s)(?:password|sslpassword|scram_client_key|scram_server_key|oauth_client_secret)\s*=\s*\*\*\*(?=\s|$)/gu,
      '$1',
    )
    .replaceAll(/(:\/\/[^:@/]*):\*\*\*@/gu, '$1@')
    .trim()
    .replaceAll(/ {2,}/gu, ' ');
