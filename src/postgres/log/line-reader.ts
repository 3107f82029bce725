import type { LogRecord } from './log-record.ts';
import type { MessageFilter } from './text.ts';

/** What a wrapper (docker, journald, syslog, …) said beside the line. */
export interface Surroundings {
  readonly time: Date | undefined;
  readonly pid: number | undefined;
}

/** Takes the lines of a log, in their order, and makes records of them. */
export interface LineReader {
  /** A line of a piece of the log, one character a byte, without its line feed. */
  readonly line: (piece: string, start: number, end: number, around?: Surroundings) => void;
  /** The log is at its end: what is still open is a record, too. */
  readonly end: () => void;
}

export interface LineReaderOptions {
  /** Undefined: every record is wanted. */
  readonly filter: MessageFilter | undefined;
  readonly emit: (record: LogRecord) => void;
  /** The log is known to be in another language than English: its texts say nothing to a filter. */
  readonly translated: boolean;
}
