import { labelOf } from './labels.ts';
import type { LineReader, LineReaderOptions, Surroundings } from './line-reader.ts';
import { logRecord } from './log-record.ts';
import { decoded, forwardSearch } from './text.ts';
import { timeStampIn } from './time-stamp.ts';

/**
 * log_destination = jsonlog (15 and later, jsonlog.c), and CloudNativePG's wrapping of a csvlog record. Other objects are
 * no records of PostgreSQL.
 */
export function jsonLines({ filter, emit, translated }: LineReaderOptions): LineReader {
  const keys = forwardSearch('"message":');
  let number = 0;
  return {
    line(piece, start, end, around) {
      number += 1;
      if (piece.charCodeAt(start) !== brace || end - start > longestLine) return;
      const key = keys.within(piece, start, end);
      if (key === -1 || !isWanted(piece, key + '"message":'.length, end)) return;
      const found = parsed(decoded(piece.slice(start, end)));
      if (found !== undefined) record(found, around);
    },
    end: () => undefined,
  };

  function isWanted(piece: string, keyEnd: number, end: number): boolean {
    if (filter === undefined || translated) return true;
    if (/"error_severity":"(?:FATAL|PANIC)"/u.test(piece.slice(keyEnd - 120, end))) return true;
    const at = piece.indexOf('"', keyEnd) + 1;
    // a head with a quote in it is escaped here: to be looked at
    const beginning = piece.slice(at, Math.min(end, at + 200));
    return beginning.includes('\\')
      ? filter(beginning.replaceAll('\\"', '"'), 0, beginning.length)
      : filter(piece, at, end);
  }

  function record(object: JsonObject, around: Surroundings | undefined): void {
    const inner = object['record'];
    const from = isObject(inner) ? inner : object;
    const text = (...names: readonly string[]): string | undefined => {
      for (const name of names) {
        const value = from[name];
        if (typeof value === 'string' && value !== '') return value;
        if (typeof value === 'number') return String(value);
      }
      return undefined;
    };
    const severity = text('error_severity');
    const message = text('message');
    if (severity === undefined || message === undefined) return;
    const label = labelOf(severity.split(' ').at(-1) ?? '');
    const fileName = text('file_name');
    const line = text('file_line_num') ?? '0';
    const func = text('func_name');
    const pid = Number(text('pid', 'process_id'));
    emit(
      logRecord({
        severity: label?.kind === 'main' ? label.severity : undefined,
        sqlstate: text('state_code', 'sql_state_code'),
        message,
        parts: {
          detail: text('detail'),
          hint: text('hint'),
          query: text('internal_query'),
          context: text('context'),
          statement: text('statement', 'query'),
          location:
            fileName === undefined ? text('location') : `${func === undefined ? '' : `${func}, `}${fileName}:${line}`,
        },
        time: timeStampIn(text('timestamp', 'log_time') ?? '') ?? around?.time,
        pid: Number.isSafeInteger(pid) ? pid : undefined,
        user: text('user', 'user_name'),
        database: text('dbname', 'database_name'),
        backendType: text('backend_type'),
        english: !translated && label?.kind === 'main' && label.english,
        line: number,
      }),
    );
  }
}

const brace = 123;
const longestLine = 1_048_576;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
