import { accessSync, closeSync, fstatSync, lstatSync, openSync, opendirSync, readSync } from 'node:fs';
import { readlinkSync, realpathSync, statSync, statfsSync } from 'node:fs';
import type { Dirent, StatsFs, Stats } from 'node:fs';

import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import { problemOf, withinTime } from './local-answers.ts';
import { anythingMayHang, wayTo } from './local-mounts.ts';

/** The system calls of a look at the files. */
export interface FileCalls {
  stat(path: string): Promise<Stats>;
  lstat(path: string): Promise<Stats>;
  statfs(path: string): Promise<StatsFs>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  access(path: string, mode: number): Promise<void>;
  open(path: string, flags: number): Promise<OpenFile>;
  opendir(path: string, options: { readonly bufferSize: number }): Promise<OpenDirectory>;
}

export interface OpenFile {
  stat(): Promise<Stats>;
  read(into: Uint8Array, offset: number, length: number, from: number): Promise<{ readonly bytesRead: number }>;
  /** At most so many bytes, which are nobody else's. */
  bytes?(length: number, from: number): Uint8Array;
  close(): Promise<void>;
}

interface OpenDirectory {
  read(): Promise<Dirent | null>;
  close(): Promise<void>;
}

/** One look at a path: at once, and where a network file system is on the way within `timeoutMs`. */
export async function look<T>(
  path: string,
  timeoutMs: number,
  call: (files: FileCalls) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  if (path.includes('\0')) return noAnswer('EINVAL', 'the path holds a NUL byte');
  // a target of a fleet has a thousand looks, and what they wait for is one of their costs
  const way = anythingMayHang() ? await wayTo(path, timeoutMs) : noneHangs;
  if (!way.ok) return way;
  return way.value.mayHang
    ? withinTime(timeoutMs, path, async () => call(await inThePool()))
    : call(atOnce).catch((error: unknown) => problemOf(error));
}

const noneHangs = answer({ mayHang: false });

/** On other threads, so that a call which never comes back holds nobody. Node takes its time to load it. */
export const inThePool = async (): Promise<FileCalls> => import('node:fs/promises');

/** What is looked for and is not there is no surprise, and an error of Node's takes ten times as long as the call. */
const quietly = { throwIfNoEntry: false } as const;

function notThere(): never {
  throw new NotThere();
}

class NotThere {
  readonly code = 'ENOENT';
}

/** Most of what is read is short: memory of its own for each takes longer than the call. What is in here is copied out at once. */
const passing = Buffer.allocUnsafeSlow(256 * 1024);

/** To hand a call to another thread, and its result back, takes ten times as long as the call. */
export const atOnce: FileCalls = {
  stat: async (path) => statSync(path, quietly) ?? notThere(),
  lstat: async (path) => lstatSync(path, quietly) ?? notThere(),
  statfs: async (path) => statfsSync(path),
  readlink: async (path) => readlinkSync(path),
  realpath: async (path) => realpathSync.native(path),
  access: async (path, mode) => accessSync(path, mode),
  open: async (path, flags) => {
    const file = openSync(path, flags);
    return {
      stat: async () => fstatSync(file),
      read: async (...where) => ({ bytesRead: readSync(file, ...where) }),
      bytes: (length, from) => {
        const size = readSync(file, passing, 0, Math.min(length, passing.length), from);
        return Buffer.from(passing.subarray(0, size));
      },
      close: async () => closeSync(file),
    };
  },
  opendir: async (path, options) => {
    const directory = opendirSync(path, options);
    return { read: async () => directory.readSync(), close: async () => directory.closeSync() };
  },
};
