import { KeptLogins } from '../../hosts/kept-logins.ts';
import type { TargetCommand } from '../configuration/keys.ts';
import { examineOnce } from '../examination/one-examination.ts';
import type { ExaminedTarget } from '../../findings/fleet-report.ts';

/** A target, and how its examination is called; or why it cannot be. */
export type Job = { readonly target: string; readonly command: TargetCommand } & (
  | { readonly words: readonly string[] }
  | { readonly because: string }
);

/** Examines some targets at a time; each comes back, whatever the others do. `tell` is called in the order in which they end. */
export async function examineAll(
  waiting: readonly Job[],
  { jobs, timeoutMs, signal }: { readonly jobs: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  tell: (examined: ExaminedTarget) => Promise<void>,
): Promise<readonly ExaminedTarget[]> {
  const results = new Map<string, ExaminedTarget>();
  const queue = [...waiting];
  const logins = new KeptLogins();
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const examined = await examineOne(job, { timeoutMs, signal, logins, sharedMs });
      results.set(job.target, examined);
      await tell(examined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, work));
  logins.close();
  return waiting.flatMap(({ target }) => results.get(target) ?? []);
}

/** In a fleet of one machine, what runs there is looked for once in a while and not for each target; it repairs nothing. */
const sharedMs = 1_000;

async function examineOne(job: Job, limits: Limits): Promise<ExaminedTarget> {
  const { target, command } = job;
  if ('because' in job)
    return { target, command, outcome: 'failed', because: job.because, status: 2, elapsedMs: 0, report: null };
  const { words } = job;
  return { target, command, ...(await examineOnce({ command, words, limitedBy: '--target-timeout', ...limits })) };
}

type Limits = Pick<Parameters<typeof examineOnce>[0], 'timeoutMs' | 'signal' | 'logins' | 'sharedMs'>;
