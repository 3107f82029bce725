import type { ChildProcessByStdio } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import { Duplex } from 'node:stream';
import type { Readable, Writable } from 'node:stream';

import { answer, noAnswer } from './host.ts';
import type { Answer, Host, Problem, Ran, Running, RunOptions, StartOptions } from './host.ts';
import { guardGroup, releaseGroup } from './if-killed.ts';
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
  const inherited = options.alone === true ? {} : { ...process.env, LC_ALL: 'C' };
  const child = started(program, args, { ...inherited, ...options.environment }, options.input, options.account);
  if ('problem' in child) return child;
  const group = groupOf(child);
  const stop = new AbortController();
  const timer = setTimeout(
    () => stop.abort(noAnswer('ETIMEDOUT', `${program} did not end within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const tooMuch = (): void => stop.abort(noAnswer('EMSGSIZE', `${program} printed more than ${maxBytes} bytes`));
  const onAbort = (): void => stop.abort(noAnswer('ECANCELED', `${program} was interrupted`));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const stdout = collected(child.stdout, maxBytes, tooMuch);
  const stderr = collected(child.stderr, maxBytes, tooMuch);
  const over = endOf(child);
  try {
    const first = await Promise.race([over, aborted(stop.signal)]);
    if ('problem' in first) {
      if (group !== undefined) await endGroup(group, child, over);
      return first;
    }
    const { error, exitCode, signal } = first;
    if (error !== undefined) return notStarted(program, error);
    if (exitCode === undefined) return noAnswer('EINTR', `${program} was ended by ${signal ?? 'a signal'}`);
    return answer({ exitCode, stdout: stdout(), stderr: stderr() });
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
  const child = started(program, args, { ...process.env, ...options.environment }, undefined);
  if ('problem' in child) return { pid: undefined, ended: Promise.resolve(child), interrupt: () => undefined };
  const group = groupOf(child);
  const isWhole = options.endsWithUs === true;
  if (isWhole && group !== undefined) guardGroup(group);
  follow(child.stdout, options.onStdout);
  follow(child.stderr, options.onStderr);
  let late: NodeJS.Timeout | undefined;
  return {
    pid: child.pid,
    ended: endOf(child).then(({ error, exitCode, signal }) => {
      clearTimeout(late);
      if (group !== undefined) groups.delete(group);
      // pg_basebackup that is killed leaves the process that receives WAL for it
      if (isWhole && group !== undefined) {
        signalGroup(group, 'SIGKILL');
        releaseGroup(group);
      }
      return error === undefined ? answer({ exitCode, signal }) : notStarted(program, error);
    }),
    interrupt: (signal) => {
      if (group === undefined || !groups.has(group)) return;
      signalGroup(group, signal);
      // one that is stopped would hear of it when it is continued
      signalGroup(group, 'SIGCONT');
      late ??= setTimeout(() => signalGroup(group, 'SIGKILL'), interruptMs);
    },
  };
}

/** A program that is talked to: what is written comes to its standard input, which `end` closes. */
export interface OpenProgram {
  write(text: string | Uint8Array): void;
  end(): void;
  /** It and its children end at once. */
  kill(): void;
}

/** Who hears what such a program says. */
export interface ProgramListener {
  onStdout(chunk: Buffer): void;
  onStderr(text: string): void;
  /** With a problem where it could not be started; without a status where a signal ended it. */
  onEnd(problem: Problem | undefined, exitCode?: number): void;
}

/** Starts a program that answers for as long as it is asked. It holds up the end of this process no longer than `end` is waited for. */
export function openProgram(program: string, args: readonly string[], on: ProgramListener): OpenProgram {
  const child = talkedTo(program, args);
  if ('problem' in child) {
    queueMicrotask(() => on.onEnd(child.problem));
    return { write: () => undefined, end: () => undefined, kill: () => undefined };
  }
  const group = groupOf(child);
  child.stdout.on('data', (chunk: Buffer) => on.onStdout(chunk));
  follow(child.stderr, (text) => on.onStderr(text));
  void endOf(child).then(({ error, exitCode }) => {
    if (group !== undefined) groups.delete(group);
    on.onEnd(error === undefined ? undefined : notStarted(program, error).problem, exitCode);
  });
  return {
    write: (text) => void child.stdin.write(text),
    end: () => child.stdin.end(),
    kill: () => {
      if (group !== undefined && groups.has(group)) signalGroup(group, 'SIGKILL');
    },
  };
}

/** The same as a stream, for a protocol of its own; its error output is dropped. The program ends with the stream. */
export function programStream(program: string, args: readonly string[]): Duplex {
  const child = talkedTo(program, args);
  if ('problem' in child)
    return new Duplex().destroy(Object.assign(new Error(child.problem.message), { code: child.problem.code }));
  const group = groupOf(child);
  child.stderr.resume();
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => child.stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, done),
    final: (done) => void child.stdin.end(done),
    destroy: (error, done) => {
      if (group !== undefined && groups.has(group)) signalGroup(group, 'SIGTERM');
      done(error);
    },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.stdout.on('end', () => stream.push(null));
  void endOf(child).then(({ error }) => {
    if (group !== undefined) groups.delete(group);
    if (error !== undefined) stream.destroy(new Error(notStarted(program, error).problem.message));
  });
  return stream;
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
/** How long what is interrupted may take to end. */
const interruptMs = 10_000;

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;
type TalkedTo = ChildProcessByStdio<Writable, Readable, Readable>;
type NotStarted = { readonly ok: false; readonly problem: Problem };

/** Node's own spawn: a library for child processes takes longer to load than the look for which it is needed. */
function started(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  input: string | undefined,
  account?: RunOptions['account'],
): Child | NotStarted {
  // libuv drops the other groups where the user is changed
  const as = account === undefined ? {} : { uid: account.uid, gid: account.gid, cwd: '/' };
  const options = { detached: true, windowsHide: true, env: environment, ...as };
  // most examinations run no program, and Node takes its time to load it
  const { spawn } = process.getBuiltinModule('node:child_process');
  try {
    if (input === undefined) return spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    // a program that does not read its input, or has ended already, is no fault
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return child;
  } catch (error) {
    // some refusals come as an event, others (a NUL byte, more arguments than the system takes) at once
    return notStarted(program, error);
  }
}

function talkedTo(program: string, args: readonly string[]): TalkedTo | NotStarted {
  const { spawn } = process.getBuiltinModule('node:child_process');
  try {
    const child = spawn(program, args, { detached: true, windowsHide: true, stdio: ['pipe', 'pipe', 'pipe'] });
    // it may have ended already
    child.stdin.on('error', () => undefined);
    return child;
  } catch (error) {
    return notStarted(program, error);
  }
}

/** Groups that still run; when the tool ends before them, they end with it. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGTERM');
});

function groupOf(child: { readonly pid?: number | undefined }): number | undefined {
  if (child.pid !== undefined) groups.add(child.pid);
  return child.pid;
}

function signalGroup(group: number, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    // nothing of it is left
    return false;
  }
}

interface Ending {
  /** It could not be started. */
  readonly error: unknown;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/** What a program leaves behind in the background, as a server that it started, may hold its output open forever. */
const lastWordsMs = 200;

/** When it has ended, and its output as well, or the time for that is up. */
const endOf = (child: Child): Promise<Ending> =>
  new Promise((resolveEnd) => {
    let timer: NodeJS.Timeout | undefined;
    child.on('error', (error) => {
      // without a process there is no `close` either
      if (child.pid === undefined) resolveEnd({ error, exitCode: undefined, signal: undefined });
    });
    child.on('exit', () => {
      timer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, lastWordsMs);
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolveEnd({ error: undefined, exitCode: exitCode ?? undefined, signal: signal ?? undefined });
    });
  });

/** What a stream brings, to be read at its end; tells when it is more than `maxBytes`, and keeps no more. */
function collected(stream: Readable, maxBytes: number, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString();
}

function notStarted(program: string, error: unknown): NotStarted {
  const code = errorCode(error) ?? 'EUNKNOWN';
  if (code === 'ENOENT') return noAnswer(code, `${program} is not there`);
  return code === 'EACCES'
    ? noAnswer(code, `${program} may not be run by this user`)
    : noAnswer(code, `${program} could not be started (${code})`);
}

const aborted = (signal: AbortSignal): Promise<{ readonly ok: false; readonly problem: Problem }> =>
  new Promise((resolveAborted) => {
    signal.addEventListener('abort', () => resolveAborted(signal.reason), { once: true });
  });

async function endGroup(group: number, child: Child, over: Promise<Ending>): Promise<void> {
  if (signalGroup(group, 'SIGTERM')) {
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolveGrace) => {
      timer = setTimeout(resolveGrace, graceMs);
    });
    await Promise.race([over, grace]);
    clearTimeout(timer);
    signalGroup(group, 'SIGKILL');
  }
  // a child that left the group may hold the pipes open forever
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
  const status = await host.status(path, { followLinks: true });
  if (!status.ok || status.value.kind !== 'file') return false;
  const executable = await host.may(path, 'execute');
  return executable.ok && executable.value;
}

/** Of the release that a folder is named for: `postgresql@9.6`, `pgsql-17`, `18`. Locales, which could compare so, take long to load. */
const numberIn = (name: string): number => Number(/\d+(?:\.\d+)?(?=\D*$)/.exec(name)?.[0] ?? -1);

const expanded = async (host: Host, places: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(places.map((place) => expand(host, '', place.split('/').slice(1))))).flat();

async function expand(host: Host, folder: string, parts: readonly string[]): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  if (part === undefined) return [folder];
  if (!part.includes('*')) return expand(host, `${folder}/${part}`, rest);
  const listing = await host.list(folder === '' ? '/' : folder);
  if (!listing.ok) return [];
  const [head = '', tail = ''] = part.split('*', 2);
  const names = listing.value.entries
    .map(({ name }) => name)
    .filter((name) => name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail))
    .toSorted((a, b) => numberIn(b) - numberIn(a));
  return (await Promise.all(names.map((name) => expand(host, `${folder}/${name}`, rest)))).flat();
}
