import { conninfoOption, nearestKeyword, newestLibpq } from './conninfo-options.ts';
import type { Span } from './spans.ts';

/**
 * Where libpq's own messages quote a part of a connection string that can be a part of a password (fe-connect.c:
 * conninfo_parse, conninfo_uri_parse_options, conninfo_uri_parse_params, conninfo_uri_decode, parse_int_param): they
 * come into the server's log through the WAL receiver, and out of every client.
 */
export function libpqWords(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { before, after, hidden } of quoting) {
    for (const match of text.matchAll(before)) {
      const from = match.index + match[0].length;
      const end = after === undefined ? lastQuote(text, from) : text.indexOf(after, from);
      const to = end === -1 ? text.length : end;
      spans.push(...hidden(text.slice(from, to)).map((span) => ({ from: from + span.from, to: from + span.to })));
    }
  }
  return spans;
}

/** The closing quote is the last one: a password can hold others. */
function lastQuote(text: string, from: number): number {
  const line = text.indexOf('\n', from);
  const end = text.lastIndexOf('"', line === -1 ? text.length : line);
  return end < from ? -1 : end;
}

interface Quoting {
  readonly before: RegExp;
  /** What follows the quoted text; undefined: it goes on to the last quote of the line. */
  readonly after?: string;
  readonly hidden: (quoted: string) => readonly Span[];
}

const all = (quoted: string): readonly Span[] => [{ from: 0, to: quoted.length }];

/** A keyword, or what is nearly one: a slip of the pen, which which a person has to see to fix it. */
const unlessKeyword = (quoted: string): readonly Span[] =>
  conninfoOption(quoted) !== undefined || nearestKeyword(quoted, newestLibpq) !== undefined ? [] : all(quoted);

const unlessNumber = (quoted: string): readonly Span[] =>
  /^[\s\d.,+-]{0,12}[A-Za-z]?$/u.test(quoted) ? [] : all(quoted);

/** Of `ss@db1` what stands before the `@`: the end of a password that holds one. */
const beforeSign = (quoted: string): readonly Span[] =>
  quoted.includes('@') ? [{ from: 0, to: quoted.lastIndexOf('@') }] : [];

const behindColon = (quoted: string): readonly Span[] => {
  const colon = quoted.indexOf(':');
  return colon === -1 ? [] : [{ from: colon + 1, to: quoted.length }];
};

const quoting: readonly Quoting[] = [
  { before: /missing "=" after "/gu, after: '" in connection info string', hidden: unlessKeyword },
  { before: /invalid connection option "/gu, hidden: unlessKeyword },
  { before: /invalid URI query parameter: "/gu, hidden: unlessKeyword },
  { before: /(?:missing|extra) key\/value separator "=" in URI query parameter: "/gu, hidden: unlessKeyword },
  { before: /invalid percent-encoded token: "/gu, hidden: all },
  { before: /forbidden value %00 in percent-encoded value: "/gu, hidden: all },
  { before: /unexpected spaces found in "/gu, after: '", use percent-encoded spaces', hidden: all },
  { before: /invalid URI propagated to internal parser routine: "/gu, hidden: all },
  { before: /IPv6 host address(?: may not be empty)? in URI: "/gu, hidden: all },
  { before: /in URI \(expected ":" or "\/"\): "/gu, hidden: all },
  { before: /invalid port number: "/gu, hidden: unlessNumber },
  { before: /invalid integer value "/gu, after: '" for connection option', hidden: unlessNumber },
  { before: /could not translate host name "/gu, after: '" to address', hidden: beforeSign },
  { before: /could not parse network address "/gu, hidden: beforeSign },
  { before: /connection to server at "/gu, after: '"', hidden: beforeSign },
  { before: /server running on host "/gu, after: '"', hidden: beforeSign },
  { before: /\bdatabase "(?=[^"]*@)/gu, after: '"', hidden: beforeSign },
  { before: /\b(?:user|role) "(?=[^"]*:)/gu, after: '"', hidden: behindColon },
  // pg_basebackup.c and others: a word behind -W, say
  { before: /too many command-line arguments \(first is "/gu, hidden: all },
  // guc-file.l: what follows an apostrophe in a value that was not doubled
  { before: /near token "(?=[^"]{2})/gu, hidden: all },
];
