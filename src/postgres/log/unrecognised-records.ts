import type { Recognition } from '../messages/recognition.ts';
import type { LogRecord } from './log-record.ts';

/** What a log in another language keeps for itself. */
export interface UnrecognisedRecords {
  /** WARNING, FATAL and PANIC records of the server that could not be told. */
  readonly count: number;
  /** How many of them came after the last start, and after it last began to stream. */
  readonly now: number;
  readonly last: LogRecord;
}

export interface UnrecognisedWatch {
  readonly see: (record: LogRecord, recognition: Recognition | undefined) => void;
  /** It starts, or streams: what came before is history. */
  readonly begins: () => void;
  /** @param translated The log is in another language: in English an unknown message is an extension's, or a newer release's. */
  readonly result: (translated: boolean) => UnrecognisedRecords | undefined;
}

export function watchUnrecognised(): UnrecognisedWatch {
  let count = 0;
  let now = 0;
  let last: LogRecord | undefined;

  return {
    see(record, recognition) {
      if (recognition !== undefined || record.program !== undefined || !grave.has(record.severity)) return;
      count += 1;
      now += 1;
      last = record;
    },
    begins() {
      now = 0;
    },
    result: (translated) => (translated && last !== undefined ? { count, now, last } : undefined),
  };
}

const grave: ReadonlySet<LogRecord['severity']> = new Set(['WARNING', 'FATAL', 'PANIC']);
