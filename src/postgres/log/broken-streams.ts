import type { LogRecord } from './log-record.ts';
import type { Moment } from './moment.ts';
import type { Recognition } from '../messages/recognition.ts';

/** A stream that had begun and whose connection failed: what the standby itself could not do with it is another fault. */
export interface BrokenStream {
  readonly began: Moment;
  readonly ended: Moment;
  readonly record: LogRecord;
}

interface BrokenStreamsWatch {
  /** "started streaming WAL from primary" (or "restarted"). */
  readonly begins: (moment: Moment) => void;
  /** It ended as it should: its server was told to stop it, or stopped. What fails next is another connection. */
  readonly ends: () => void;
  /** The WAL receiver failed, whatever it was doing. */
  readonly fails: (moment: Moment, record: LogRecord, recognition: Recognition | undefined) => void;
  /** The latest, in their order. */
  readonly result: () => readonly BrokenStream[];
}

/**
 * Watches a log for streams that begin and break again. Each of them begins with a login that succeeds, so a look at any
 * one moment finds nothing wrong; only their number tells.
 */
export function brokenStreamsWatch(): BrokenStreamsWatch {
  let began: Moment | undefined;
  let latest: readonly BrokenStream[] = [];
  return {
    begins(moment) {
      began = moment;
    },
    ends() {
      began = undefined;
    },
    fails(ended, record, recognition) {
      if (began !== undefined && isOfConnection(recognition))
        latest = [...latest, { began, ended, record }].slice(-mostKept);
      began = undefined;
    },
    result: () => latest,
  };
}

/** Not the word of the standby's own files; and what nobody knows may be of it. */
const isOfConnection = (recognition: Recognition | undefined): boolean => {
  const entry = recognition?.within ?? recognition?.entry;
  return entry === undefined || entry.file.endsWith('/libpqwalreceiver.c') || entry.id === 'walreceiver-timeout';
};

const mostKept = 50;
