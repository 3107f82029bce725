import type { Configuration } from '../configuration/content.ts';
import { examineOnce } from '../one-examination.ts';
import type { ExaminedTarget } from './examined.ts';

interface Job {
  readonly file: string;
  readonly target: string;
  readonly command: NonNullable<Configuration['targets']>[string]['command'];
}

/** Examines some targets at a time; each comes back, whatever the others do. `tell` is called in the order in which they end. */
export async function examineAll(
  waiting: readonly Job[],
  { jobs, timeoutMs, signal }: { readonly jobs: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  tell: (examined: ExaminedTarget) => Promise<void>,
): Promise<readonly ExaminedTarget[]> {
  const results = new Map<string, ExaminedTarget>();
  const queue = [...waiting];
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const examined = await examineOne(job, { timeoutMs, signal });
      results.set(job.target, examined);
      await tell(examined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, work));
  return waiting.flatMap(({ target }) => results.get(target) ?? []);
}

async function examineOne({ file, target, command }: Job, limits: Limits): Promise<ExaminedTarget> {
  const words = ['--config', file, '--target', target];
  return { target, command, ...(await examineOnce({ command, words, limitedBy: '--target-timeout', ...limits })) };
}

type Limits = Pick<Parameters<typeof examineOnce>[0], 'timeoutMs' | 'signal'>;
