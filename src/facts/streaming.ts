import type { Lsn } from '../postgres/lsn.ts';

/** One of the two servers as it answered at one moment; undefined is what it did not show. */
export interface ServerSide {
  readonly inRecovery: boolean | undefined;
  /** The primary's write position, the standby's replay position. */
  readonly lsn: Lsn | undefined;
  readonly timeline: number | undefined;
  /** pg_stat_replication.state of the new standby's WAL sender, or pg_stat_wal_receiver.status. */
  readonly streaming: string | undefined;
  /** How it was asked, in words: `--admin`, `user postgres over port 5433 in /tmp`. */
  readonly source: string;
}

/** The rows of one table on both sides, counted exactly. */
export interface RowCount {
  readonly table: string;
  readonly primary: bigint;
  readonly standby: bigint | undefined;
  /** Counted again after the standby where the two differ: a table that is written to meanwhile. */
  readonly primaryAfterwards: bigint | undefined;
}

/** Both sides after the start, and what it was that proved the stream. */
export interface StreamingPicture {
  readonly proof: {
    readonly by: 'pg_stat_wal_receiver' | 'pg_stat_replication' | "the standby's log";
    readonly says: string;
  };
  readonly primary: ServerSide;
  readonly standby: ServerSide;
  /** The standby has replayed at least what the primary had written when it was asked. */
  readonly caughtUp: boolean | undefined;
  readonly rows: readonly RowCount[];
  /** What could not be shown, or is to be explained, a sentence each. */
  readonly remarks: readonly string[];
}
