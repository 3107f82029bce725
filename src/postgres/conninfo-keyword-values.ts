import { restOfPassword, showableName } from './conninfo-assembly.ts';
import type { Assignment, ConninfoProblem, ReadAssignments } from './conninfo-assembly.ts';
import { conninfoOption } from './conninfo-options.ts';

/** Reads the form `keyword = value keyword = 'value' …` (fe-connect.c, conninfo_parse). */
export function readKeywordValues(text: string): ReadAssignments {
  const assignments: Assignment[] = [];
  let at = skipSpaces(text, 0);
  let afterSecret = false;
  while (at < text.length) {
    const nameAt = at;
    while (at < text.length && text[at] !== '=' && !isSpace(text, at)) at += 1;
    const keywordEnd = at;
    const keyword = text.slice(nameAt, keywordEnd);
    at = skipSpaces(text, at);
    const name = afterSecret ? undefined : showableName(keyword);
    if (text[at] !== '=')
      return { assignments, problem: missingEquals(keyword, name, afterSecret, nameAt, keywordEnd) };
    const valueAt = skipSpaces(text, at + 1);
    const value = readValue(text, valueAt);
    if (value === undefined) return { assignments, problem: unterminatedQuote(name, valueAt, text.length) };
    assignments.push({ keyword, value: value.text, at: nameAt, end: value.end, keywordEnd, valueAt });
    afterSecret = conninfoOption(keyword)?.secret === true;
    at = skipSpaces(text, value.end);
  }
  return { assignments };
}

/** One value, quoted or not, with its backslashes resolved; undefined when the closing quote is missing. */
function readValue(text: string, start: number): { readonly text: string; readonly end: number } | undefined {
  const quoted = text[start] === "'";
  let at = quoted ? start + 1 : start;
  let value = '';
  for (;;) {
    const character = text[at];
    if (character === undefined) return quoted ? undefined : { text: value, end: text.length };
    if (quoted && character === "'") return { text: value, end: at + 1 };
    if (!quoted && isSpace(text, at)) return { text: value, end: at };
    // A lone backslash at the very end stands for nothing.
    value += character === '\\' ? (text[at + 1] ?? '') : character;
    at += character === '\\' ? 2 : 1;
  }
}

/** C's isspace in the C locale: a no-break space is a letter to libpq. */
const isSpace = (text: string, at: number): boolean => ' \t\n\v\f\r'.includes(text[at] ?? '\0');

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text, at)) at += 1;
  return at;
}

function missingEquals(
  keyword: string,
  name: string | undefined,
  afterSecret: boolean,
  at: number,
  end: number,
): ConninfoProblem {
  // jdbc:postgresql://, postgress://, Postgres://: no URI to libpq, and full of credentials.
  const looksLikeUri = /^[A-Za-z:+-]{3,24}:\/\//u.test(keyword);
  const message = looksLikeUri
    ? 'This looks like a URI, and libpq reads one only where the text begins with "postgresql://" or "postgres://".'
    : `${name === undefined ? (afterSecret ? restOfPassword['keyword/value'] : 'A word') : `"${name}"`} is not followed by "=".`;
  return { kind: 'missing-equals', name, at, end, message };
}

function unterminatedQuote(keyword: string | undefined, at: number, end: number): ConninfoProblem {
  const whose = keyword === undefined ? 'A value' : `The value of "${keyword}"`;
  return {
    kind: 'unterminated-quote',
    keyword,
    at,
    end,
    message: `${whose} begins with a single quote, and no closing one follows.`,
  };
}
