/** The syntax tree of an advanced regular expression (regcomp.c), as far as matching names needs it. */
export type Node =
  | { readonly kind: 'byte'; readonly accepts: (code: number) => boolean }
  | { readonly kind: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly branches: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

export type ParsedRegex = { readonly kind: 'parsed'; readonly node: Node } | RegexFailure;

export type RegexFailure =
  | { readonly kind: 'broken'; readonly error: string }
  | { readonly kind: 'unsupported'; readonly because: string };

/** Parses one-byte characters with the rules of regcomp.c and regc_lex.c (REG_ADVANCED); errors are worded as in regerrs.h. */
export function parseRegex(pattern: string): ParsedRegex {
  if (pattern.startsWith('***')) return unsupported('it begins with a director ("***")');
  if (/^\(\?[a-z]/.test(pattern)) return unsupported('it begins with embedded options');
  const reader: Reader = { pattern, at: 0 };
  const node = readChoice(reader);
  if (isFailure(node)) return node;
  return reader.at < pattern.length ? broken(errors.parentheses) : { kind: 'parsed', node };
}

interface Reader {
  readonly pattern: string;
  at: number;
}

const errors = {
  parentheses: 'parentheses () not balanced',
  brackets: 'brackets [] not balanced',
  braces: 'braces {} not balanced',
  count: 'invalid repetition count(s)',
  quantifier: 'quantifier operand invalid',
  escape: 'invalid escape \\ sequence',
  range: 'invalid character range',
  class: 'invalid character class',
} as const;

function broken(error: string): RegexFailure {
  return { kind: 'broken', error };
}

function unsupported(because: string): RegexFailure {
  return { kind: 'unsupported', because };
}

function isFailure(node: { readonly kind: string }): node is RegexFailure {
  return node.kind === 'broken' || node.kind === 'unsupported';
}

function peek(reader: Reader): string {
  return reader.pattern.charAt(reader.at);
}

function take(reader: Reader): string {
  return reader.pattern.charAt(reader.at++);
}

function readChoice(reader: Reader): Node | RegexFailure {
  const branches: Node[] = [];
  for (;;) {
    const branch = readBranch(reader);
    if (isFailure(branch)) return branch;
    branches.push(branch);
    if (peek(reader) !== '|') return branches.length === 1 ? branch : { kind: 'choice', branches };
    reader.at++;
  }
}

function readBranch(reader: Reader): Node | RegexFailure {
  const parts: Node[] = [];
  while (!['', '|', ')'].includes(peek(reader))) {
    const part = readQuantified(reader);
    if (isFailure(part)) return part;
    parts.push(part);
  }
  return { kind: 'sequence', parts };
}

function readQuantified(reader: Reader): Node | RegexFailure {
  const atom = readAtom(reader);
  if (isFailure(atom) || atom.kind === 'assert') return atom; // a constraint takes no quantifier (regcomp.c, parseqatom)
  const bounds = readBounds(reader);
  if (bounds === undefined) return atom;
  if ('kind' in bounds) return bounds;
  if (peek(reader) === '?') reader.at++; // greedy or not: the same names match
  return { kind: 'repeat', part: atom, ...bounds };
}

function readBounds(reader: Reader): { readonly least: number; readonly most: number } | RegexFailure | undefined {
  const rest = reader.pattern.slice(reader.at);
  const simple = { '*': { least: 0, most: Infinity }, '+': { least: 1, most: Infinity }, '?': { least: 0, most: 1 } };
  const first = rest.charAt(0);
  if (first === '*' || first === '+' || first === '?') {
    reader.at++;
    return simple[first];
  }
  if (!/^\{[0-9]/.test(rest)) return undefined;
  const bound = /^\{([0-9]+)(,?)([0-9]*)\}/.exec(rest);
  if (bound === null) return broken(/^\{[0-9,]*$/.test(rest) ? errors.braces : errors.count);
  reader.at += bound[0].length;
  const least = Number(bound[1]);
  const most = bound[3] !== '' ? Number(bound[3]) : bound[2] === ',' ? Infinity : least;
  // DUPMAX of regguts.h
  if (least > 255 || (most !== Infinity && most > 255) || least > most) return broken(errors.count);
  return { least, most };
}

function readAtom(reader: Reader): Node | RegexFailure {
  const { pattern } = reader;
  const character = take(reader);
  switch (character) {
    case '*':
    case '+':
    case '?':
      return broken(errors.quantifier);
    case '{':
      return /[0-9]/.test(peek(reader)) ? broken(errors.quantifier) : literal('{');
    case '^':
      return { kind: 'assert', holds: (_text, at) => at === 0 };
    case '$':
      return { kind: 'assert', holds: (text, at) => at === text.length };
    case '.':
      return { kind: 'byte', accepts: () => true };
    case '[':
      return readBrackets(reader);
    case '\\':
      return readEscape(reader);
    case '(': {
      if (peek(reader) === '?') {
        if (pattern.charAt(reader.at + 1) !== ':') return unsupported('it looks ahead or behind');
        reader.at += 2;
      }
      const inner = readChoice(reader);
      if (isFailure(inner)) return inner;
      if (take(reader) !== ')') return broken(errors.parentheses);
      // Its own kind, so that a quantifier applies to it whatever it holds.
      return { kind: 'choice', branches: [inner] };
    }
    default:
      return literal(character);
  }
}

function literal(character: string): Node {
  const code = character.charCodeAt(0);
  return { kind: 'byte', accepts: (other) => other === code };
}

const classes: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[0-9A-Za-z]/],
  ['alpha', /[A-Za-z]/],
  ['ascii', /[\0-\x7f]/], // eslint-disable-line no-control-regex
  ['blank', /[ \t]/],
  ['cntrl', /[\0-\x1f\x7f]/], // eslint-disable-line no-control-regex
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[ \t-\r]/],
  ['upper', /[A-Z]/],
  ['word', /[0-9A-Za-z_]/],
  ['xdigit', /[0-9A-Fa-f]/],
]);

const escapedClasses: ReadonlyMap<string, string> = new Map([
  ['d', 'digit'],
  ['s', 'space'],
  ['w', 'word'],
]);

function classTest(name: string, complement: boolean): ((code: number) => boolean) | undefined {
  const members = classes.get(name);
  return members === undefined ? undefined : (code) => members.test(String.fromCharCode(code)) !== complement;
}

const escapedCharacters: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['B', '\\'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && /\w/.test(text.charAt(at));
}

const constraints: ReadonlyMap<string, (text: string, at: number) => boolean> = new Map([
  ['A', (_text: string, at: number) => at === 0],
  ['Z', (text: string, at: number) => at === text.length],
  ['m', (text: string, at: number) => !isWord(text, at - 1) && isWord(text, at)],
  ['M', (text: string, at: number) => isWord(text, at - 1) && !isWord(text, at)],
  ['y', (text: string, at: number) => isWord(text, at - 1) !== isWord(text, at)],
  ['Y', (text: string, at: number) => isWord(text, at - 1) === isWord(text, at)],
]);

/** regc_lex.c, lexescape, outside of brackets. */
function readEscape(reader: Reader): Node | RegexFailure {
  const holds = constraints.get(peek(reader));
  if (holds !== undefined) {
    reader.at++;
    return { kind: 'assert', holds };
  }
  const one = readEscaped(reader);
  return 'kind' in one ? one : { kind: 'byte', accepts: one.accepts };
}

interface Escaped {
  readonly accepts: (code: number) => boolean;
  /** The character itself, where it is one: only such a one can begin or end a range. */
  readonly code: number | undefined;
}

function readEscaped(reader: Reader): Escaped | RegexFailure {
  const character = take(reader);
  if (character === '') return broken(errors.escape);
  const plain = escapedCharacters.get(character) ?? (/[0-9A-Za-z]/.test(character) ? undefined : character);
  if (plain !== undefined) return exactly(plain.charCodeAt(0));
  const accepts = classTest(escapedClasses.get(character.toLowerCase()) ?? '', /[A-Z]/.test(character));
  if (accepts !== undefined) return { accepts, code: undefined };
  if (/[0-9]/.test(character)) return unsupported('it holds a back reference or an octal escape');
  return readNumericEscape(reader, character);
}

/** `\cX`, `\uwxyz`, `\Ustuvwxyz` and `\x` with any number of digits; more than a byte matches no byte. */
function readNumericEscape(reader: Reader, letter: string): Escaped | RegexFailure {
  const rest = reader.pattern.slice(reader.at);
  if (letter === 'c' && rest !== '') {
    reader.at++;
    return exactly(rest.charCodeAt(0) & 0x1f);
  }
  const digits = new Map([
    ['u', /^[0-9A-Fa-f]{4}/],
    ['U', /^[0-9A-Fa-f]{8}/],
    ['x', /^[0-9A-Fa-f]+/],
  ]);
  const found = digits.get(letter)?.exec(rest)?.[0];
  if (found === undefined) return broken(errors.escape);
  reader.at += found.length;
  return exactly(Number.parseInt(found, 16));
}

function exactly(code: number): Escaped {
  return { accepts: (other) => other === code, code };
}

/** regcomp.c, bracket and brackpart; the opening bracket is taken already. */
function readBrackets(reader: Reader): Node | RegexFailure {
  const complement = peek(reader) === '^';
  if (complement) reader.at++;
  const tests: ((code: number) => boolean)[] = [];
  for (let first = true; first || peek(reader) !== ']'; first = false) {
    if (!first && peek(reader) === '-' && reader.pattern.charAt(reader.at + 1) !== ']') return broken(errors.range);
    const from = readBracketItem(reader);
    if ('kind' in from) return from;
    if (peek(reader) !== '-' || reader.pattern.charAt(reader.at + 1) === ']') {
      tests.push(from.accepts);
      continue;
    }
    reader.at++;
    const to = readBracketItem(reader);
    if ('kind' in to) return to;
    const [low, high] = [from.code, to.code];
    if (low === undefined || high === undefined || low > high) {
      // PostgreSQL has read the next item by then, and tells what is wrong with that first.
      const next = readBracketItem(reader);
      return 'kind' in next && next.kind === 'broken' ? next : broken(errors.range);
    }
    tests.push((code) => code >= low && code <= high);
  }
  reader.at++;
  return { kind: 'byte', accepts: (code) => tests.some((accepts) => accepts(code)) !== complement };
}

function readBracketItem(reader: Reader): Escaped | RegexFailure {
  const character = take(reader);
  if (character === '') return broken(errors.brackets);
  if (character === '\\') return readEscaped(reader);
  if (character !== '[') return exactly(character.charCodeAt(0));
  const kind = peek(reader);
  if (kind === '.' || kind === '=') return unsupported('it holds a collating element');
  if (kind !== ':') return exactly(character.charCodeAt(0));
  const end = reader.pattern.indexOf(':]', reader.at + 1);
  if (end < 0) return broken(errors.brackets);
  const name = reader.pattern.slice(reader.at + 1, end);
  if (name === '<' || name === '>') return unsupported('it holds [[:<:]] or [[:>:]]');
  const accepts = classTest(name, false);
  if (accepts === undefined) return broken(errors.class);
  reader.at = end + 2;
  return { accepts, code: undefined };
}
