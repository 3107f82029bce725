import type { Host, Running } from '../hosts/host.ts';
import { lineSplitter, parseProgressLine, type Progress } from './progress.ts';

export interface Copy {
  /** The path of pg_basebackup. */
  readonly program: string;
  /** Exactly the user's options; a password is never among them. */
  readonly args: readonly string[];
  /** Reaches pg_basebackup through its environment, which only its own user can read. */
  readonly password: string | undefined;
}

export interface CopyEvents {
  /** The server writes a checkpoint first: with `-c spread` that can take minutes. */
  readonly onCheckpoint?: () => void;
  readonly onProgress?: (progress: Progress, elapsedMs: number) => void;
  /** A line that is no progress: pg_basebackup's own words. */
  readonly onWords?: (text: string) => void;
}

export interface CopyResult {
  readonly outcome: 'copied' | 'failed' | 'interrupted' | 'not-started';
  readonly exitCode: number | undefined;
  /** What it said besides progress, at most its last 200 lines. */
  readonly words: readonly string[];
  readonly copiedBytes: number | undefined;
  readonly elapsedMs: number;
}

/**
 * Runs pg_basebackup and follows it to its end. An interrupt is passed on to the whole of it (it has a second process
 * that receives WAL, and which a signal to the first alone leaves behind), and its end is waited for.
 *
 * pg_basebackup removes what it wrote when it ends by an error of its own, and leaves it when a signal ends it
 * (pg_basebackup.c registers an exit handler and no signal handler).
 */
export async function runBaseBackup(
  host: Host,
  copy: Copy,
  events: CopyEvents,
  signal: AbortSignal,
  clock: () => number,
): Promise<CopyResult> {
  const startedAt = clock();
  let movingSince: number | undefined;
  let copiedBytes: number | undefined;
  const words: string[] = [];
  const splitter = lineSplitter((line) => {
    const parsed = parseProgressLine(line);
    if (parsed === undefined) return;
    switch (parsed.kind) {
      case 'waiting-for-checkpoint':
        events.onCheckpoint?.();
        break;
      case 'progress':
        movingSince ??= clock();
        copiedBytes = parsed.progress.doneBytes;
        events.onProgress?.(parsed.progress, clock() - movingSince);
        break;
      case 'words':
        words.push(parsed.text);
        if (words.length > keptLines) words.shift();
        events.onWords?.(parsed.text);
        break;
    }
  });

  const running: Running = host.start(copy.program, copy.args, {
    environment: {
      // its messages are diagnosed: they must be in English, and without colours
      LC_ALL: 'C',
      PG_COLOR: 'never',
      ...(copy.password === undefined ? {} : { PGPASSWORD: copy.password }),
    },
    onStderr: (text) => splitter.push(text),
  });
  const passOn = (): void => running.interrupt('SIGINT');
  signal.addEventListener('abort', passOn, { once: true });
  if (signal.aborted) passOn();
  const ended = await running.ended;
  signal.removeEventListener('abort', passOn);
  splitter.end();

  const elapsedMs = clock() - startedAt;
  if (!ended.ok)
    return { outcome: 'not-started', exitCode: undefined, words: [ended.problem.message], copiedBytes, elapsedMs };
  const { exitCode } = ended.value;
  const outcome = signal.aborted ? 'interrupted' : exitCode === 0 ? 'copied' : 'failed';
  return { outcome, exitCode, words, copiedBytes, elapsedMs };
}

const keptLines = 200;

/** The options with `-P` among them, for the progress: it changes nothing of the copy itself. */
export const withProgress = (
  args: readonly string[],
  options: readonly { readonly name: string }[],
): readonly string[] =>
  options.some(({ name }) => name === 'progress' || name === 'no-estimate-size') ? args : [...args, '-P'];
