import { labelOf } from './labels.ts';
import type { LineReader, LineReaderOptions, Surroundings } from './line-reader.ts';
import { logRecord } from './log-record.ts';
import { decoded, forwardSearch } from './text.ts';
import { timeStampIn } from './time-stamp.ts';

/** The columns of csvlog (csvlog.c): 23 in 13, with backend_type 24, and from 14 on leader_pid and query_id. */
const column = {
  time: 0,
  user: 1,
  database: 2,
  pid: 3,
  severity: 11,
  sqlstate: 12,
  message: 13,
  detail: 14,
  hint: 15,
  query: 16,
  context: 18,
  statement: 19,
  location: 21,
  backendType: 23,
} as const;

/** log_destination = csvlog. A record ends where the quotes are even. */
export function csvLines({ filter, emit, translated }: LineReaderOptions): LineReader {
  const quotes = forwardSearch('"');
  /** The lines of a record so far, as long as it is wanted. */
  let lines: string[] = [];
  let inside = false;
  let wanted = false;
  let length = 0;
  let first = 0;
  let number = 0;

  return { line, end: finish };

  function line(piece: string, start: number, lineEnd: number, around?: Surroundings): void {
    number += 1;
    const end = lineEnd > start && piece.charCodeAt(lineEnd - 1) === 13 ? lineEnd - 1 : lineEnd;
    // a record that never ends (a torn one) ends where the next begins
    if (inside && (length > longestRecord || beginsCsvRecord(piece.slice(start, Math.min(end, start + 80))))) {
      lines = [];
      inside = false;
    }
    if (!inside) {
      finish();
      // what no record begins with is the rest of a torn one, or not PostgreSQL's
      if (piece.charCodeAt(start + 4) !== dash || piece.charCodeAt(start + 10) !== blank) return;
      first = number;
      length = 0;
      wanted = isWanted(piece, start, end);
    }
    let count = 0;
    for (let at = quotes.within(piece, start, end); at !== -1; at = quotes.within(piece, at + 1, end)) count += 1;
    if (count % 2 === 1) inside = !inside;
    length += end - start;
    if (wanted) lines.push(piece.slice(start, end));
    if (!inside) finish(around);
  }

  function isWanted(piece: string, start: number, end: number): boolean {
    if (filter === undefined || translated) return true;
    const at = startOfField(piece, start, end, column.message);
    if (at === -1) return false;
    if (piece.startsWith('FATAL', at - 12) || piece.startsWith('PANIC', at - 12)) return true;
    if (piece.charCodeAt(at) !== quote) return filter(piece, at, end);
    const text = piece.slice(at + 1, end);
    return text.includes('""') ? filter(text.replaceAll('""', '"'), 0, text.length) : filter(piece, at + 1, end);
  }

  function finish(around?: Surroundings): void {
    if (inside || lines.length === 0) return;
    const fields = csvFields(decoded(lines.join('\n')));
    lines = [];
    if (fields.length < 22 || fields.length > 40) return;
    const field = (index: number): string | undefined => (fields[index] === '' ? undefined : fields[index]);
    const word = field(column.severity)?.split(' ').at(-1) ?? '';
    const label = labelOf(word);
    emit(
      logRecord({
        severity: label?.kind === 'main' ? label.severity : undefined,
        sqlstate: field(column.sqlstate),
        message: field(column.message) ?? '',
        parts: {
          detail: field(column.detail),
          hint: field(column.hint),
          query: field(column.query),
          context: field(column.context),
          statement: field(column.statement),
          location: field(column.location),
        },
        time: timeStampIn(field(column.time) ?? '') ?? around?.time,
        pid: Number(field(column.pid)),
        user: field(column.user),
        database: field(column.database),
        backendType: field(column.backendType),
        english: !translated && label?.kind === 'main' && label.english,
        line: first,
      }),
    );
  }
}

/** `2026-11-21 20:27:20.729 UTC,"postgres","postgres",25718,`; the zone may be a number. */
export const beginsCsvRecord = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^\s,"]+,(?:"(?:[^"]|"")*")?,(?:"(?:[^"]|"")*")?,\d+,/u.test(text);

const quote = 34;
const comma = 44;
const dash = 45;
const blank = 32;
const longestRecord = 1_048_576;

function startOfField(piece: string, start: number, end: number, index: number): number {
  let at = start;
  for (let field = 0; field < index; field += 1) {
    if (piece.charCodeAt(at) === quote) {
      at += 1;
      // a doubled quote is one in the text, and closes and opens again here
      while (at < end && piece.charCodeAt(at) !== quote) at += 1;
      at += 1;
      if (piece.charCodeAt(at) === quote) {
        field -= 1;
        continue;
      }
    } else while (at < end && piece.charCodeAt(at) !== comma) at += 1;
    if (at >= end || piece.charCodeAt(at) !== comma) return -1;
    at += 1;
  }
  return at;
}

function csvFields(record: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= record.length && fields.length <= 40) {
    if (record.charCodeAt(at) === quote) {
      let end = at + 1;
      for (;;) {
        end = record.indexOf('"', end);
        if (end === -1) end = record.length;
        if (record.charCodeAt(end + 1) !== quote) break;
        end += 2;
      }
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 2;
    } else {
      const next = record.indexOf(',', at);
      const end = next === -1 ? record.length : next;
      fields.push(record.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}
