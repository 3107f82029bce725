import type { Host, Running } from '../../hosts/host.ts';
import { maskText } from '../../postgres/secrets-in-text.ts';
import type { Command } from './commands.ts';
import { lineSplitter, parseProgressLine, type Progress } from './progress.ts';

export interface Copy {
  readonly command: Command;
  /** Reaches pg_basebackup through its environment, which only its own user can read; never through its words. */
  readonly password: string | undefined;
  /** How long nothing may come while more is to come: pg_basebackup itself waits on a dead network for hours. */
  readonly silenceMs: number;
}

export interface CopyEvents {
  /** It runs, as this process of its machine. */
  readonly onStart?: (pid: number | undefined) => void;
  /** The server writes a checkpoint first: with `-c spread` that can take minutes. */
  readonly onCheckpoint?: () => void;
  readonly onProgress?: (progress: Progress) => void;
  /** A line that is no progress: pg_basebackup's own words. */
  readonly onWords?: (text: string) => void;
}

export interface CopyResult {
  readonly outcome: 'copied' | 'failed' | 'interrupted' | 'stalled' | 'not-started';
  readonly exitCode: number | undefined;
  /** The signal that ended it, when one did. */
  readonly endedBy: string | undefined;
  /** What it said besides progress: its first 100 lines and its last 100. */
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
  let copiedBytes: number | undefined;
  let stalled = false;
  let silence: NodeJS.Timeout | undefined;
  const first: string[] = [];
  const last: string[] = [];
  const splitter = lineSplitter((line) => {
    const parsed = parseProgressLine(line);
    if (parsed === undefined) return;
    switch (parsed.kind) {
      case 'waiting-for-checkpoint':
        events.onCheckpoint?.();
        break;
      case 'progress':
        if (parsed.progress.doneBytes !== copiedBytes) heard(parsed.progress);
        copiedBytes = parsed.progress.doneBytes;
        events.onProgress?.(parsed.progress);
        break;
      case 'words':
        words(maskText(parsed.text));
        break;
    }
  });

  /** libpq quotes pieces of a connection string that it cannot read. */
  function words(text: string): void {
    if (first.length < keptLines) first.push(text);
    else last.push(text);
    if (last.length > keptLines) last.shift();
    events.onWords?.(text);
  }

  /** Begins to listen again; not once all has come: then it waits for the disk, and says nothing meanwhile. */
  function heard({ doneBytes, totalBytes }: Progress): void {
    clearTimeout(silence);
    if (doneBytes >= totalBytes) return;
    silence = setTimeout(() => {
      stalled = true;
      running.interrupt('SIGINT');
    }, copy.silenceMs);
  }

  const running: Running = host.start(copy.command.program, copy.command.args, {
    endsWithUs: true,
    environment: {
      // its messages are diagnosed: they must be in English, and without colours
      LC_ALL: 'C',
      PG_COLOR: 'never',
      ...(copy.password === undefined ? {} : { PGPASSWORD: copy.password }),
    },
    onStderr: (text) => splitter.push(text),
  });
  events.onStart?.(running.pid);
  const passOn = (): void => running.interrupt('SIGINT');
  signal.addEventListener('abort', passOn, { once: true });
  if (signal.aborted) passOn();
  const ended = await running.ended;
  clearTimeout(silence);
  signal.removeEventListener('abort', passOn);
  splitter.end();

  const base = { words: [...first, ...last], copiedBytes, elapsedMs: clock() - startedAt };
  if (!ended.ok)
    return { ...base, outcome: 'not-started', exitCode: undefined, endedBy: undefined, words: [ended.problem.message] };
  const { exitCode, signal: endedBy } = ended.value;
  const outcome = exitCode === 0 ? 'copied' : signal.aborted ? 'interrupted' : stalled ? 'stalled' : 'failed';
  return { ...base, outcome, exitCode, endedBy };
}

/** The first error is the cause, and what follows it may be long. */
const keptLines = 100;
