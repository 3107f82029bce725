import type { Lsn } from '../postgres/lsn.ts';

/** Of an upstream that is a standby itself: what it receives, as two looks showed it. */
export interface UpstreamStandby {
  /** Its own WAL receiver; undefined: no session showed its statistics. */
  readonly receiver: UpstreamReceiver | undefined;
  /** It has a restore_command; undefined: not shown. */
  readonly restores: boolean | undefined;
  /** It has a primary_conninfo; undefined: not shown, which only a superuser or pg_read_all_settings is. */
  readonly hasConninfo?: boolean | undefined;
  /** Its WAL ended here at the last look. */
  readonly position: Lsn;
  /** It received WAL, or replayed some from an archive, between the looks. */
  readonly moved: boolean;
  /** The end of the WAL of the cluster's primary before the first look, where --admin reaches that. */
  readonly primary: { readonly position: Lsn; readonly archives: boolean; readonly segmentSize: number } | undefined;
}

export type UpstreamReceiver =
  | { readonly runs: false }
  /** Whom it follows is shown to members of pg_read_all_stats. */
  | { readonly runs: true; readonly host: string | undefined; readonly port: number | undefined };
