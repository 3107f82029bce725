import type { Step } from '../findings/report.ts';

/** Where the lines of a journal go: each is on the disk before the promise is kept. */
export interface JournalSink {
  readonly path: string;
  append(line: string): Promise<void>;
}

/** The first line of a journal. */
export interface JournalHead {
  readonly event: 'fix';
  readonly version: 1;
  readonly tool: string;
  readonly command: 'preflight' | 'postmortem';
  readonly at: string;
  /** -D of a post-mortem, with its place. */
  readonly dataDirectory: string | null;
  readonly primary: string | null;
}

/** Written before a step is taken: what will be done, as whom, and by `step.undo` and `step.edit` how it is taken back. */
export interface JournalStep {
  readonly event: 'step';
  readonly number: number;
  readonly at: string;
  readonly rule: string;
  readonly step: Step;
  /** Who takes a shell step; null for SQL. */
  readonly user: JournalUser | null;
  /** Where a shell step is taken, as -D names it: `docker:NAME:/DIRECTORY`; without one, on this machine. */
  readonly place?: string;
}

export interface JournalUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

/** Written after it: a step without such a line may or may not have happened. */
export interface JournalOutcome {
  readonly event: 'outcome';
  readonly number: number;
  readonly at: string;
  /** unknown: the way there broke off while it was taken. */
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly output: string;
}

/** Written when the run has come to its end, whatever that is: a journal without it is of one that was killed, or that still runs. */
export interface JournalEnd {
  readonly event: 'end';
  readonly at: string;
  readonly end: 'finished' | 'failed' | 'stopped' | 'interrupted';
}

/** Written by `undo`, before and after it takes a step back. */
export interface JournalUndo {
  readonly event: 'undo' | 'undone' | 'not-undone';
  readonly number: number;
  readonly at: string;
  readonly output: string;
}

export type JournalEntry = JournalHead | JournalStep | JournalOutcome | JournalEnd | JournalUndo;

/** As it stands in the file: one line of JSON. */
export const journalLine = (entry: JournalEntry): string => `${JSON.stringify(entry)}\n`;
