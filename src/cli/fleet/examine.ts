import type { Report } from '../../findings/report.ts';
import type { Configuration } from '../configuration/content.ts';
import { UsageError } from '../usage-error.ts';
import type { ExaminedTarget } from './examined.ts';

interface Job {
  readonly file: string;
  readonly target: string;
  readonly command: NonNullable<Configuration['targets']>[string]['command'];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Examines some targets at a time; each comes back, whatever the others do. `tell` is called in the order in which they end. */
export async function examineAll(
  waiting: readonly Omit<Job, 'timeoutMs' | 'signal'>[],
  { jobs, timeoutMs, signal }: { readonly jobs: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  tell: (examined: ExaminedTarget) => Promise<void>,
): Promise<readonly ExaminedTarget[]> {
  const results = new Map<string, ExaminedTarget>();
  const queue = [...waiting];
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const examined = await examineOne({ ...job, timeoutMs, signal });
      results.set(job.target, examined);
      await tell(examined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, work));
  return waiting.flatMap(({ target }) => results.get(target) ?? []);
}

async function examineOne({ file, target, command, timeoutMs, signal }: Job): Promise<ExaminedTarget> {
  const startedAt = performance.now();
  const ended = (
    outcome: ExaminedTarget['outcome'],
    status: number,
    because: string | null,
    report: Report | null = null,
  ): ExaminedTarget => ({
    ...{ target, command, outcome, because, status, report },
    elapsedMs: Math.round(performance.now() - startedAt),
  });
  if (signal.aborted) return ended('interrupted', 3, 'interrupted before it began');
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
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
    const words = [
      '--config',
      file,
      '--target',
      target,
      '--format',
      'json',
      ...(command === 'preflight' ? ['-w'] : []),
    ];
    const status = await Promise.race([run(words, { print, signal: either }), aborted]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the program's own report
    return ended('examined', status, null, JSON.parse(text) as Report);
  } catch (error) {
    if (signal.aborted) return ended('interrupted', 3, 'interrupted');
    if (limit.aborted) return ended('timed-out', 3, `no result within ${timeoutMs / 1000} s (--target-timeout)`);
    const said = error instanceof Error ? error.message : String(error);
    return ended('failed', 2, error instanceof UsageError ? said : `an internal error of standbylint: ${said}`);
  }
}
