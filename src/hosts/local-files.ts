import { constants } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';

import { answer, noAnswer } from './host.ts';
import type { Answer, FileContent, FileKind, FileStatus, Host, Listing } from './host.ts';
import { errorCode, problemOf } from './local-answers.ts';
import { look } from './local-calls.ts';
import type { FileCalls, OpenFile } from './local-calls.ts';

/** The files of this machine. */
export function localFiles(
  timeoutMs: number,
): Pick<Host, 'status' | 'read' | 'list' | 'readLink' | 'realPath' | 'may'> {
  return {
    status: (path, options) =>
      look(path, timeoutMs, async (files) =>
        answer(statusOf(await (options?.followLinks === true ? files.stat(path) : files.lstat(path)))),
      ),
    read: (path, options) =>
      look(path, timeoutMs, (files) => readFile(files, path, options?.maxBytes ?? defaultMaxBytes, options?.from ?? 0)),
    list: (path, options) => look(path, timeoutMs, (files) => list(files, path, options?.limit ?? defaultLimit)),
    readLink: (path) => look(path, timeoutMs, async (files) => answer(await files.readlink(path))),
    realPath: (path) => look(path, timeoutMs, async (files) => answer(await files.realpath(path))),
    may: (path, what) => look(path, timeoutMs, (files) => may(files, path, what)),
  };
}

const defaultMaxBytes = 16 * 1024 * 1024;
const defaultLimit = 1_000;
const leastBytes = 4 * 1024;
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

export interface OpenedFile {
  readonly file: OpenFile;
  readonly sizeBytes: number;
}

/**
 * Looks first and opens then, for the mere opening of a FIFO wakes its writer and that of a device can do anything; and
 * looks again at what was opened, without ever waiting, for it may have been exchanged in between.
 */
export async function openPlainFile(files: FileCalls, path: string): Promise<Answer<OpenedFile>> {
  const before = refusal(await files.stat(path));
  if (before !== undefined) return before;
  const file = await files.open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const opened = await file.stat();
  const after = refusal(opened);
  if (after === undefined) return answer({ file, sizeBytes: opened.size });
  await file.close();
  return after;
}

async function readFile(files: FileCalls, path: string, maxBytes: number, from: number): Promise<Answer<FileContent>> {
  const opened = await openPlainFile(files, path);
  if (!opened.ok) return opened;
  const { file, sizeBytes } = opened.value;
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    // one byte more than is wanted tells whether there is more; the size is a hint and no more (it is 0 under /proc)
    const likelyBytes = Math.min(Math.max(sizeBytes - from + 1, leastBytes), chunkBytes);
    while (length <= maxBytes) {
      const chunk = await read(file, Math.min(likelyBytes, maxBytes + 1 - length), from + length);
      if (chunk.length === 0) break;
      chunks.push(chunk);
      length += chunk.length;
    }
    const [only = Buffer.of()] = chunks;
    const bytes = chunks.length < 2 ? only : Buffer.concat(chunks, length);
    return answer({ bytes: bytes.subarray(0, maxBytes), truncated: length > maxBytes });
  } finally {
    await file.close();
  }
}

async function read(file: OpenFile, length: number, from: number): Promise<Uint8Array> {
  if (file.bytes !== undefined) return file.bytes(length, from);
  const chunk = new Uint8Array(length);
  const { bytesRead } = await file.read(chunk, 0, length, from);
  return chunk.subarray(0, bytesRead);
}

function refusal(
  found: Stats,
): { readonly ok: false; readonly problem: { code: string; message: string } } | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return noAnswer('EISDIR', 'it is a directory');
  return noAnswer('ENOTSUP', `it is a ${kindOf(found) ?? 'special file'}, not a plain file`);
}

async function list(files: FileCalls, path: string, limit: number): Promise<Answer<Listing>> {
  const directory = await files.opendir(path, { bufferSize: Math.min(limit + 1, 1_024) });
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

async function may(files: FileCalls, path: string, what: 'read' | 'write' | 'execute'): Promise<Answer<boolean>> {
  try {
    await files.access(path, modes[what]);
    return answer(true);
  } catch (error) {
    if (!refusals.has(errorCode(error))) return problemOf(error);
    // EACCES of a directory on the way is no answer about the file itself
    await files.lstat(path);
    return answer(false);
  }
}
