import { ifSeen } from './observed.ts';
import type { Observed } from './observed.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import type { Failure, LogSummary } from '../postgres/log/log-summary.ts';

/** The standby's log, as far as it was read: its newest part. */
export interface ServerLog {
  /** In the order in which they were read, the newest last. */
  readonly files: readonly ReadLogFile[];
  readonly summary: LogSummary;
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
  /** Absolute paths that the failure of the last start names, and that do not exist now. */
  readonly missing?: readonly string[];
}

/** What the primary's log says of the sessions that sent a base backup or WAL. */
export interface SenderWords {
  /** The log: its path on the primary. */
  readonly source: string;
  /** ERROR and above, and the ends of connections, in their order. */
  readonly records: readonly LogRecord[];
}

export interface ReadLogFile {
  /** `standard input` for `-`. */
  readonly path: string;
  /** Bytes that were gone through, of a packed file unpacked ones. */
  readonly readBytes: number;
  /** It was read from its beginning. */
  readonly whole: boolean;
}

/** How the last attempt to stream ended, if it did not stream since. */
export const lastFailure = (serverLog: Observed<ServerLog>): Failure | undefined =>
  ifSeen(serverLog)?.summary.receiverFailure;
