import { labelAt, oddLabel, oddParts } from './labels.ts';
import type { Label, PartName, Severity } from './labels.ts';
import { commandLine } from './command-lines.ts';
import { pidInPrefix, readLinePrefix } from './line-prefix.ts';
import type { LineReader, LineReaderOptions, Surroundings } from './line-reader.ts';
import { logRecord } from './log-record.ts';
import { plainLine, programLine } from './program-lines.ts';
import { decoded, forwardSearch } from './text.ts';
import { timeStampIn } from './time-stamp.ts';

/**
 * The log as the server writes it to standard error, and what client programs print. A record is a line with a severity
 * and the lines that belong to it: those that begin with a TAB, and those with another label (DETAIL, HINT, …) of the
 * same process. The label is looked for; what stands before it (log_line_prefix) may be anything.
 */
export function stderrLines({ filter, emit, translated }: LineReaderOptions): LineReader {
  const colons = forwardSearch(':  ');
  const returns = forwardSearch('\r');
  const escapes = forwardSearch('\u001B');
  let looked = '';
  let mayBeDrawn = false;
  const open: Draft[] = [];
  /** Where a line that begins with a TAB belongs: nowhere, when its record is not wanted. */
  let current: { readonly draft: Draft; readonly part: Part } | undefined;
  /** The record of the last line with a severity, if it is wanted. */
  let lastMain: Draft | undefined;
  let foreign = translated;
  let number = 0;

  return { line, end: () => close(() => true) };

  function line(piece: string, start: number, lineEnd: number, around?: Surroundings): void {
    number += 1;
    let end = lineEnd;
    if (end > start && piece.charCodeAt(end - 1) === carriageReturn) end -= 1;
    if (end === start) return;
    const first = piece.charCodeAt(start);
    if (first === tab) {
      append(piece, start + 1, end);
      return;
    }
    if (piece !== looked) {
      looked = piece;
      mayBeDrawn = piece.includes('\r') || piece.includes('\u001B');
    }
    const drawn = mayBeDrawn && (returns.within(piece, start, end) !== -1 || escapes.within(piece, start, end) !== -1);
    if (drawn || mayBeginProgram(first)) {
      const text = drawn ? plainLine(decoded(piece.slice(start, end))) : decoded(piece.slice(start, end));
      if (program(text, around)) return;
      if (drawn) {
        // a log that was coloured by whoever showed it
        const bytes = Buffer.from(text, 'utf8').toString('latin1');
        if (!labelled(bytes, 0, bytes.length, around, findLabel(bytes, 0, bytes.length, forwardSearch(':  '))))
          unlabelled(bytes, 0, bytes.length, around);
        return;
      }
    }
    if (!labelled(piece, start, end, around, findLabel(piece, start, end, colons)))
      unlabelled(piece, start, end, around);
  }

  function labelled(
    piece: string,
    start: number,
    end: number,
    around: Surroundings | undefined,
    found: FoundLabel | undefined,
  ): boolean {
    if (found === undefined) return false;
    const { label, wordAt, textAt } = found;
    // nine lines of ten: nobody wants it, and nothing is open that it could belong to
    if (open.length === 0 && !foreign && isIdle(label, piece, textAt, end)) {
      lastMain = undefined;
      return true;
    }
    // libpq's words in another program's: a client's failure, not this server's record
    if (wordAt - start > 30 && libpqBefore.test(piece.slice(start, wordAt))) return false;
    // 13's libpq: the failure of the second way stands on a line of its own
    const follows = current !== undefined && number === current.draft.lastLine + 1 && ofClient(current.draft);
    if (wordAt === start && follows && label.kind === 'main' && label.severity === 'FATAL') {
      append(piece, start, end);
      return true;
    }
    if (label.kind === 'part') {
      const draft = open.length === 0 ? undefined : ownerOf(piece.slice(start, wordAt));
      current = draft === undefined ? undefined : { draft, part: label.part };
      append(piece, textAt, end);
      return true;
    }
    if (!label.english) foreign = true;
    const state = sqlstateAt(piece, textAt, end);
    const messageAt = state === undefined ? textAt : textAt + state.length + 2;
    const wanted = isWanted(label.severity, piece, textAt, end);
    if (open.length > 0) {
      const pid = pidInPrefix(piece.slice(start, wordAt));
      close((draft) => draft.pid === pid || number - draft.lastLine > patience);
    }
    lastMain = undefined;
    current = undefined;
    if (!wanted) return true;
    // in a paste, somebody tells of a message
    if (quoted(piece.slice(start, wordAt))) return filter !== undefined;
    const prefix = decoded(piece.slice(start, wordAt));
    const draft = begin({ severity: label.severity, sqlstate: state, prefix, pid: pidInPrefix(prefix), around });
    lastMain = draft;
    current = { draft, part: 'message' };
    append(piece, messageAt, end);
    return true;
  }

  function isIdle(label: Label, piece: string, textAt: number, end: number): boolean {
    if (filter === undefined) return false;
    return label.kind === 'part' || (label.english && !isWanted(label.severity, piece, textAt, end));
  }

  function isWanted(severity: Severity, piece: string, textAt: number, end: number): boolean {
    if (filter === undefined || foreign || isGrave(severity)) return true;
    const state = sqlstateAt(piece, textAt, end);
    return filter(piece, state === undefined ? textAt : textAt + state.length + 2, end);
  }

  function ownerOf(prefix: string): Draft | undefined {
    const pid = pidInPrefix(prefix);
    if (pid === undefined || lastMain?.pid === pid) return lastMain;
    return open.findLast((draft) => draft.pid === pid);
  }

  /** True when it was a program's line. */
  function program(text: string, around: Surroundings | undefined): boolean {
    // a paste may be anybody's
    const found = programLine(text) ?? (filter === undefined ? undefined : commandLine(text));
    if (found === undefined) return false;
    const bytes = Buffer.from(found.text, 'utf8').toString('latin1');
    if ('part' in found.level) {
      const draft = open.findLast((one) => one.program === found.program);
      current = draft === undefined ? undefined : { draft, part: found.level.part };
    } else {
      close(() => true);
      lastMain = undefined;
      const draft = begin({ severity: found.level.severity, program: found.program, around });
      current = { draft, part: 'message' };
    }
    append(bytes, 0, bytes.length);
    return true;
  }

  function unlabelled(piece: string, start: number, end: number, around: Surroundings | undefined): void {
    if (foreign && current !== undefined) {
      const text = decoded(piece.slice(start, end));
      const odd = oddLabel.exec(text);
      const part = oddParts[odd?.[1] ?? ''];
      if (odd !== null && part !== undefined) {
        current = { draft: ownerOf(text.slice(0, odd.index)) ?? current.draft, part };
        append(text.slice(odd.index + odd[0].length), 0, text.length);
        return;
      }
    }
    const inProgram = current?.draft.program !== undefined && number === current.draft.lastLine + 1;
    const indented = piece.charCodeAt(start) === blank && piece.charCodeAt(start + 1) === blank;
    if (current !== undefined && (inProgram || indented)) {
      append(piece, start, end);
      return;
    }
    current = undefined;
    if (filter !== undefined) return;
    close(() => true);
    append(piece, start, end, begin({ around }));
  }

  function begin(start: Partial<Draft>): Draft {
    const draft: Draft = { ...emptyDraft, ...start, parts: new Map(), line: number, lastLine: number, length: 0 };
    open.push(draft);
    if (open.length > mostOpen) close((one) => one === open[0]);
    return draft;
  }

  function append(piece: string, from: number, end: number, to: Draft | undefined = current?.draft): void {
    if (to === undefined) return;
    to.lastLine = number;
    if (to.length > longestRecord) return;
    const part = current?.draft === to ? current.part : 'message';
    const text = decoded(piece.slice(from, Math.min(end, from + longestRecord)));
    const lines = to.parts.get(part);
    if (lines === undefined) to.parts.set(part, [text]);
    else lines.push(text);
    to.length += text.length;
  }

  /** Emits in the order of the log: a record waits for those before it. */
  function close(which: (draft: Draft) => boolean): void {
    for (const draft of open) if (which(draft)) draft.closed = true;
    while (open[0]?.closed === true) {
      const draft = open.shift();
      if (draft !== undefined) emitDraft(draft);
      if (draft === current?.draft) current = undefined;
    }
  }

  function emitDraft({ parts, prefix, around, severity, program: name, sqlstate, line: at, pid }: Draft): void {
    const text = (part: Part): string | undefined => parts.get(part)?.join('\n');
    const found = prefix === '' ? undefined : readLinePrefix(prefix);
    emit(
      logRecord({
        severity,
        program: name,
        sqlstate,
        message: text('message') ?? '',
        parts: {
          detail: text('detail'),
          hint: text('hint'),
          query: text('query'),
          context: text('context'),
          location: text('location'),
          statement: text('statement'),
        },
        time: (prefix === '' ? undefined : timeStampIn(prefix)) ?? around?.time,
        pid: pid ?? around?.pid,
        user: found?.user,
        database: found?.database,
        backendType: found?.backendType,
        english: !foreign,
        line: at,
      }),
    );
  }
}

type Part = PartName | 'message';

interface Draft {
  readonly severity: Severity | undefined;
  readonly program: string | undefined;
  readonly sqlstate: string | undefined;
  readonly prefix: string;
  readonly pid: number | undefined;
  readonly around: Surroundings | undefined;
  readonly parts: Map<Part, string[]>;
  readonly line: number;
  lastLine: number;
  length: number;
  closed: boolean;
}

const emptyDraft = {
  severity: undefined,
  program: undefined,
  sqlstate: undefined,
  prefix: '',
  pid: undefined,
  around: undefined,
  closed: false,
};

const tab = 9;
const carriageReturn = 13;
const blank = 32;
/** A record's lines are written at once; journald and syslog may still mix those of several processes. */
const patience = 16;
const mostOpen = 32;
const longestRecord = 65_536;

/** Why a server ended is asked for even where nobody knows the message. */
const isGrave = (severity: Severity): boolean => severity === 'FATAL' || severity === 'PANIC';

const libpqBefore = /connection to server (?:at|on) |could not connect to server: /u;

const ofClient = ({ program }: Draft): boolean =>
  program !== undefined && program !== 'pg_ctl' && program !== 'postgres' && program !== 'libpq';

/** `p`ostgres, `p`g_…, `p`sql, `i`nitdb, `/`usr/…, `"`root", `E`xecution, `W`ARNING. */
const mayBeginProgram = (code: number): boolean =>
  code === 112 || code === 47 || code === 105 || code === 34 || code === 69 || code === 87;

interface FoundLabel {
  readonly label: Label;
  readonly wordAt: number;
  readonly textAt: number;
}

/** The first label of a line. elog.c puts a colon and two blanks behind each. */
function findLabel(
  piece: string,
  start: number,
  end: number,
  colons: ReturnType<typeof forwardSearch>,
): FoundLabel | undefined {
  let from = start;
  for (let tries = 0; tries < 16; tries += 1) {
    const colon = colons.within(piece, from, end);
    if (colon === -1 || colon - start > longestPrefix) return undefined;
    const wordEnd = endOfWord(piece, colon);
    const wordAt = beginOfWord(piece, start, wordEnd);
    const label = labelAt(piece, wordAt, wordEnd);
    if (label !== undefined) return { label, wordAt, textAt: colon + 3 };
    from = colon + 1;
  }
  return undefined;
}

const longestPrefix = 2000;

/** French has a blank before the colon. */
function endOfWord(piece: string, colon: number): number {
  let last = colon;
  if (piece.charCodeAt(last - 1) === blank) last -= 1;
  // the no-break space, in UTF-8
  if (piece.charCodeAt(last - 1) === 0xa0 && piece.charCodeAt(last - 2) === 0xc2) last -= 2;
  return last;
}

/** Capital letters, or letters of another language (in UTF-8 their bytes are above 127). */
function beginOfWord(piece: string, start: number, end: number): number {
  let at = end;
  while (at > start && end - at < 48 && isLetter(piece.charCodeAt(at - 1))) at -= 1;
  return at;
}

const isLetter = (code: number): boolean =>
  (code >= 65 && code <= 90) || code >= 128 || (code >= 48 && code <= 57) || code === 40 || code === 41;

/** log_error_verbosity = verbose: `08006: ` before the text. */
function sqlstateAt(piece: string, at: number, end: number): string | undefined {
  if (at + 7 > end || piece.charCodeAt(at + 5) !== 58 || piece.charCodeAt(at + 6) !== blank) return undefined;
  const state = piece.slice(at, at + 5);
  return /^[0-9A-Z]{5}$/u.test(state) ? state : undefined;
}

/** A label within quotes is part of what somebody quotes. */
const quoted = (prefix: string): boolean => odd(prefix, '"') || odd(prefix, "'") || odd(prefix, '`');

function odd(text: string, mark: string): boolean {
  let count = 0;
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) count += 1;
  return count % 2 === 1;
}
