/** What pg_basebackup -P says of its progress (pg_basebackup.c, progress_report()). */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** 0 to 100, as pg_basebackup rounds it: it can reach 100 before the end, for the total is an estimate. */
  readonly percent: number;
  readonly tablespaces: { readonly done: number; readonly total: number };
}

export type ProgressLine =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'waiting-for-checkpoint' }
  /** Whatever else it prints: its own words, an error among them. */
  | { readonly kind: 'words'; readonly text: string };

/** Reads one line of pg_basebackup's standard error; undefined for an empty one. */
export function parseProgressLine(line: string): ProgressLine | undefined {
  const text = line.trimEnd();
  if (text.trim() === '') return undefined;
  if (text.trim() === 'waiting for checkpoint') return { kind: 'waiting-for-checkpoint' };
  const match = /^\s*(\d+)\/(\d+) kB \((\d+)%\), (\d+)\/(\d+) tablespaces?(?: \(.*\))?$/.exec(text);
  if (match === null) return { kind: 'words', text };
  const [done = 0, total = 0, percent = 0, tablespacesDone = 0, tablespacesTotal = 0] = match.slice(1).map(Number);
  return {
    kind: 'progress',
    progress: {
      doneBytes: done * 1024,
      totalBytes: total * 1024,
      percent,
      tablespaces: { done: tablespacesDone, total: tablespacesTotal },
    },
  };
}

/** Splits a stream of chunks into lines: pg_basebackup ends them with a line feed, or with a carriage return on a terminal. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: string): void; end(): void } {
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + chunk).split(/[\r\n]/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}

export interface Pace {
  /** Undefined for the first moments, from which no rate can be told. */
  readonly bytesPerSecond: number | undefined;
  /** Undefined until there is a rate, or when the copy is past the estimate. */
  readonly secondsLeft: number | undefined;
}

/** The average rate since the first look at the copy, and how long the rest takes at that rate. */
export function paceOf(progress: Progress, first: { readonly doneBytes: number }, sinceFirstMs: number): Pace {
  const moved = progress.doneBytes - first.doneBytes;
  const bytesPerSecond = sinceFirstMs < tooSoonMs ? undefined : (moved * 1000) / sinceFirstMs;
  const left = progress.totalBytes - progress.doneBytes;
  const canTell = bytesPerSecond !== undefined && bytesPerSecond > 0 && left > 0;
  return { bytesPerSecond, secondsLeft: canTell ? left / bytesPerSecond : undefined };
}

const tooSoonMs = 500;
