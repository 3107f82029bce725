/** What of a standby's data directory its server cannot do without, as it is on disk. */
export interface ServerFiles {
  /** The account that the server runs as. */
  readonly account: string;
  /** Entries that this account cannot use. */
  readonly closed: readonly ClosedEntry[];
  /** Files whose content is gone. */
  readonly lost: readonly LostFile[];
  /** How many entries that every server has were looked at. */
  readonly examined: number;
  /** Of the files of tables, transaction status and WAL, how many were looked at; undefined: all. */
  readonly filesExamined?: number | undefined;
}

export interface ClosedEntry {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly owner: { readonly uid: number; readonly name: string };
  /** It is owned by the server's account, so that its mode alone is wrong. */
  readonly own: boolean;
  readonly mode: number;
  /** The attribute of the file system that keeps everybody from changing it (chattr), whatever owner and mode are. */
  readonly attribute?: 'immutable' | 'append-only';
  /** What the server does with it and cannot; `pass`: it is on the way to what the server needs. */
  readonly wanted: 'read' | 'write' | 'pass';
  /** Of what lies on the way: where that leads to. */
  readonly leadsTo?: string;
  /** Of what lies on the way: the server is known to run on this machine, and in no container. */
  readonly isPassedHere?: boolean;
}

export interface LostFile {
  /** In the data directory: `pg_xact/0000`. */
  readonly path: string;
  /** `it does not exist`, `it has 0 bytes, and 8192 are needed`, … */
  readonly because: string;
}

/** The standby's own server lets nobody in; undefined in `refusal`: nobody knows what its words mean. */
export interface StandbyRefusal {
  readonly refusal: string;
  readonly message: string;
}
