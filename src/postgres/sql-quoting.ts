/** Quoting for SQL: identifiers and literals. One with control characters has escapes for them: so it can be shown and typed. */
import { needsEscapes, unprintable } from './unprintable.ts';

/** A SQL identifier, quoted where it must be (quote_identifier() in ruleutils.c; reserved words are always quoted here). */
export function identifier(name: string): string {
  if (/^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name)) return name;
  const quoted = `"${name.replaceAll('"', '""')}"`;
  return needsEscapes(name) ? `U&${escaped(quoted, '\\')}` : quoted;
}

/** A SQL string literal, independent of standard_conforming_strings (quote_literal_cstr() in quote.c). */
export const literal = (value: string): string => {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  if (needsEscapes(value)) return `E${escaped(quoted, String.raw`\u`)}`;
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
};

const escaped = (text: string, mark: string): string =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll(unprintable, (character) => `${mark}${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

// kwlist.h: those that quote_identifier() quotes (reserved, type_func_name and col_name keywords) and that a role, a slot
// or a database may well be called
const reserved = new Set(
  'all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real references returning right row select session_user setof similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where window with'.split(
    ' ',
  ),
);
