import type { Recognition } from '../messages/recognition.ts';
import type { LogRecord } from './log-record.ts';

/** What a process said before a message that only sums it up. */
export interface Complaint {
  readonly record: LogRecord;
  readonly recognition: Recognition | undefined;
}

export interface ComplaintsWatch {
  readonly see: (record: LogRecord, recognition: Recognition | undefined) => void;
  /** What a FATAL sums up, the first first; nothing for one that speaks for itself. */
  readonly before: (recognition: Recognition | undefined) => readonly Complaint[];
}

/** Follows what one process says in a row, beside what every start says. */
export function complaintsWatch(): ComplaintsWatch {
  let inRow: readonly Complaint[] = [];
  return {
    see(record, recognition) {
      const same = inRow.filter((one) => one.record.pid === record.pid);
      const isComplaint =
        /^(?:LOG|WARNING|ERROR)$/u.test(record.severity ?? '') &&
        recognition?.entry.topic !== 'startup-state' &&
        !routine.test(record.message);
      inRow = isComplaint ? [...same, { record, recognition }].slice(-most) : same;
    },
    before: (recognition) =>
      recognition !== undefined && recognition.id.startsWith('could-not-create-any-') ? inRow : [],
  };
}

const routine = /^(?:starting PostgreSQL|listening on )/u;
const most = 4;
