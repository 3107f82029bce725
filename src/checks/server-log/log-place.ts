/** A file of the log, standard input (`-`), what a container printed, or what the journal keeps. */
export interface LogPlace {
  readonly path: string;
  readonly packed: boolean;
  /** Undefined for what is no file. */
  readonly sizeBytes: number | undefined;
  readonly modifiedAt: Date | undefined;
  /** What is in it, where it is no file and has been read. */
  readonly content?: Uint8Array;
}
