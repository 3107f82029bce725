import { setMaxListeners } from 'node:events';

import type { Report } from '../../findings/report.ts';
import type { KeptLogins } from '../../hosts/kept-logins.ts';
import type { AnyRule } from '../../rules/rule.ts';
import type { TargetCommand } from '../configuration/keys.ts';
import { UsageError } from '../usage-error.ts';

export interface ExaminationCall {
  readonly command: TargetCommand;
  /** What stands behind the command, without `--format`. */
  readonly words: readonly string[];
  readonly timeoutMs: number;
  /** The option that sets the limit, for the message where it is exceeded. */
  readonly limitedBy: string;
  readonly signal: AbortSignal;
  readonly rules?: readonly AnyRule[];
  /** Logins over ssh that further examinations take over. */
  readonly logins?: KeptLogins;
  /** How long before it began it takes over what others saw of this machine. */
  readonly sharedMs?: number;
}

/** What came of it: a report, or why there is none. */
export interface ExaminationEnd {
  /** failed: its call could not be followed, or standbylint crashed; timed-out: it took longer than its limit. */
  readonly outcome: 'examined' | 'failed' | 'timed-out' | 'interrupted';
  /** Why there is no report; null where there is one. */
  readonly because: string | null;
  readonly elapsedMs: number;
  /** The exit status that the command alone would have. */
  readonly status: number;
  readonly report: Report | null;
}

/** Runs `preflight` or `postmortem` in this process. It ends by its limit whatever it waits for, and asks for nothing. */
export async function examineOnce(call: ExaminationCall): Promise<ExaminationEnd> {
  const { command, signal, timeoutMs } = call;
  const startedAt = performance.now();
  const ended = (
    outcome: ExaminationEnd['outcome'],
    status: number,
    because: string | null,
    report: Report | null = null,
  ): ExaminationEnd => ({
    ...{ outcome, because, status, report },
    elapsedMs: Math.round(performance.now() - startedAt),
  });
  if (signal.aborted) return ended('interrupted', 3, 'interrupted before it began');
  // not AbortSignal.any(): until the limit would be over, it holds whatever was listening to it, and a fleet has thousands
  const stop = new AbortController();
  const either = stop.signal;
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    stop.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, timeoutMs);
  // as many examinations as go on at once, and no leak
  setMaxListeners(0, signal, either);
  const interrupt = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  const aborted = new Promise<never>((_resolve, reject) => {
    either.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
  let text = '';
  const print = async (more: string): Promise<void> => {
    text += more;
  };
  try {
    const run =
      command === 'preflight'
        ? (await import('../preflight.ts')).preflight
        : (await import('../postmortem.ts')).postmortem;
    // whoever asks for a password on the terminal would hold up the others
    const words = [...call.words, '--format', 'json', ...(command === 'preflight' ? ['-w'] : [])];
    const status = await Promise.race([
      run(words, { print, signal: either, rules: call.rules ?? [], logins: call.logins, sharedMs: call.sharedMs }),
      aborted,
    ]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the program's own report
    return ended('examined', status, null, JSON.parse(text) as Report);
  } catch (error) {
    if (signal.aborted) return ended('interrupted', 3, 'interrupted');
    if (isLate) return ended('timed-out', 3, `no result within ${timeoutMs / 1000} s (${call.limitedBy})`);
    const said = error instanceof Error ? error.message : String(error);
    return ended('failed', 2, error instanceof UsageError ? said : `an internal error of standbylint: ${said}`);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', interrupt);
  }
}
