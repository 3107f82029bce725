/** A line of a configuration file that says something. `name` is in lower case; `value` without its quotes. */
export interface ConfigurationLine {
  readonly line: number;
  readonly name: string;
  readonly value: string;
}

/** A line that the server would not understand: it applies none of the file's settings while one stands there. */
export interface SyntaxFault {
  readonly line: number;
  /** What stood where something else was expected; null for the end of the line. */
  readonly near: string | null;
  readonly expected: 'the name of a setting' | 'a value' | 'the end of the line';
}

export interface ConfigurationText {
  /** Settings and include directives, in the order in which they stand there. */
  readonly lines: readonly ConfigurationLine[];
  readonly faults: readonly SyntaxFault[];
  /** After 100 syntax faults the server reads no further, and neither is this. */
  readonly abandoned: boolean;
}

/**
 * Reads one file in postgresql.conf's syntax (utils/misc/guc-file.l, ParseConfigFp), which postgresql.auto.conf and the
 * recovery.conf of old share: `name = value`, the equals sign optional, comments from `#` on, values that are no plain word or
 * number in single quotes. Include directives come back as lines like others.
 */
export function parseConfigurationText(text: string): ConfigurationText {
  const lines: ConfigurationLine[] = [];
  const faults: SyntaxFault[] = [];
  const scanner = new Scanner(text);
  for (let first = scanner.firstOfLine(); first.kind !== 'end'; first = scanner.firstOfLine()) {
    const { line } = scanner;
    const statement = parseLine(first, scanner);
    if ('name' in statement) {
      lines.push({ line, ...statement });
      continue;
    }
    const { at } = statement;
    faults.push({ line, near: isEndOfLine(at) ? null : at.text, expected: statement.expected });
    if (faults.length >= 100) return { lines, faults, abandoned: true };
    for (let token = at; !isEndOfLine(token);) token = scanner.next();
  }
  return { lines, faults, abandoned: false };
}

/** A value as it may stand in the file, in quotes that are always right. */
export function quoteSetting(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\n', String.raw`\n`);
  return `'${escaped}'`;
}

/** A value without its quotes and escapes, or unchanged when it has none (DeescapeQuotedString). */
export function unquoteSetting(written: string): string {
  return written.length >= 2 && written.startsWith("'") && written.endsWith("'") ? deescape(written) : written;
}

/** A quoted value at the beginning of a text, taken apart so that what is found in it is found where it is written. */
export interface QuotedParts {
  /** A character for each escape, and for each byte that an octal escape stands for. */
  readonly text: string;
  /** Where each character of `text` is written; one more for what follows the last. */
  readonly offsets: readonly number[];
  /** Behind the closing quote. */
  readonly end: number;
}

/** Undefined where the text does not begin with a quoted value, or where the quote is not closed on its line. */
export function quotedParts(text: string): QuotedParts | undefined {
  const end = text.startsWith("'") ? quotedLength(text, 0) : 0;
  if (end === 0) return undefined;
  const offsets: number[] = [];
  let plain = '';
  for (const { index, 0: part } of text.slice(1, end - 1).matchAll(escapeOrCharacter)) {
    offsets.push(index + 1);
    plain += partValue(part);
  }
  return { text: plain, offsets: [...offsets, end - 1], end };
}

const escapeOrCharacter = /\\[0-7]{1,3}|\\[^]|''|[^]/g;

function partValue(part: string): string {
  if (part === "''") return "'";
  if (!part.startsWith('\\')) return part;
  if (/^\\[0-7]/u.test(part)) return String.fromCodePoint(Number.parseInt(part.slice(1), 8) & 0xff);
  return controlEscapes.get(part.slice(1)) ?? part.slice(1);
}

type TokenKind =
  | 'newline'
  | 'end'
  | 'id'
  | 'qualified id'
  | 'string'
  | 'unquoted string'
  | 'number'
  | 'equals'
  | 'error';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const isEndOfLine = ({ kind }: Token): boolean => kind === 'newline' || kind === 'end';

type Statement =
  | { readonly name: string; readonly value: string }
  | { readonly at: Token; readonly expected: SyntaxFault['expected'] };

function parseLine(first: Token, scanner: Scanner): Statement {
  if (first.kind !== 'id' && first.kind !== 'qualified id') return { at: first, expected: 'the name of a setting' };
  const second = scanner.next();
  const value = second.kind === 'equals' ? scanner.next() : second;
  if (!valueKinds.has(value.kind)) return { at: value, expected: 'a value' };
  const last = scanner.next();
  if (!isEndOfLine(last)) return { at: last, expected: 'the end of the line' };
  return {
    name: lowerCase(first.text),
    value: value.kind === 'string' ? deescape(value.text) : value.text,
  };
}

const valueKinds: ReadonlySet<TokenKind> = new Set(['id', 'string', 'number', 'unquoted string']);

/** Names are compared without regard to the case of ASCII letters only (guc_name_compare). */
const lowerCase = (name: string): string => name.replace(/[A-Z]+/gu, (letters) => letters.toLowerCase());

/** The rules of guc-file.l in its order: the longest match wins, and of two the first. Every byte from 0x80 on is a letter. */
const rules: readonly { readonly kind: TokenKind; readonly pattern: RegExp }[] = [
  { kind: 'id', pattern: /[A-Za-z_\x80-\uffff][A-Za-z_0-9\x80-\uffff]*/y },
  {
    kind: 'qualified id',
    pattern: /[A-Za-z_\x80-\uffff][A-Za-z_0-9\x80-\uffff]*\.[A-Za-z_\x80-\uffff][A-Za-z_0-9\x80-\uffff]*/y,
  },
  { kind: 'unquoted string', pattern: /[A-Za-z_\x80-\uffff][A-Za-z_0-9\x80-\uffff\-._:/]*/y },
  { kind: 'number', pattern: /[-+]?(?:0x[0-9a-fA-F]+|[0-9]+)[a-zA-Z]*/y },
  { kind: 'number', pattern: /[-+]?[0-9]*\.[0-9]*(?:[Ee][-+]?[0-9]+)?/y },
  { kind: 'equals', pattern: /=/y },
];

const blanks = /(?:[ \t\r]+|#[^\n]*)*/y;
/** So many at once: what a pattern has gone through it keeps on a stack. */
const emptyLines = /(?:[ \t\r]*(?:#[^\n]*)?\n){1,1000}/y;

/** Cuts the text into tokens; `line` is the line of the token that came last. */
class Scanner {
  line = 1;
  #position = 0;
  #newlinePending = false;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The first token of the next line that says something: most lines of a file do not. */
  firstOfLine(): Token {
    this.#beginLine();
    for (let from = -1; from < this.#position;) {
      from = this.#position;
      this.#position += lengthAt(emptyLines, this.#text, from);
      for (let end = this.#text.indexOf('\n', from); end !== -1 && end < this.#position; this.line++)
        end = this.#text.indexOf('\n', end + 1);
    }
    return this.next();
  }

  #beginLine(): void {
    if (this.#newlinePending) this.line++;
    this.#newlinePending = false;
  }

  next(): Token {
    this.#beginLine();
    this.#position += lengthAt(blanks, this.#text, this.#position);
    const start = this.#position;
    const first = this.#text[start];
    if (first === undefined) return { kind: 'end', text: '' };
    if (first === '\n') {
      this.#position++;
      this.#newlinePending = true;
      return { kind: 'newline', text: first };
    }
    let kind: TokenKind = 'error';
    let length = first === "'" ? quotedLength(this.#text, start) : 0;
    if (length > 0) kind = 'string';
    for (const rule of rules) {
      const matched = lengthAt(rule.pattern, this.#text, start);
      if (matched > length) ({ kind } = rule);
      length = Math.max(length, matched);
    }
    this.#position += Math.max(length, 1);
    return { kind, text: this.#text.slice(start, this.#position) };
  }
}

function lengthAt(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex - position : 0;
}

/** The longest match of `\'([^'\\\n]|\\.|\'\')*\'`: 0 when a quote is not closed on its line. */
function quotedLength(text: string, start: number): number {
  let longest = 0;
  for (let position = start + 1; position < text.length && text[position] !== '\n'; position++) {
    if (text[position] === '\\') {
      position++;
      if (text[position] === '\n') break;
    } else if (text[position] === "'") {
      longest = position + 1 - start;
      if (text[position + 1] !== "'") break;
      position++;
    }
  }
  return longest;
}

const controlEscapes: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** An octal escape stands for one byte, which may be part of a UTF-8 character: such values go through bytes. */
function deescape(quoted: string): string {
  const chunks: (string | number)[] = [];
  for (const [part] of quoted.slice(1, -1).matchAll(/\\[0-7]{1,3}|\\[^]|''|[^\\']+|[^]/gu)) {
    if (part === "''") chunks.push("'");
    else if (!part.startsWith('\\')) chunks.push(part);
    else if (/^\\[0-7]/u.test(part)) chunks.push(Number.parseInt(part.slice(1), 8) & 0xff);
    else chunks.push(controlEscapes.get(part.slice(1)) ?? part.slice(1));
  }
  const text = chunks.every((chunk) => typeof chunk === 'string' || chunk < 0x80)
    ? chunks.map((chunk) => (typeof chunk === 'string' ? chunk : String.fromCodePoint(chunk))).join('')
    : Buffer.concat(
        chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.of(chunk))),
      ).toString();
  // a C string ends at its first NUL, which \0 can write
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
