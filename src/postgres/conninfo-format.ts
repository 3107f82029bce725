import type { ConninfoValues } from './conninfo-assembly.ts';
import { conninfoOption, isSecretKeyword } from './conninfo-options.ts';
import { mask } from './secret.ts';

/** What stands in the place of a secret: nothing at all, `***`, or a placeholder that the reader fills in. */
export type SecretsShown = 'left-out' | 'masked' | { readonly placeholder: string };

/**
 * Writes values as `keyword=value keyword='value'`, in the order in which they are given, quoted as PostgreSQL's own
 * programs quote them (fe_utils/string_utils.c, appendConnStrVal). No secret is ever written: see {@link SecretsShown}.
 */
export function formatConninfo(values: ConninfoValues, options: { readonly secrets?: SecretsShown } = {}): string {
  const secrets = options.secrets ?? 'masked';
  const written: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const option = conninfoOption(name);
    if (option === undefined || value === undefined) continue;
    if (!isSecretKeyword(option.keyword)) written.push(`${name}=${conninfoValue(value.toString())}`);
    else if (typeof secrets !== 'string') written.push(`${name}=${conninfoValue(secrets.placeholder)}`);
    else if (secrets === 'masked') written.push(`${name}=${mask}`);
  }
  return written.join(' ');
}

/** One value of a conninfo: in single quotes unless it consists of letters, digits, `_` and `.` (appendConnStrVal). */
export const conninfoValue = (value: string): string =>
  /^[A-Za-z0-9_.]+$/u.test(value) ? value : `'${value.replaceAll(/['\\]/gu, String.raw`\$&`)}'`;

/**
 * A text as a single-quoted value of postgresql.conf, quotes included: `'` and `\` are doubled, as pg_basebackup -R
 * does for primary_conninfo (port/quotes.c, escape_single_quotes_ascii) and the server undoes (guc-file.l,
 * DeescapeQuotedString).
 */
export const configurationValue = (text: string): string => `'${text.replaceAll(/['\\]/gu, '$&$&')}'`;
