import type { WrittenLines } from '../postgres/written-lines.ts';
import type { ClosedEntry } from './server-files.ts';

/** What Debian's cluster tools (postgresql-common) read, and write, before they start a server of theirs. */
export interface DebianCluster {
  readonly version: string;
  readonly cluster: string;
  /** The line of start.conf that decides; undefined: there is none, which means auto. */
  readonly start: StartMode | undefined;
  /** start.conf, where the account of the server cannot read it. */
  readonly closedStart: ClosedEntry | undefined;
  /** Lines of the other files that they cannot read: they start nothing then. */
  readonly refused: readonly RefusedLine[];
  /** The log that pg_ctlcluster opens first. */
  readonly log: string;
  /** The log, or where it is missing its directory, that the account of the server cannot write to. */
  readonly closedLog: ClosedEntry | undefined;
  /** The directory of the log, where it does not exist. */
  readonly missingLogDirectory: string | undefined;
}

export interface RefusedLine {
  readonly file: string;
  readonly line: number;
  /** Secrets in it are masked. */
  readonly text: string;
  /** The same setting as they read it, where PostgreSQL reads the line. */
  readonly becomes?: string;
  readonly written: WrittenLines;
}

export interface StartMode extends RefusedLine {
  /** auto: started with the machine; manual: by hand only; disabled: not at all. */
  readonly mode: 'auto' | 'manual' | 'disabled' | 'invalid';
}
