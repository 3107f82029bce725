/** From when on something is worth a finding, where the configuration says so; thresholds.ts has the rest. */
export interface Thresholds {
  readonly lagSeconds: number;
  readonly lagBytes: bigint;
  /** Bytes that a base backup must leave free; absent: what its rule works out. */
  readonly spaceReserve: bigint | undefined;
  /** Of max_slot_wal_keep_size, the part that is left when a slot becomes endangered. */
  readonly slotReserve: number;
  /** Bytes of WAL that an inactive slot may retain; absent: max_wal_size. */
  readonly slotRetention: bigint | undefined;
}

/** A finding that somebody has decided to live with until a day. */
export interface Acceptance {
  readonly rule: string;
  /** What tells the finding from others of its rule: its fingerprint, or a name that it speaks of. */
  readonly subject: string;
  readonly reason: string;
  /** The last day that it holds for, `2027-01-31`, in UTC. */
  readonly until: string;
  /** It is meant for this very run, so that it is a finding where it meets nothing. */
  readonly forThisRun: boolean;
}

/** An acceptance, and what it came to in this run. */
export interface MetAcceptance extends Acceptance {
  readonly expired: boolean;
  /** Titles of the findings that it speaks of. */
  readonly meets: readonly string[];
  /** Nothing keeps it from being looked for: its rule was examined, and it is meant for this run. */
  readonly examined: boolean;
}
