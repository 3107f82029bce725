import { KeptLogins } from '../../hosts/kept-logins.ts';
import type { TargetCommand } from '../configuration/keys.ts';
import { examineOnce } from '../examination/one-examination.ts';
import type { ExaminedTarget } from '../../findings/fleet-report.ts';
import { Alike } from './alike.ts';

/** A target, and how its examination is called; or why it cannot be. */
export type Job = {
  readonly target: string;
  readonly command: TargetCommand;
  /** Of targets that lead to the same server, as far as their options say: the same text. */
  readonly server?: string | undefined;
} & ({ readonly words: readonly string[] } | { readonly because: string });

/** Examines some targets at a time; each comes back, whatever the others do. `tell` is called in the order in which they end. */
export async function examineAll(
  waiting: readonly Job[],
  { jobs, timeoutMs, signal }: { readonly jobs: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  tell: (examined: ExaminedTarget) => Promise<void>,
): Promise<readonly ExaminedTarget[]> {
  const results = new Map<string, ExaminedTarget>();
  const logins = new KeptLogins();
  const alike = new Alike();
  const work = async (job: Job): Promise<void> => {
    const examined = alike.of(await examineOne(job, { timeoutMs, signal, logins, sharedMs }));
    results.set(job.target, examined);
    await tell(examined);
  };
  await allWithin(jobs, bunchesOf(waiting, Math.max(1, Math.floor(jobs / 2))), work);
  logins.close();
  return waiting.flatMap(({ target }) => results.get(target) ?? []);
}

/**
 * Targets of one server begin together, for then it is asked once (checks/look-together.ts); no more than half of all that
 * go on at once, so that a server which hangs leaves room for the others.
 */
export function bunchesOf(waiting: readonly Job[], most: number): readonly (readonly Job[])[] {
  const bunches: Job[][] = [];
  const open = new Map<string, Job[]>();
  for (const job of waiting) {
    const { server } = job;
    const before = server === undefined ? undefined : open.get(server);
    if (before !== undefined && before.length < most) {
      before.push(job);
      continue;
    }
    const bunch = [job];
    bunches.push(bunch);
    if (server !== undefined) open.set(server, bunch);
  }
  return bunches;
}

/**
 * Works on a bunch at once, as soon as all of it is within the limit; on a second one of the same server only where no other
 * waits. Fails as soon as one fails.
 */
async function allWithin(
  limit: number,
  bunches: readonly (readonly Job[])[],
  work: (job: Job) => Promise<void>,
): Promise<void> {
  const waiting = [...bunches];
  const running = new Map<Promise<void>, string | undefined>();
  while (waiting.length > 0) {
    const busy = new Set(running.values());
    const free = waiting.findIndex(([job]) => job?.server === undefined || !busy.has(job.server));
    const [bunch = []] = waiting.splice(Math.max(free, 0), 1);
    while (running.size > 0 && running.size + bunch.length > limit) await Promise.race(running.keys());
    for (const job of bunch) {
      const one: Promise<void> = work(job).then(() => void running.delete(one));
      running.set(one, job.server);
    }
  }
  await Promise.all(running.keys());
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
