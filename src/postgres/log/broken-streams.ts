import type { LogRecord } from './log-record.ts';
import type { Moment } from './moment.ts';

/** A stream that had begun and ended by a failure. */
export interface BrokenStream {
  readonly began: Moment;
  readonly ended: Moment;
  readonly record: LogRecord;
}

interface BrokenStreamsWatch {
  /** "started streaming WAL from primary" (or "restarted"). */
  readonly begins: (moment: Moment) => void;
  /** The WAL receiver failed, whatever it was doing. */
  readonly fails: (moment: Moment, record: LogRecord) => void;
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
    fails(ended, record) {
      if (began !== undefined) latest = [...latest, { began, ended, record }].slice(-mostKept);
      began = undefined;
    },
    result: () => latest,
  };
}

const mostKept = 50;
