import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';

import type { ThrowawayServer } from '../../../src/throwaway/throwaway-server.ts';
import { asUser } from '../../../src/throwaway/os-user.ts';
import type { OsUser } from '../../../src/throwaway/os-user.ts';
import { until } from '../../lab/until.ts';
import type { Round } from './draw.ts';

const program = fileURLToPath(new URL('../../../dist/standbylint.js', import.meta.url));

export interface Call {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: OsUser | null;
}

/** What can be struck beside the program: the servers, and the daemons whose children are shells of ours on the other machine. */
export interface Surroundings {
  readonly primary: Server;
  readonly standby: Server;
  readonly doors: () => Promise<readonly number[]>;
}

type Server = Pick<ThrowawayServer, 'processId'>;

export interface Run {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
  /** The command line of whoever was struck; undefined where nobody was there any more. */
  readonly struck: string | undefined;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly words: string;
}

async function processes(): Promise<readonly Process[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const all = await Promise.all(
    ids.map(async (id) => {
      const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
      const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const words = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(id), parent: Number(parent), state, words: words.replaceAll('\0', ' ').trim() };
    }),
  );
  return all.filter(({ state }) => state !== '' && state !== 'Z' && state !== 'X');
}

function below(root: number | undefined, all: readonly Process[]): readonly Process[] {
  if (root === undefined) return [];
  const children = all.filter(({ parent }) => parent === root);
  return [...children, ...children.flatMap(({ pid }) => below(pid, all))];
}

const serverAt = async (server: Server, all: readonly Process[]): Promise<readonly Process[]> => {
  const pid = await server.processId().catch(() => null);
  const postmaster = all.filter((one) => one.pid === pid && one.words.includes('postgres'));
  return [...postmaster, ...below(postmaster[0]?.pid, all)];
};

/** The processes of the victim, of which one is drawn. */
async function victimsOf(
  { victim }: Round,
  { primary, standby, doors }: Surroundings,
  own: number,
): Promise<readonly Process[]> {
  const all = await processes();
  const servers = [await serverAt(primary, all), await serverAt(standby, all)];
  if (victim === 'primary') return servers[0] ?? [];
  if (victim === 'standby') return servers[1] ?? [];
  if (victim === 'program') return all.filter(({ pid }) => pid === own);
  const ofServers = new Set(servers.flat().map(({ pid }) => pid));
  const bash = new Set(all.filter(({ words }) => /^\S*\bbash\b/u.test(words)).map(({ pid }) => pid));
  // what the user's own .bashrc starts before the shell is ours may hold a lock of its own forever
  const there = (await doors()).flatMap((door) =>
    below(
      door,
      all.filter(({ parent }) => !bash.has(parent)),
    ),
  );
  return [...below(own, all), ...there].filter(({ pid, words }) => !ofServers.has(pid) && words !== '');
}

/** Runs the command, and strikes at the moment. A stopped process goes on some time later, but for one that is a way to another machine. */
export async function struckRun(
  round: Round | undefined,
  call: Call,
  around: Surroundings,
  lengthMs: number,
): Promise<Run> {
  const mark = randomBytes(8).toString('hex');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, ...call.words], {
    ...asUser(call.user),
    cwd: call.cwd,
    env: { ...call.environment, STANDBYLINT_ROUND: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const over = new AbortController();
  const closed = once(child, 'close').then(() => over.abort());
  const stopped: number[] = [];
  let struck: string | undefined;
  const strike = async (): Promise<void> => {
    if (round === undefined) return;
    await Promise.race([pause(round.moment * lengthMs), closed]);
    for (let tries = 0; struck === undefined && (!over.signal.aborted || tries === 0); tries += 1) {
      const found = await victimsOf(round, around, child.pid ?? 0);
      const one = found[Math.floor(round.which * found.length)];
      if (one !== undefined && signalled(one.pid, round.signal)) {
        struck = `${one.pid} ${one.words}`;
        if (round.signal === 'SIGSTOP') stopped.push(one.pid);
        // a way to another machine stays as it is: time-outs end it
        const isWay = /^(?:\S*\/)?(?:ssh|docker) /u.test(one.words) && call.words[0] !== 'clone';
        if (!isWay) await Promise.race([pause(500 + round.which * 1_500), closed.then(() => pause(200))]);
        if (!isWay) for (const pid of stopped.splice(0)) signalled(pid, 'SIGCONT');
      }
      await pause(10);
    }
  };
  const striking = strike();
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000 + 8 * lengthMs);
  await closed;
  clearTimeout(late);
  const elapsedMs = performance.now() - startedAt;
  await striking;
  for (const pid of stopped) signalled(pid, 'SIGCONT');
  await untilNothingIsLeft(mark, around);
  return { exitCode: child.exitCode, stdout, stderr, elapsedMs, struck };
}

/** No process that it started, here or there, but for a server; and nobody is stopped. */
async function untilNothingIsLeft(mark: string, { primary, standby, doors }: Surroundings): Promise<void> {
  let left: readonly Process[] = [];
  await until(
    'the end of all that it started',
    async () => {
      const all = await processes();
      const servers = new Set(
        [...(await serverAt(primary, all)), ...(await serverAt(standby, all))].map(({ pid }) => pid),
      );
      const marked = await Promise.all(
        all.map(async (one) =>
          (await readFile(`/proc/${one.pid}/environ`, 'utf8').catch(() => '')).includes(mark) ? [one] : [],
        ),
      );
      const bash = new Set(all.filter(({ words }) => /^\S*\bbash\b/u.test(words)).map(({ pid }) => pid));
      // what the user's own .bashrc starts before the shell is ours may hold a lock of its own forever
      const there = (await doors()).flatMap((door) =>
        below(
          door,
          all.filter(({ parent }) => !bash.has(parent)),
        ),
      );
      const ours = [...marked.flat(), ...there].filter(({ pid }) => !servers.has(pid));
      const stopped = all.filter(({ pid, state }) => state === 'T' && servers.has(pid));
      left = [...ours, ...stopped];
      return left.length === 0 ? true : null;
    },
    60_000,
  ).catch((error: unknown) => {
    throw new Error(`Left: ${left.map(({ pid, state, words }) => `${pid} ${state} ${words}`).join('; ')}`, {
      cause: error,
    });
  });
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
