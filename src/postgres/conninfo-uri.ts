import { showableName } from './conninfo-assembly.ts';
import type { Assignment, ConninfoFault, ConninfoProblem, ReadAssignments } from './conninfo-assembly.ts';
import { conninfoOption } from './conninfo-options.ts';

/** Whether libpq takes the text for a URI (fe-connect.c, uri_prefix_length): the letter case counts. */
export const isConninfoUri = (text: string): boolean => prefix.test(text);

const prefix = /^postgres(?:ql)?:\/\//u;

/**
 * Reads `postgresql://[user[:password]@][host][:port][,…][/dbname][?parameter=value&…]` (fe-connect.c,
 * conninfo_uri_parse_options). Other readers of URIs differ from libpq in much: several hosts, a socket's directory in
 * the place of the host, what ends the user's name.
 */
export function readConninfoUri(text: string, libpqVersion: number): ReadAssignments {
  const assignments: Assignment[] = [];
  const decode = (piece: Piece): Decoded => decodePiece(piece, libpqVersion);
  const store = (keyword: string, piece: Piece): ConninfoProblem | undefined => {
    if (piece.text === '') return undefined;
    const decoded = decode(piece);
    if (!decoded.ok) return decoded.problem;
    const at = piece.offsets[0] ?? text.length;
    const end = (piece.offsets.at(-1) ?? at) + 1;
    assignments.push({ keyword, value: decoded.text, at, end, keywordEnd: at, valueAt: at, implied: true });
    return undefined;
  };

  const start = prefix.exec(text)?.[0].length ?? 0;
  const authority = splitCredentials(text, start);
  const netloc = readHosts(text, authority.hostsAt);
  const credentials = authority.user ?? emptyPiece;
  const dbname =
    text[netloc.end] === '/' ? pieceOf(text, netloc.end + 1, indexOrEnd(text, '?', netloc.end)) : emptyPiece;
  const parametersAt = indexOrEnd(text, '?', netloc.end) + 1;

  const problem =
    store('user', credentials) ??
    store('password', authority.password ?? emptyPiece) ??
    netloc.problem ??
    unencodedCredentials(text, netloc, authority) ??
    store('host', netloc.hosts) ??
    store('port', netloc.ports) ??
    store('dbname', dbname) ??
    readParameters(text, parametersAt, decode, assignments);
  return problem === undefined ? { assignments } : { assignments, problem };
}

/** A piece of the text, put together of parts of it: each character knows where it stands. */
interface Piece {
  readonly text: string;
  readonly offsets: readonly number[];
}

const emptyPiece: Piece = { text: '', offsets: [] };

const pieceOf = (text: string, from: number, to: number): Piece => ({
  text: text.slice(from, to),
  offsets: Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index),
});

const joined = (pieces: readonly Piece[], commas: readonly number[]): Piece =>
  pieces.reduce((whole, piece, index) => {
    const comma = commas[index - 1];
    return index === 0 || comma === undefined
      ? piece
      : { text: `${whole.text},${piece.text}`, offsets: [...whole.offsets, comma, ...piece.offsets] };
  }, emptyPiece);

function indexOrEnd(text: string, character: string, from: number): number {
  const index = text.indexOf(character, from);
  return index === -1 ? text.length : index;
}

function firstOf(text: string, characters: string, from: number): number {
  let at = from;
  while (at < text.length && !characters.includes(text[at] ?? '')) at += 1;
  return at;
}

interface Credentials {
  readonly user?: Piece;
  readonly password?: Piece;
  readonly hostsAt: number;
}

/** Whatever stands before the first `@`, if no `/` stands before that. */
function splitCredentials(text: string, start: number): Credentials {
  const at = firstOf(text, '@/', start);
  if (text[at] !== '@') return { hostsAt: start };
  const colon = firstOf(text, ':@', start);
  const user = pieceOf(text, start, colon);
  return text[colon] === ':'
    ? { user, password: pieceOf(text, colon + 1, at), hostsAt: at + 1 }
    : { user, hostsAt: at + 1 };
}

interface Hosts {
  readonly hosts: Piece;
  readonly ports: Piece;
  /** Where the list ends: at a `/`, a `?` or the end of the text. */
  readonly end: number;
  readonly problem?: ConninfoProblem;
}

function readHosts(text: string, start: number): Hosts {
  const hosts: Piece[] = [];
  const ports: Piece[] = [];
  const commas: number[] = [];
  let at = start;
  const ended = (problem?: ConninfoProblem): Hosts => {
    const list = { hosts: joined(hosts, commas), ports: joined(ports, commas), end: at };
    return problem === undefined ? list : { ...list, problem };
  };
  for (;;) {
    if (text[at] === '[') {
      const close = text.indexOf(']', at);
      if (close === -1) return ended(fault({ kind: 'unclosed-bracket' }, at, text.length, messages.unclosedBracket));
      if (close === at + 1) return ended(fault({ kind: 'empty-bracket' }, at, close + 1, messages.emptyBracket));
      hosts.push(pieceOf(text, at + 1, close));
      at = close + 1;
      if (at < text.length && !':/?,'.includes(text[at] ?? '')) {
        return ended(fault({ kind: 'after-bracket' }, at, at + 1, messages.afterBracket));
      }
    } else {
      const end = firstOf(text, ':/?,', at);
      hosts.push(pieceOf(text, at, end));
      at = end;
    }
    if (text[at] === ':') {
      const end = firstOf(text, '/?,', at + 1);
      ports.push(pieceOf(text, at + 1, end));
      at = end;
    } else {
      ports.push(emptyPiece);
    }
    if (text[at] !== ',') return ended();
    commas.push(at);
    at += 1;
  }
}

/**
 * A password with a bare `@` or `/` in it: libpq takes a piece of it for a host or a port, and its message then shows
 * that piece. No host that can be reached has an `@` inside, and no port is other than digits (or encoded ones).
 */
function unencodedCredentials(
  text: string,
  { hosts, ports, end }: Hosts,
  { password, hostsAt: authority }: Credentials,
): ConninfoProblem | undefined {
  const hasPassword = password !== undefined;
  const sign = hosts.text.split(',').some((host) => host.indexOf('@') > 0) ? hosts.text.indexOf('@', 1) : -1;
  if (sign !== -1) {
    const at = hosts.offsets[sign] ?? end;
    return fault({ kind: 'unencoded-credentials', character: '@' }, at, at + 1, messages.unencoded('@', '%40'));
  }
  // behind a password, what has an "@" and looks like the name of a database ends in the host that was meant
  const database = text[end] === '/' ? text.slice(end, indexOrEnd(text, '?', end)) : '';
  if (hasPassword && database.includes('@') && !/[^\d, %]/u.test(ports.text)) {
    const at = authority - 1;
    return fault({ kind: 'unencoded-credentials', character: '@' }, at, at + 1, messages.unencoded('@', '%40'));
  }
  if (text[end] === '/' && text.includes('@', end) && /[^\d, %]/u.test(ports.text)) {
    return fault({ kind: 'unencoded-credentials', character: '/' }, end, end + 1, messages.unencoded('/', '%2F'));
  }
  return undefined;
}

/** fe-connect.c, conninfo_uri_parse_params. */
function readParameters(
  text: string,
  start: number,
  decode: (piece: Piece) => Decoded,
  assignments: Assignment[],
): ConninfoProblem | undefined {
  let at = start;
  let afterSecret = false;
  while (at < text.length) {
    const end = indexOrEnd(text, '&', at);
    const equals = text.indexOf('=', at);
    const written = text.slice(at, Math.min(end, equals === -1 ? end : equals));
    // What follows a password can be the rest of it, behind a bare "&".
    const name = afterSecret ? undefined : showableName(written);
    if (equals === -1 || equals >= end) {
      return fault({ kind: 'parameter-without-equals', name }, at, end, messages.withoutEquals(name));
    }
    const second = text.indexOf('=', equals + 1);
    if (second !== -1 && second < end) {
      const twice: ConninfoFault = { kind: 'parameter-with-two-equals', name };
      return fault(twice, second, second + 1, messages.twoEquals(name));
    }
    const keyword = decode(pieceOf(text, at, equals));
    if (!keyword.ok) return keyword.problem;
    const value = decode(pieceOf(text, equals + 1, end));
    if (!value.ok) return value.problem;
    assignments.push({ keyword: keyword.text, value: value.text, at, end, keywordEnd: equals, valueAt: equals + 1 });
    afterSecret = conninfoOption(keyword.text)?.secret === true;
    at = end + 1;
  }
  return undefined;
}

type Decoded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: ConninfoProblem };

/** fe-connect.c, conninfo_uri_decode. Bytes that are no UTF-8 come out as U+FFFD. */
function decodePiece({ text, offsets }: Piece, libpqVersion: number): Decoded {
  const refuse = (
    kind: 'percent-token' | 'percent-zero' | 'space-in-uri',
    index: number,
    length: number,
    message: string,
  ): Decoded => {
    const at = offsets[index] ?? (offsets.at(-1) ?? 0) + 1;
    return { ok: false, problem: fault({ kind }, at, at + length, message) };
  };
  // 18 and later leave out spaces around a piece and refuse one within it; before, a space is a letter.
  const trims = libpqVersion >= 18;
  const from = trims ? text.length - text.replace(/^ +/u, '').length : 0;
  const to = trims ? Math.max(from, text.replace(/ +$/u, '').length) : text.length;
  const bytes: number[] = [];
  for (let at = from; at < to;) {
    const codePoint = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (codePoint === '%') {
      const digits = text.slice(at + 1, at + 3);
      if (!/^[0-9a-f]{2}$/iu.test(digits)) return refuse('percent-token', at, 1, messages.percentToken);
      if (digits === '00') return refuse('percent-zero', at, 3, messages.percentZero);
      bytes.push(Number.parseInt(digits, 16));
      at += 3;
    } else {
      if (trims && codePoint === ' ') return refuse('space-in-uri', at, 1, messages.space);
      bytes.push(...Buffer.from(codePoint));
      at += codePoint.length;
    }
  }
  return { ok: true, text: Buffer.from(bytes).toString() };
}

const fault = (what: ConninfoFault, at: number, end: number, message: string): ConninfoProblem => ({
  ...what,
  at,
  end,
  message,
});

const messages = {
  unclosedBracket: 'An IPv6 address begins with "[" in the URI, and no "]" follows.',
  emptyBracket: 'The brackets in the URI hold no address: "[]".',
  afterBracket: 'After the "]" of an IPv6 address only ":", "/", "?", "," or the end of the URI can follow.',
  unencoded: (character: string, encoded: string): string =>
    `The user name or the password in the URI holds a bare "${character}", which ends it: write it as ${encoded}.`,
  withoutEquals: (name: string | undefined): string =>
    `${name === undefined ? 'A parameter' : `The parameter "${name}"`} of the URI has no "=" and no value.`,
  twoEquals: (name: string | undefined): string =>
    `${name === undefined ? 'A parameter' : `The parameter "${name}"`} of the URI has two "=": write the second as %3D.`,
  percentToken: 'A "%" in the URI is not followed by two hexadecimal digits: a "%" itself is written as %25.',
  percentZero: 'The URI holds %00, which libpq forbids.',
  space: 'The URI holds a space inside a value, which libpq 18 and later refuse: write it as %20.',
} as const;
