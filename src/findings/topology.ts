/** A server among those that were examined, or that were seen from one of them. */
export interface TopologyServer {
  /** It is one of the two that were examined. */
  readonly side?: 'primary' | 'standby';
  /** copy: it is to be made. */
  readonly role: 'primary' | 'standby' | 'copy';
  /** As its upstream lists it: its application_name. */
  readonly name?: string;
  readonly address?: string;
  /** With the system identifier it tells in which reports the same server is. */
  readonly port?: number;
  readonly systemIdentifier?: string;
  readonly timeline?: number;
  readonly receives?: WalFlow;
}

/** How WAL comes to a server. */
export interface WalFlow {
  /** The index of the server that sends it: it comes earlier in the list. */
  readonly from: number;
  /**
   * streaming, catchup: as pg_stat_replication and pg_stat_wal_receiver have it; waiting: connected, in another of their
   * states; none: nothing is received; unknown: it was not seen; planned: the standby is to be made.
   */
  readonly state: 'streaming' | 'catchup' | 'waiting' | 'none' | 'unknown' | 'planned';
  readonly slot?: string;
  /** What the standby has not replayed yet. */
  readonly lagBytes?: number;
}
