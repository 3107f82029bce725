import type { Report } from '../../findings/report.ts';
import { KeptLogins } from '../../hosts/kept-logins.ts';
import { unlessInterrupted } from '../examination/unless-interrupted.ts';
import type { PostmortemOptions } from '../options/postmortem-options.ts';
import { publicReport } from '../output/report-output.ts';
import { examineStandby } from '../examination/standby-examination.ts';
import { UsageError } from '../usage-error.ts';

/** What came of one look of many. */
export interface Look {
  /** Counted from 1. */
  readonly number: number;
  readonly startedAt: Date;
  readonly elapsedMs: number;
  readonly report: Report | undefined;
  /** Why there is no report. */
  readonly because: string | undefined;
}

interface Rhythm {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** A look begins. */
  readonly began?: (number: number, at: Date) => void;
}

/**
 * Looks again and again until the signal comes, one look at a time. They begin in the rhythm of the interval; one that takes
 * longer skips beats, and one that does not end is given up. Throws the {@link UsageError} of the first look, for its call
 * cannot be followed; later one a place may be gone and come back.
 */
export async function* looksAt(
  options: PostmortemOptions,
  { intervalMs, signal, began }: Rhythm,
): AsyncGenerator<Look, void, void> {
  const start = performance.now();
  const logins = new KeptLogins();
  const kept = { ...options, logins };
  try {
    for (let number = 1; !signal.aborted; number += 1) {
      const startedAt = new Date();
      began?.(number, startedAt);
      const before = performance.now();
      const outcome = await oneLook(kept, intervalMs, signal, number);
      if (signal.aborted) return;
      yield { number, startedAt, elapsedMs: Math.round(performance.now() - before), ...outcome };
      const beats = Math.floor((performance.now() - start) / intervalMs) + 1;
      await pause(start + beats * intervalMs - performance.now(), signal);
    }
  } finally {
    logins.close();
  }
}

/** The longest that a look may take: every check of it ends by itself within the time-out. */
const limitOf = (intervalMs: number, { timeoutMs }: PostmortemOptions): number =>
  Math.max(2 * intervalMs, 10 * timeoutMs, 30_000);

async function oneLook(
  options: PostmortemOptions,
  intervalMs: number,
  signal: AbortSignal,
  number: number,
): Promise<Pick<Look, 'report' | 'because'>> {
  const limitMs = limitOf(intervalMs, options);
  const limit = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, limit]);
  let report: Report | undefined;
  try {
    const examined = examineStandby(options, either, {
      here: async ({ report: found, facts, surroundings }) => {
        report = publicReport(found, facts, surroundings.host.place);
        return 0;
      },
    });
    await unlessInterrupted(examined, either);
    return { report, because: undefined };
  } catch (error) {
    if (number === 1 && error instanceof UsageError) throw error;
    if (limit.aborted) return { report: undefined, because: `no result within ${limitMs / 1000} s` };
    return { report: undefined, because: error instanceof Error ? error.message : String(error) };
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
