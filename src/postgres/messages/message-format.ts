import { once } from '../once.ts';

/** What stood in the places of a message's `%s`, `%u`, `%X/%X`, …, by name (`role`, `slot`, `lsn`, …). */
export type MessageValues = Readonly<Record<string, string>>;

export interface MessageFormat {
  /** See {@link headOf}. */
  readonly head: string;
  /** How many characters are the format's own: the more, the surer a match. */
  readonly literalLength: number;
  /** The values, when the text (or its first lines) is of this format. Time and memory grow with the text's length only. */
  readonly match: (text: string) => MessageValues | undefined;
}

/**
 * Reads a format of errmsg() (printf's, with `%m` for errno's text). A TAB behind a line feed is nobody's own: libpq
 * indents so, and the server's log does once more (elog.c, append_with_tabs).
 */
export function messageFormat(format: string): MessageFormat {
  const own = withoutIndentation(format);
  const openEnded = format.endsWith(': ');
  // few of the formats are ever held against a text, and fewer yet have a place that is asked for
  const length = once(() => own.replaceAll('%%', '%').length - valuesLength(own));
  const elements = once(() => nameAll(split(own)));
  return {
    head: headOf(format),
    get literalLength() {
      return length();
    },
    match: (text) => {
      const plain = withoutIndentation(text.slice(0, longestText));
      // whoever trimmed the text cut the format's own last blank off
      const values = matchElements(elements(), openEnded && plain.endsWith(':') ? `${plain} ` : plain, openEnded);
      return values !== undefined && isOfFewWords(own, values) ? undefined : values;
    },
  };
}

/**
 * The three words of `could not load %s` begin many a sentence. In the server's message the path of pg_hba.conf follows
 * (postinit.c, PerformAuthentication).
 */
export const isOfFewWords = (format: string, values: MessageValues): boolean =>
  /^could not [a-z]+ %s$/u.test(format) && !Object.values(values).every((value) => /^\S*[/.]\S*$/u.test(value));

/** How long the conversions are, each as it is written. */
const valuesLength = (format: string): number =>
  (format.match(placeholder) ?? []).reduce((sum, found) => sum + (found === '%%' ? 0 : found.length), 0);

/** What every text of a format begins with; empty where it begins with a value. */
export function headOf(format: string): string {
  const own = withoutIndentation(format);
  const at = own.indexOf('%');
  if (at === -1) return own;
  if (!own.startsWith('%%', at)) return own.slice(0, at);
  const [first] = split(own);
  return first?.kind === 'literal' ? first.text : '';
}

/** Removes the TABs that begin a line. */
export const withoutIndentation = (text: string): string =>
  text.includes('\t') ? text.replaceAll(/(^|\n)\t+/gu, '$1') : text;

const longestText = 8192;

type Element =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'any'; readonly name: string }
  | { readonly kind: 'typed'; readonly name: string; readonly pattern: RegExp };

const placeholder = /%X\/%(?:08)?X|%[-0-9.]*(?:ll|l|z)?[a-zA-Z]|%%/gu;

function split(format: string): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  const literal = (text: string): void => {
    const before = elements.at(-1);
    if (text === '') return;
    if (before?.kind === 'literal') elements[elements.length - 1] = { kind: 'literal', text: before.text + text };
    else elements.push({ kind: 'literal', text });
  };
  for (const match of format.matchAll(placeholder)) {
    literal(format.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[0] === '%%') literal('%');
    // "%s%s" of flags that may be empty: one value
    else if (isAny(match[0]) && elements.at(-1)?.kind === 'any') continue;
    else elements.push(isAny(match[0]) ? { kind: 'any', name: match[0] } : typed(match[0]));
  }
  literal(format.slice(at));
  return elements;
}

const isAny = (conversion: string): boolean => conversion === '%s' || conversion === '%m';

function typed(conversion: string): Element {
  if (conversion.includes('/')) return { kind: 'typed', name: conversion, pattern: /[0-9A-F]+\/[0-9A-F]+/uy };
  if (conversion.endsWith('c')) return { kind: 'typed', name: conversion, pattern: /./uy };
  if (/[xX]$/u.test(conversion)) return { kind: 'typed', name: conversion, pattern: /[0-9A-Fa-f]+/uy };
  return { kind: 'typed', name: conversion, pattern: /-?\d+/uy };
}

/** The names of a format's values, in their order; values that follow one another without a word between are one. */
export const valueNames = (format: string): readonly string[] =>
  nameAll(split(withoutIndentation(format))).flatMap((element) => (element.kind === 'literal' ? [] : [element.name]));

/** The words before a value say what it is; a second value of the same kind gets a number. */
function nameAll(elements: readonly Element[]): readonly Element[] {
  const used = new Map<string, number>();
  return elements.map((element, index) => {
    if (element.kind === 'literal') return element;
    const before = elements[index - 1];
    const after = elements[index + 1];
    const name = nameOf(
      element.name,
      before?.kind === 'literal' ? before.text : '',
      after?.kind === 'literal' ? after.text : '',
    );
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    return { ...element, name: times === 1 ? name : `${name}${times}` };
  });
}

function nameOf(conversion: string, before: string, after: string): string {
  if (conversion.includes('/')) return 'lsn';
  if (conversion === '%m') return 'error';
  const word = names.find(({ endings }) => endings.some((one) => before.endsWith(one)))?.name;
  if (word !== undefined) return word;
  if (after.startsWith(' (PID ')) return 'process';
  if (after.startsWith(' = ')) return 'parameter';
  if (after === '' && before.endsWith('", ')) return 'encryption';
  if (conversion === '%s' && after === '' && before.endsWith(': ')) return 'reason';
  return conversion === '%s' ? 'value' : 'number';
}

/** What the words before a value end with, by the value's name. The first that fits counts. */
const names: readonly { readonly name: string; readonly endings: readonly string[] }[] = Object.entries({
  role: ['user "', 'user (', 'role "', 'role (', 'as "', 'as (', 'user=', 'Role "', 'User "'],
  host: ['host "', 'host name "', 'server at "', 'address "', 'resolved to "', 'host='],
  slot: ['slot ', 'slot "', "slot '", 'slot name ', 'slot name "'],
  database: ['database "', 'database='],
  segment: ['WAL segment ', 'log segment ', 'segment file "', 'WAL file "'],
  timeline: ['timeline ', 'timelines ', 'timeline ID ', 'timelines ID ', 'timeline ID: ', 'timeline is ', '(after '],
  parameter: ['parameter "', 'variable "'],
  directory: [
    'directory "',
    'directory to "',
    'directories "',
    'directories to "',
    "ownership of '",
    "permissions of '",
  ],
  file: ['file "', 'File "', 'file "@', 'library "', 'map "', 'found "', 'file: '],
  relation: ['relation ', 'relation "'],
  socket: ['socket "', 'socket path "'],
  port: ['port ', 'port "', 'port: ', 'port: "', 'port='],
  pid: ['PID ', 'PID: ', 'process '],
  signal: ['signal '],
  exitCode: ['exit code '],
  line: ['line '],
  limit: ['currently '],
  value: [' = '],
  primaryValue: [' its value was ', '(its value was '],
  lsn: ['point: '],
  service: ['service "'],
  certificate: ['certificate for "'],
  option: ['option "', 'option name "', 'keyword "', 'after "', 'option name: "', 'option: ', 'option: "'],
  command: ['command "', 'command: '],
  time: [
    'log time ',
    'known up at ',
    'shut down at ',
    'shut down in recovery at ',
    'in recovery at ',
    ', time ',
    'recovery to ',
  ],
  tablespace: ['tablespace ', 'tablespace "', 'tablespace at ', 'tablespace at "'],
  standby: ['standby "'],
  transaction: ['transaction '],
  version: ['starting PostgreSQL '],
  systemIdentifier: ['identifier is ', 'system identifier '],
}).map(([name, endings]) => ({ name, endings }));

/**
 * As a shell's glob does it: when something does not fit, only the last free value grows. Wildcards end at the line's
 * end; a format that ends with a colon leaves the rest of the text open.
 */
function matchElements(elements: readonly Element[], text: string, openEnded: boolean): MessageValues | undefined {
  const values: Record<string, string> = {};
  let at = 0;
  let index = 0;
  let free: { readonly index: number; readonly from: number; end: number } | undefined;
  for (;;) {
    const element = elements[index];
    let fits = true;
    if (element === undefined) {
      if (openEnded || at === text.length || text.charCodeAt(at) === lineFeed) return values;
      fits = false;
    } else if (element.kind === 'literal') {
      fits = text.startsWith(element.text, at);
      at += element.text.length;
    } else if (element.kind === 'typed') {
      element.pattern.lastIndex = at;
      const found = element.pattern.exec(text)?.[0];
      if (found !== undefined) values[element.name] = found;
      fits = found !== undefined;
      at += found?.length ?? 0;
    } else if (index === elements.length - 1) {
      const end = endOfLine(text, at);
      values[element.name] = text.slice(at, end);
      at = end;
    } else {
      free = { index, from: at, end: at };
      values[element.name] = '';
    }
    index += 1;
    if (fits) continue;
    if (free === undefined) return undefined;
    const next = elements[free.index + 1];
    const end = next?.kind === 'literal' ? text.indexOf(next.text, free.end + 1) : free.end + 1;
    if (end === -1 || end > endOfLine(text, free.from)) return undefined;
    free.end = end;
    const grown = elements[free.index];
    if (grown !== undefined && grown.kind !== 'literal') values[grown.name] = text.slice(free.from, end);
    at = end;
    index = free.index + 1;
  }
}

const lineFeed = 10;

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
