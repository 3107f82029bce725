import type { FileKind } from './machine.ts';

/** What a base backup will read of the primary's data directory and tablespaces, entry by entry, as far as it was looked at. */
export interface PrimaryFiles {
  readonly dataDirectory: string;
  /** The user that the server runs as, where its files were looked at. */
  readonly serverUser: string | undefined;
  /** How many entries were looked at, and whether those are all: the look is bounded in number and in time. */
  readonly examined: number;
  readonly complete: boolean;
  /** The server itself cannot open them, or list them. In the order in which they were found. */
  readonly unreadable: readonly UnreadableEntry[];
  /** Symbolic links of the data directory, which a base backup leaves out; undefined: only its own machine shows them. */
  readonly links: readonly LinkedEntry[] | undefined;
  /** Names that are not those of relations, and not read: the rest of the names that decide whether a backup gets through. */
  readonly names: readonly string[];
}

export interface UnreadableEntry {
  /** Relative to the data directory; a tablespace's through pg_tblspc. */
  readonly path: string;
  readonly kind: Extract<FileKind, 'file' | 'directory'>;
  /** Its owner, where the files were looked at. */
  readonly owner: string | undefined;
  /** The server's own words, or what its mode and owner say. */
  readonly because: string;
}

export interface LinkedEntry {
  readonly path: string;
  readonly leadsTo: string;
}
