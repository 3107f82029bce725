import { delimiter, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

import { execa } from 'execa';

import { answer, noAnswer } from './host.ts';
import type { Answer, Host, Problem, Ran, Running, RunOptions, StartOptions } from './host.ts';
import { errorCode } from './local-answers.ts';

/**
 * Runs a program in a process group of its own, so that its children end with it: SIGTERM at the time-out, SIGKILL a
 * moment later. `LC_ALL=C` is added, so that what it prints can be read.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Answer<Ran>> {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const maxBytes = options.maxOutputBytes ?? defaultOutputBytes;
  if (options.signal?.aborted === true)
    return noAnswer('ECANCELED', `${program} was not run: the examination was interrupted`);
  const child = execa(program, [...args], {
    ...separate,
    env: { LC_ALL: 'C', ...options.environment },
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    maxBuffer: maxBytes,
  });
  const group = groupOf(child);
  const stop = new AbortController();
  const timer = setTimeout(
    () => stop.abort(noAnswer('ETIMEDOUT', `${program} did not end within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const onAbort = (): void => stop.abort(noAnswer('ECANCELED', `${program} was interrupted`));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const first = await Promise.race([ended(child, program, maxBytes), aborted(stop.signal)]);
    if (!first.ok && group !== undefined) await endGroup(group, child);
    return first;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    if (group !== undefined) groups.delete(group);
  }
}

/**
 * Starts a program that lives longer than a look, in a session of its own: Ctrl-C at the terminal does not reach it, so
 * that it is interrupted once, by `interrupt`, and with the children that it may have, as the terminal would do it. It
 * cannot ask for a password (it has no terminal); its environment is ours and `environment`, and no `LC_ALL` is added,
 * for a server that is started would keep it.
 */
export function start(program: string, args: readonly string[], options: StartOptions = {}): Running {
  const child = execa(program, [...args], {
    ...separate,
    env: { ...options.environment },
    stdin: 'ignore',
    buffer: false,
  });
  const group = groupOf(child);
  follow(child.stdout, options.onStdout);
  follow(child.stderr, options.onStderr);
  return {
    pid: child.pid,
    ended: child.then((result) => {
      if (group !== undefined) groups.delete(group);
      const code = errorCode(result.cause);
      if (result.exitCode === undefined && result.signal === undefined)
        return noAnswer(code ?? 'EUNKNOWN', notStarted(program, code));
      return answer({ exitCode: result.exitCode, signal: result.signal });
    }),
    interrupt: (signal) => {
      if (group !== undefined && groups.has(group)) signalGroup(group, signal);
    },
  };
}

/**
 * Where a program is: PATH first, in its order, then `places`. An empty word of PATH is the working directory, as for
 * the shell.
 */
export async function findPrograms(host: Host, name: string, places: readonly string[]): Promise<readonly string[]> {
  const path = (host.environment['PATH'] ?? '').split(delimiter);
  const folders = [...path.map((folder) => resolve(host.workingDirectory, folder)), ...(await expanded(host, places))];
  const candidates = [...new Set(folders.map((folder) => join(folder, name)))];
  const found = await Promise.all(
    candidates.map(async (candidate) => ((await isProgram(host, candidate)) ? candidate : undefined)),
  );
  return found.filter((candidate) => candidate !== undefined);
}

const defaultOutputBytes = 4 * 1024 * 1024;
const graceMs = 500;

const separate = {
  detached: true,
  cleanup: false,
  reject: false,
  stripFinalNewline: false,
  windowsHide: true,
} as const;

/** Groups that still run; when the tool ends before them, they end with it. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGTERM');
});

function groupOf(child: { readonly pid?: number | undefined }): number | undefined {
  if (child.pid !== undefined) groups.add(child.pid);
  return child.pid;
}

function signalGroup(group: number, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    // nothing of it is left
    return false;
  }
}

interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly isMaxBuffer: boolean;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
  readonly cause?: unknown;
}

async function ended(child: PromiseLike<Ending>, program: string, maxBytes: number): Promise<Answer<Ran>> {
  const result = await child;
  if (result.isMaxBuffer) return noAnswer('EMSGSIZE', `${program} printed more than ${maxBytes} bytes`);
  if (result.exitCode === undefined) {
    const code = errorCode(result.cause);
    return result.signal === undefined
      ? noAnswer(code ?? 'EUNKNOWN', notStarted(program, code))
      : noAnswer('EINTR', `${program} was ended by ${result.signal}`);
  }
  return answer({ exitCode: result.exitCode, stdout: textOf(result.stdout), stderr: textOf(result.stderr) });
}

const textOf = (output: unknown): string => (typeof output === 'string' ? output : '');

const notStarted = (program: string, code: string | undefined): string => {
  if (code === 'ENOENT') return `${program} is not there`;
  return code === 'EACCES'
    ? `${program} may not be run by this user`
    : `${program} could not be started (${code ?? 'no reason given'})`;
};

const aborted = (signal: AbortSignal): Promise<{ readonly ok: false; readonly problem: Problem }> =>
  new Promise((resolveAborted) => {
    signal.addEventListener('abort', () => resolveAborted(signal.reason), { once: true });
  });

interface Child extends PromiseLike<Ending> {
  readonly stdout: Readable;
  readonly stderr: Readable;
  unref(): void;
}

async function endGroup(group: number, child: Child): Promise<void> {
  if (signalGroup(group, 'SIGTERM')) {
    const over = child.then(() => true);
    const grace = new Promise<boolean>((resolveGrace) => {
      setTimeout(() => resolveGrace(false), graceMs);
    });
    await Promise.race([over, grace]);
    signalGroup(group, 'SIGKILL');
  }
  // a child that left the group may hold the pipes open for ever
  child.stdout.destroy();
  child.stderr.destroy();
  // and one that waits in the kernel cannot be ended at all: nobody waits for it
  child.unref();
}

function follow(stream: Readable, listener: ((text: string) => void) | undefined): void {
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => listener?.(chunk));
}

async function isProgram(host: Host, path: string): Promise<boolean> {
  const [status, executable] = await Promise.all([host.status(path, { followLinks: true }), host.may(path, 'execute')]);
  return status.ok && status.value.kind === 'file' && executable.ok && executable.value;
}

async function expanded(host: Host, places: readonly string[]): Promise<readonly string[]> {
  return (
    await Promise.all(
      places.map((place) =>
        expand(
          host,
          '/',
          place.split('/').filter((part) => part !== ''),
        ),
      ),
    )
  ).flat();
}

async function expand(host: Host, folder: string, parts: readonly string[]): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  if (part === undefined) return [folder];
  if (!part.includes('*')) return expand(host, join(folder, part), rest);
  const listing = await host.list(folder);
  if (!listing.ok) return [];
  const [head = '', tail = ''] = part.split('*', 2);
  const names = listing.value.entries
    .map(({ name }) => name)
    .filter((name) => name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return (await Promise.all(names.map((name) => expand(host, join(folder, name), rest)))).flat();
}
