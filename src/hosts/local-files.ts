import { constants } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { access, lstat, open, opendir, readlink, realpath, stat } from 'node:fs/promises';

import { answer, noAnswer } from './host.ts';
import type { Answer, FileContent, FileKind, FileStatus, Host, Listing } from './host.ts';
import { errorCode, problemOf, withinTime } from './local-answers.ts';
import { reachable } from './local-mounts.ts';

/** The files of this machine. */
export function localFiles(
  timeoutMs: number,
): Pick<Host, 'status' | 'read' | 'list' | 'readLink' | 'realPath' | 'may'> {
  const look = async <T>(path: string, call: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    if (path.includes('\0')) return noAnswer('EINVAL', 'the path holds a NUL byte');
    const way = await reachable(path, timeoutMs);
    return way.ok ? withinTime(timeoutMs, path, call) : way;
  };
  return {
    status: (path, options) =>
      look(path, async () => answer(statusOf(await (options?.followLinks === true ? stat : lstat)(path)))),
    read: (path, options) => look(path, () => read(path, options?.maxBytes ?? defaultMaxBytes, options?.from ?? 0)),
    list: (path, options) => look(path, () => list(path, options?.limit ?? defaultLimit)),
    readLink: (path) => look(path, async () => answer(await readlink(path))),
    realPath: (path) => look(path, async () => answer(await realpath(path))),
    may: (path, what) => look(path, () => may(path, what)),
  };
}

const defaultMaxBytes = 16 * 1024 * 1024;
const defaultLimit = 1_000;
const chunkBytes = 256 * 1024;

const statusOf = (found: Stats): FileStatus => ({
  kind: kindOf(found) ?? 'file',
  mode: found.mode & 0o7777,
  uid: found.uid,
  gid: found.gid,
  sizeBytes: found.size,
  device: found.dev,
  inode: found.ino,
  modifiedAt: found.mtime,
});

function kindOf(found: Stats | Dirent): FileKind | undefined {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  if (found.isSymbolicLink()) return 'link';
  if (found.isFIFO()) return 'fifo';
  if (found.isSocket()) return 'socket';
  if (found.isCharacterDevice()) return 'character device';
  return found.isBlockDevice() ? 'block device' : undefined;
}

/**
 * Looks first and opens then, for the mere opening of a FIFO wakes its writer and that of a device can do anything; and
 * looks again at what was opened, without ever waiting, for it may have been exchanged in between.
 */
export async function openPlainFile(path: string): Promise<Answer<FileHandle>> {
  const before = refusal(await stat(path));
  if (before !== undefined) return before;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const after = refusal(await file.stat());
  if (after === undefined) return answer(file);
  await file.close();
  return after;
}

async function read(path: string, maxBytes: number, from: number): Promise<Answer<FileContent>> {
  const opened = await openPlainFile(path);
  if (!opened.ok) return opened;
  const file = opened.value;
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    // one byte more than is wanted tells whether there is more; the size is no guide (it is 0 under /proc)
    while (length <= maxBytes) {
      const chunk = new Uint8Array(Math.min(chunkBytes, maxBytes + 1 - length));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, from + length);
      if (bytesRead === 0) break;
      chunks.push(chunk.subarray(0, bytesRead));
      length += bytesRead;
    }
    const bytes = Buffer.concat(chunks, length);
    return answer({ bytes: bytes.subarray(0, maxBytes), truncated: length > maxBytes });
  } finally {
    await file.close();
  }
}

function refusal(
  found: Stats,
): { readonly ok: false; readonly problem: { code: string; message: string } } | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return noAnswer('EISDIR', 'it is a directory');
  return noAnswer('ENOTSUP', `it is a ${kindOf(found) ?? 'special file'}, not a plain file`);
}

async function list(path: string, limit: number): Promise<Answer<Listing>> {
  const directory = await opendir(path, { bufferSize: Math.min(limit + 1, 1_024) });
  try {
    const entries: { readonly name: string; readonly kind: FileKind | 'unknown' }[] = [];
    for (;;) {
      const entry = await directory.read();
      if (entry === null) return answer({ entries, truncated: false });
      if (entries.length === limit) return answer({ entries, truncated: true });
      entries.push({ name: entry.name, kind: kindOf(entry) ?? 'unknown' });
    }
  } finally {
    await directory.close();
  }
}

const modes = { read: constants.R_OK, write: constants.W_OK, execute: constants.X_OK } as const;
const refusals: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS', 'ETXTBSY']);

async function may(path: string, what: 'read' | 'write' | 'execute'): Promise<Answer<boolean>> {
  try {
    await access(path, modes[what]);
    return answer(true);
  } catch (error) {
    if (!refusals.has(errorCode(error))) return problemOf(error);
    // EACCES of a directory on the way is no answer about the file itself
    await lstat(path);
    return answer(false);
  }
}
