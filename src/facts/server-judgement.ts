/** What the server program of the standby's release says of the configuration: `postgres -C`, which starts nothing. */
export interface ServerJudgement {
  /** The program that judged. */
  readonly program: string;
  /** What it would not start with; empty: it takes all of it. */
  readonly refused: readonly Refusal[];
  /** A name was unknown or a file could not be read, so that it did not come to the values. */
  readonly stoppedEarly: boolean;
  /** What it would ask the system for; undefined where this release does not tell (before 15), or it did not come so far. */
  readonly sharedMemory: { readonly bytes: number; readonly source: string } | undefined;
}

export interface Refusal {
  /** In the server's own words, with DETAIL and HINT. */
  readonly words: string;
  /** The settings that they are about; none where that could not be told. */
  readonly settings: readonly string[];
  /** Where the server says it itself: it does so for names and for lines. */
  readonly file?: string;
  readonly line?: number;
}

/** What it says of the configuration that a standby will find on this machine, before there is one. */
export interface TargetJudgement extends ServerJudgement {
  /** The configuration is this machine's own, or it comes with the copy. */
  readonly from: 'prepared' | 'copied';
  /** Where the settings stand, by name in small letters: on this machine, or on the primary. */
  readonly places: ReadonlyMap<string, { readonly value: string; readonly file: string; readonly line: number }>;
}
