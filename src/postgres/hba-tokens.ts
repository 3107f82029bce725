import { posix } from 'node:path';

import type { HbaToken } from './hba-line.ts';

/** How the text of files that pg_hba.conf names comes in, so that parsing stays without side effects. */
export interface HbaFileSource {
  /** The text of a file, `undefined` where there is none. */
  readonly read: (path: string) => string | undefined;
  /** The names of the files (not directories) in a directory, for `include_dir`; `undefined` where there is no such directory. */
  readonly list?: ((directory: string) => readonly string[] | undefined) | undefined;
}

export interface TokenizedLine {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  readonly text: string;
  /** The columns, each a list of names. */
  readonly fields: readonly (readonly HbaToken[])[];
  readonly error: string | undefined;
}

export interface Tokenizer {
  /** PostgreSQL's major version. */
  readonly serverVersion: number;
  readonly source: HbaFileSource;
  /** How many more characters may be read, each file counting for {@link costOfFile} more: a file that includes itself many times would otherwise never end. */
  left: number;
}

/**
 * Cuts a file into lines, columns and names as tokenize_auth_file (16 and later) or tokenize_file (before) of hba.c does.
 * The lines of included files stand where the include stands.
 */
export function tokenizeHbaFile(
  tokenizer: Tokenizer,
  file: string,
  text: string,
  depth: number,
): readonly TokenizedLine[] {
  const lines: TokenizedLine[] = [];
  for (const joined of joinLines(text, tokenizer.serverVersion)) {
    const { fields, error } = tokenizeLine(tokenizer, file, joined, depth);
    const place = { file, line: joined.line, endLine: joined.endLine, text: joined.text, fields };
    if (fields.length === 0 && error === undefined) continue;
    const included = error === undefined ? tokenizeInclude(tokenizer, file, fields, depth) : undefined;
    if (included === undefined) {
      lines.push({ ...place, error });
    } else {
      for (const line of included.lines) lines.push(line);
      if (included.error !== undefined) lines.push({ ...place, error: included.error });
    }
  }
  return lines;
}

interface JoinedLine {
  readonly line: number;
  readonly endLine: number;
  readonly text: string;
  readonly error: string | undefined;
}

// hba.c: MAX_TOKEN up to 15, MAX_LINE in 13 (as in their last bug-fix releases; 256 and 8192 before 13.12, 14.9 and 15.4)
const mostBytesOfToken = 10_240;
const mostBytesOfLine = 2 * mostBytesOfToken;

function joinLines(text: string, serverVersion: number): readonly JoinedLine[] {
  return serverVersion < 14 ? cutLongLines(text) : joinContinuedLines(text);
}

/** 13 reads lines with fgets into a fixed buffer: what does not fit is an error, and its rest counts as the next line. */
function cutLongLines(text: string): readonly JoinedLine[] {
  const lines: JoinedLine[] = [];
  for (const physical of splitAfterNewlines(text)) {
    const bytes = Buffer.from(physical, 'utf8');
    for (let start = 0; start < bytes.length; start += mostBytesOfLine - 1) {
      const piece = bytes.subarray(start, start + mostBytesOfLine - 1);
      const error = piece.length === mostBytesOfLine - 1 ? 'authentication file line too long' : undefined;
      const line = lines.length + 1;
      lines.push({ line, endLine: line, text: stripLineEnd(upToNul(piece.toString('utf8'))), error });
    }
  }
  return lines;
}

function joinContinuedLines(text: string): readonly JoinedLine[] {
  const lines: JoinedLine[] = [];
  let line = 1;
  let endLine = 0;
  let joined = '';
  let lastContinuation = 0;
  const finish = (): void => {
    lines.push({ line, endLine, text: joined, error: undefined });
    line = endLine + 1;
    joined = '';
    lastContinuation = 0;
  };
  for (const physical of splitAfterNewlines(text)) {
    endLine++;
    joined = stripLineEnd(upToNul(joined + physical));
    // The backslash must stand after the last continuation: a line of one backslash after one does not continue again.
    if (joined.length > lastContinuation && joined.endsWith('\\')) {
      joined = joined.slice(0, -1);
      lastContinuation = joined.length;
    } else {
      finish();
    }
  }
  if (endLine >= line) finish();
  return lines;
}

function splitAfterNewlines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function stripLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return text.slice(0, end);
}

function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function tokenizeLine(
  tokenizer: Tokenizer,
  file: string,
  joined: JoinedLine,
  depth: number,
): { readonly fields: readonly (readonly HbaToken[])[]; readonly error: string | undefined } {
  const fields: (readonly HbaToken[])[] = [];
  const reader: Reader = { text: joined.text, at: 0, error: joined.error };
  while (reader.at < reader.text.length && reader.error === undefined) {
    const field = nextField(tokenizer, file, reader, depth);
    // An @file without names leaves no column behind: the next column takes its place.
    if (field.length > 0) fields.push(field);
  }
  return { fields, error: reader.error };
}

interface Reader {
  readonly text: string;
  at: number;
  error: string | undefined;
}

/** hba.c, next_field_expand: one column, which is a comma list of names and of `@file`s. */
function nextField(tokenizer: Tokenizer, file: string, reader: Reader, depth: number): readonly HbaToken[] {
  const tokens: HbaToken[] = [];
  for (;;) {
    const token = nextToken(reader, tokenizer.serverVersion);
    if (token === undefined) return tokens;
    if (!token.quoted && token.text.length > 1 && token.text.startsWith('@')) {
      const expanded = expandFile(tokenizer, file, token.text.slice(1), depth + 1);
      for (const one of expanded.tokens) tokens.push(one);
      reader.error = expanded.error;
    } else {
      tokens.push({ text: token.text, quoted: token.quoted });
    }
    if (!token.beforeComma || reader.error !== undefined) return tokens;
  }
}

/** hba.c, next_token. A quote that is not closed runs to the end of the line, without an error. */
function nextToken(
  reader: Reader,
  serverVersion: number,
): { readonly text: string; readonly quoted: boolean; readonly beforeComma: boolean } | undefined {
  const { text } = reader;
  while (text[reader.at] === ',' || isBlank(text[reader.at])) reader.at++;
  let token = '';
  let inQuote = false;
  let wasQuote = false;
  let sawQuote = false;
  let quoted = false;
  for (; reader.at < text.length; reader.at++) {
    const character = text.charAt(reader.at);
    if (!inQuote && isBlank(character)) break;
    if (!inQuote && character === '#') {
      reader.at = text.length;
      break;
    }
    if (
      serverVersion < 16 &&
      token.length >= mostBytesOfToken / 4 &&
      Buffer.byteLength(token) >= mostBytesOfToken - 1
    ) {
      reader.error = 'authentication file token too long';
      reader.at = text.length;
      return undefined;
    }
    if (!inQuote && character === ',') return { text: token, quoted, beforeComma: true };
    if (character !== '"' || wasQuote) token += character;
    wasQuote = inQuote && character === '"' ? !wasQuote : false;
    if (character === '"') {
      inQuote = !inQuote;
      sawQuote = true;
      if (token === '') quoted = true;
    }
  }
  return sawQuote || token !== '' ? { text: token, quoted, beforeComma: false } : undefined;
}

/** hba.c, pg_isblank. */
function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r';
}

/** hba.c, tokenize_expand_file (tokenize_inc_file before 16): all the names of all the lines of a file. */
function expandFile(
  tokenizer: Tokenizer,
  outer: string,
  name: string,
  depth: number,
): { readonly tokens: readonly HbaToken[]; readonly error: string | undefined } {
  const path = besideFile(outer, name);
  const opened = openFile(tokenizer, path, depth);
  if (opened.text === undefined) {
    const error =
      tokenizer.serverVersion >= 16 || !opened.missing
        ? opened.error
        : `could not open secondary authentication file "@${name}" as "${path}": No such file or directory`;
    return { tokens: [], error };
  }
  const tokens: HbaToken[] = [];
  for (const line of tokenizeHbaFile(tokenizer, path, opened.text, depth)) {
    if (line.error !== undefined) return { tokens, error: line.error };
    for (const token of line.fields.flat()) tokens.push(token);
  }
  return { tokens, error: undefined };
}

/** The include records of 16 and later; `undefined`: the line is none. They count in quotes too. */
function tokenizeInclude(
  tokenizer: Tokenizer,
  file: string,
  fields: readonly (readonly HbaToken[])[],
  depth: number,
): { readonly lines: readonly TokenizedLine[]; readonly error: string | undefined } | undefined {
  const [directive, target] = [fields[0]?.[0]?.text, fields[1]?.[0]?.text];
  if (tokenizer.serverVersion < 16 || fields.length !== 2 || target === undefined) return undefined;
  if (directive === 'include') return includeFile(tokenizer, besideFile(file, target), depth + 1, false);
  if (directive === 'include_if_exists') return includeFile(tokenizer, besideFile(file, target), depth + 1, true);
  if (directive === 'include_dir') return includeDirectory(tokenizer, file, target, depth + 1);
  return undefined;
}

function includeFile(
  tokenizer: Tokenizer,
  path: string,
  depth: number,
  mayBeMissing: boolean,
): { readonly lines: readonly TokenizedLine[]; readonly error: string | undefined } {
  const opened = openFile(tokenizer, path, depth);
  if (opened.text !== undefined)
    return { lines: tokenizeHbaFile(tokenizer, path, opened.text, depth), error: undefined };
  return { lines: [], error: opened.missing && mayBeMissing ? undefined : opened.error };
}

/** conffiles.c, GetConfFilesInDir: the files whose names end in .conf and do not begin with a dot, in the order of their bytes. */
function includeDirectory(
  tokenizer: Tokenizer,
  file: string,
  name: string,
  depth: number,
): { readonly lines: readonly TokenizedLine[]; readonly error: string | undefined } {
  if (/^[ \t\r\n]*$/.test(name)) return { lines: [], error: 'empty configuration directory name' };
  const directory = besideFile(file, name);
  const names = tokenizer.source.list?.(directory);
  if (names === undefined) return { lines: [], error: `could not open directory "${directory}"` };
  const lines: TokenizedLine[] = [];
  const problems: string[] = [];
  const wanted = names.filter((entry) => entry.length >= 6 && !entry.startsWith('.') && entry.endsWith('.conf'));
  for (const entry of wanted.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    const included = includeFile(tokenizer, posix.join(directory, entry), depth, false);
    for (const line of included.lines) lines.push(line);
    if (included.error !== undefined) problems.push(included.error);
  }
  return { lines, error: problems.length === 0 ? undefined : problems.join('\n') };
}

type Opened =
  | { readonly text: string }
  | { readonly text?: undefined; readonly error: string; readonly missing: boolean };

// conffiles.h: CONF_FILE_MAX_DEPTH; before 16 there is no limit but the stack
const deepestNesting = 10;

const costOfFile = 5000;

function openFile(tokenizer: Tokenizer, path: string, depth: number): Opened {
  if (depth > deepestNesting || tokenizer.left <= 0) {
    return { error: `could not open file "${path}": maximum nesting depth exceeded`, missing: false };
  }
  const text = tokenizer.source.read(path);
  tokenizer.left -= costOfFile + (text?.length ?? 0);
  return text === undefined
    ? { error: `could not open file "${path}": No such file or directory`, missing: true }
    : { text };
}

/** conffiles.c, AbsoluteConfigLocation: relative to the directory of the file that names it. */
function besideFile(outer: string, name: string): string {
  if (posix.isAbsolute(name)) return name;
  const path = posix.join(posix.dirname(outer), name);
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}
