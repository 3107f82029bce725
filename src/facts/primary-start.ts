import type { ClosedEntry } from './server-files.ts';

/** What the next start of the primary goes by, as it is on disk while the server runs. */
export interface PrimaryStart {
  readonly dataDirectory: string;
  /** Of `standby.signal`, `recovery.signal`, `recovery.conf` and `backup_label`, those that are there. */
  readonly files: readonly string[];
  readonly hba: {
    readonly file: string;
    readonly missing: boolean;
    /** The server's account cannot read it. */
    readonly closed?: ClosedEntry | undefined;
  };
  /** Whom the data directory belongs to, where it was seen on this machine. */
  readonly account?: string;
  /** The mode of the data directory, where the server does not start with it. */
  readonly openMode?: number | undefined;
  /** Its TLS key, where the server does not start with it. */
  readonly key?: KeyOfServer | undefined;
}

export type KeyOfServer =
  | { readonly file: string; readonly problem: 'missing' }
  | { readonly file: string; readonly problem: 'open'; readonly mode: number; readonly ofRoot?: true };
