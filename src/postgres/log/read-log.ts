import { csvLines } from './csv-lines.ts';
import { jsonLines } from './json-lines.ts';
import type { LineReader, LineReaderOptions, Surroundings } from './line-reader.ts';
import { logForm } from './log-form.ts';
import type { LogForm } from './log-form.ts';
import type { LogRecord } from './log-record.ts';
import { stderrLines } from './stderr-lines.ts';
import type { MessageFilter } from './text.ts';
import { wrappers } from './wrapper.ts';

export interface ReadLogOptions {
  /** The bytes begin somewhere in the log: the line and the record that they begin in are left out. */
  readonly torn?: boolean;
  /**
   * Which messages are wanted (see messageFilter); all, when absent. With it a log is gone through several times as fast.
   * FATAL and PANIC are always wanted.
   */
  readonly filter?: MessageFilter;
}

/**
 * The records of a log, in its order: stderr with any log_line_prefix, csvlog, jsonlog, bare or behind docker, CRI,
 * journalctl or syslog, in any language. Which of them it is, its first lines tell. Memory does not grow with the log.
 * No input makes it throw.
 */
export async function* readLog(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadLogOptions = {},
): AsyncGenerator<LogRecord, void, undefined> {
  const ready: LogRecord[] = [];
  const pieces = pump(options, (record) => ready.push(record));
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      pieces.take(Buffer.from(chunk.buffer, chunk.byteOffset + at, Math.min(pieceBytes, chunk.length - at)));
      yield* ready;
      ready.length = 0;
    }
  }
  pieces.end();
  yield* ready;
}

/** The same for a text at hand: what somebody pasted, or a program printed. */
export function readLogText(text: string, options: ReadLogOptions = {}): readonly LogRecord[] {
  const records: LogRecord[] = [];
  const pieces = pump(options, (record) => records.push(record));
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.take(bytes.subarray(at, at + pieceBytes));
  pieces.end();
  return records;
}

/** So small that its text lives and dies among V8's young objects: of bigger ones a log makes a gigabyte of old ones. */
const pieceBytes = 65_536;
const sampleBytes = 65_536;
/** A longer line holds somebody's data, and its message stands at the beginning. */
const longestLine = 2_097_152;

interface Pump {
  readonly take: (bytes: Buffer) => void;
  readonly end: () => void;
}

function pump({ torn = false, filter }: ReadLogOptions, emit: (record: LogRecord) => void): Pump {
  /** The beginning of a line whose end is still to come. */
  let rest = '';
  let reader: LineReader | undefined;
  let skipping = torn;

  return {
    take(bytes) {
      const piece = bytes.toString('latin1');
      if (reader !== undefined) lines(reader, piece);
      else if (rest.length + piece.length < sampleBytes) rest += piece;
      else reader = begun(piece);
    },
    end() {
      reader ??= begun('');
      if (rest !== '' && !skipping) reader.line(rest, 0, rest.length);
      reader.end();
    },
  };

  function begun(piece: string): LineReader {
    const text = rest + piece;
    rest = '';
    // UTF-8's byte order mark
    const start = text.startsWith('\u00EF\u00BB\u00BF') ? text.slice(3) : text;
    const chosen = readerFor(logForm(start.slice(0, sampleBytes)), { filter, emit });
    lines(chosen, start);
    return chosen;
  }

  function lines(to: LineReader, piece: string): void {
    let start = 0;
    for (;;) {
      const end = piece.indexOf('\n', start);
      if (end === -1) break;
      if (skipping) skipping = false;
      else if (rest === '') to.line(piece, start, end);
      else {
        const line = rest + piece.slice(start, end);
        to.line(line, 0, line.length);
      }
      rest = '';
      start = end + 1;
    }
    if (skipping) return;
    rest += piece.slice(start);
    if (rest.length <= longestLine) return;
    to.line(rest, 0, sampleBytes);
    skipping = true;
    rest = '';
  }
}

function readerFor(form: LogForm, { filter, emit }: Pick<LineReaderOptions, 'filter' | 'emit'>): LineReader {
  const options = { filter, emit, translated: form.translated };
  const inner = withJson(form.destination === 'csvlog' ? csvLines(options) : stderrLines(options), form, options);
  return form.wrapper === undefined ? inner : unwrapping(inner, form.wrapper);
}

/** jsonlog; and JSON between other lines, as the operators of Kubernetes print it. */
function withJson(lines: LineReader, { destination, wrapper }: LogForm, options: LineReaderOptions): LineReader {
  if (destination === 'csvlog') return lines;
  const json = jsonLines(options);
  if (destination === 'jsonlog') return json;
  if (wrapper === undefined) return lines;
  return {
    line(piece, start, end, around) {
      if (piece.charCodeAt(start) === 123) json.line(piece, start, end, around);
      else lines.line(piece, start, end, around);
    },
    end: lines.end,
  };
}

function unwrapping(inner: LineReader, name: keyof typeof wrappers): LineReader {
  const unwrap = wrappers[name];
  /** A line that was cut, and may go on. */
  let waiting: { text: string; readonly around: Surroundings } | undefined;
  let cut = false;

  function flush(): void {
    if (waiting !== undefined) inner.line(waiting.text, 0, waiting.text.length, waiting.around);
    waiting = undefined;
    cut = false;
  }

  return {
    line(piece, start, end) {
      const line = piece.slice(start, end);
      const found = unwrap(line.endsWith('\r') ? line.slice(0, -1) : line) ?? {
        text: line,
        time: undefined,
        pid: undefined,
        partial: false,
        continues: false,
      };
      if (waiting !== undefined && (cut || found.continues) && waiting.text.length < longestLine)
        waiting.text += found.text;
      else {
        flush();
        waiting = { text: found.text, around: found };
      }
      cut = found.partial;
    },
    end() {
      flush();
      inner.end();
    },
  };
}
