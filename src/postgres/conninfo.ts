import { assembleConninfo } from './conninfo-assembly.ts';
import type { ParsedConninfo } from './conninfo-assembly.ts';
import { readKeywordValues } from './conninfo-keyword-values.ts';
import { newestLibpq } from './conninfo-options.ts';
import { isConninfoUri, readConninfoUri } from './conninfo-uri.ts';

export type { Conninfo, ConninfoProblem, ConninfoValues, ParsedConninfo } from './conninfo-assembly.ts';

/**
 * Parses a connection string as libpq does: `keyword = 'value' …`, or a URI where it begins with `postgresql://` or
 * `postgres://` (fe-connect.c, parse_connection_string). `libpqVersion` is the major version of the libpq that will
 * read it (13 to 18): which keywords it knows, and what it thinks of spaces in a URI, depends on it.
 *
 * A text without `=` that is no URI is a fault here, as it is for `pg_basebackup -d`, and for the WAL receiver from 16
 * on. psql, and the WAL receiver of 13 to 15, take it for the name of a database, and so connect to the default socket
 * ({@link looksLikeConninfo}).
 */
export function parseConninfo(text: string, options: { readonly libpqVersion?: number } = {}): ParsedConninfo {
  const libpqVersion = options.libpqVersion ?? newestLibpq;
  return isConninfoUri(text)
    ? assembleConninfo('uri', readConninfoUri(text, libpqVersion), libpqVersion)
    : assembleConninfo('keyword/value', readKeywordValues(text), libpqVersion);
}

/**
 * Whether psql and other programs that expand a database name would read it as a connection string (fe-connect.c,
 * recognized_connection_string).
 */
export const looksLikeConninfo = (text: string): boolean => isConninfoUri(text) || text.includes('=');
