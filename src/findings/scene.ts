/** The machines as a report for people names them: prompts, the head line, what is measured on both sides. */
export interface Scene {
  /** Where the server is, as the head line names it: `db1:5432`, `port 5432 in /var/run/postgresql`. */
  readonly endpoint: string;
  /** The address that a name in it led to. */
  readonly address?: string | undefined;
  /** The primary as the user knows it: its host name, or `primary` when it is this very machine. */
  readonly primaryName: string;
  /** `primary`, or `standby` for a source that is itself in recovery. */
  readonly source: 'primary' | 'standby';
  /** What the command line makes is no standby yet: without -R, archives, a file on the server, a part of a backup. */
  readonly makesNoStandby?: boolean | undefined;
  /** What is to be copied, in bytes. */
  readonly copyBytes?: number | undefined;
  /** post-mortem: what is known of the primary: `PostgreSQL 15.18, timeline 1`. */
  readonly upstream?: string | undefined;
  /** post-mortem: what the standby is now, in words: `in recovery`. */
  readonly standby?: string | undefined;
  /** The name of the machine that the standby is on, where a prompt can tell it from the primary's; else `standby`. */
  readonly standbyName?: string | undefined;
  /** The name of the machine that the report is read on, where that is not the standby's. */
  readonly clientName?: string | undefined;
  /** Where the standby is, where that is not the machine that the report is read on: `the container pg-standby`. */
  readonly place?: string | undefined;
  /** healthy: `streams from db1:5432, 0 bytes behind`. */
  readonly stream?: string | undefined;
  /** post-mortem: its WAL receiver says that it streams, and no process of the way is stopped. */
  readonly streams?: boolean | undefined;
  /** healthy: what proves it, measured on both sides. */
  readonly picture?: readonly PictureRow[] | undefined;
}

/** A measure that is taken on both sides; `mark` is between the two: `=`, `->`. */
export interface PictureRow {
  readonly what: string;
  readonly primary: string;
  readonly standby: string;
  readonly mark: string;
}

/** A figure that was measured: what graphs and performance data show. */
export interface Measure {
  readonly name: 'replay-lag' | 'replay-delay' | 'free-wal-senders' | 'free-space';
  readonly unit: 'bytes' | 'seconds' | 'count';
  readonly value: number;
  /** The most that it can be. */
  readonly of?: number;
}
