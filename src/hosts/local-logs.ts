import { resolve } from 'node:path';
import { Readable } from 'node:stream';

import { answer } from './host.ts';
import type { Host, Pieces, Problem } from './host.ts';
import { errorCode, problemOf, withinTime } from './local-answers.ts';
import { atOnce, inThePool, look } from './local-calls.ts';
import type { OpenFile } from './local-calls.ts';
import { openPlainFile } from './local-files.ts';
import { wayTo } from './local-mounts.ts';
import { matching } from './path-pattern.ts';

/** Files that are too big to be taken whole, found by globs. */
export function localLogs(
  timeoutMs: number,
  host: Pick<Host, 'status' | 'list' | 'workingDirectory'>,
): Pick<Host, 'glob' | 'pieces'> {
  return {
    glob: (patterns) => withinTime(timeoutMs, 'the globs', async () => answer(await glob(patterns, host, timeoutMs))),
    pieces: async (path, options = {}) => {
      if (path === '-') return answer(piecesOf(process.stdin, options.unpacked === true));
      const way = await wayTo(path, timeoutMs);
      if (!way.ok) return way;
      return withinTime(timeoutMs, path, async () => {
        const isShort = !way.value.mayHang && (await atOnce.stat(path)).size <= pieceBytes;
        const opened = await openPlainFile(isShort ? atOnce : await inThePool(), path);
        if (!opened.ok) return opened;
        const unpacked = options.unpacked === true;
        return answer(piecesOf(readFrom(opened.value.file, options.from ?? 0, { anew: unpacked }), unpacked));
      });
    },
  };
}

async function glob(
  patterns: readonly string[],
  host: Parameters<typeof matching>[0],
  timeoutMs: number,
): Promise<readonly string[]> {
  const plain = patterns.filter((pattern) => !saysMore.test(pattern));
  const [some, others] = await Promise.all([
    matching(host, plain),
    withAllSigns(
      patterns.filter((pattern) => saysMore.test(pattern)),
      host.workingDirectory,
      timeoutMs,
    ),
  ]);
  return [...new Set([...some, ...others])].toSorted();
}

/** What only a library understands: folders below folders, alternatives, negations, a sign that stands for itself. */
const saysMore = /[{}()!+@\\]|\*\*/u;

async function withAllSigns(patterns: readonly string[], cwd: string, timeoutMs: number): Promise<readonly string[]> {
  const isThere = async (path: string): Promise<boolean> =>
    (await look(resolve(cwd, path), timeoutMs, async (files) => answer(await files.lstat(resolve(cwd, path))))).ok;
  const meant = await Promise.all(
    patterns.map(async (pattern) => {
      // a path that is there is itself, whatever signs are in its name
      if (await isThere(pattern)) return { pattern, isPath: true };
      const before = directoryBefore(pattern);
      return before !== undefined && (await isThere(before)) ? { pattern, isPath: false } : undefined;
    }),
  );
  const possible = meant.filter((one) => one !== undefined);
  // it takes as long to load as fifty files to read
  if (possible.length === 0) return [];
  const { default: fastGlob } = await import('fast-glob');
  const globs = possible.map(({ pattern, isPath }) => (isPath ? fastGlob.escapePath(pattern) : pattern));
  const found = await fastGlob(globs, { cwd, absolute: true, dot: true, suppressErrors: true });
  return found.toSorted();
}

/** The directory that a glob looks in; undefined for what has no sign of a glob. */
function directoryBefore(pattern: string): string | undefined {
  const words = pattern.split('/');
  const first = words.findIndex((word) => /[*?[\]{}()!+@\\]/u.test(word));
  return first === -1 ? undefined : `${words.slice(0, first).join('/')}/`.replace(/^\/$/u, first === 0 ? '.' : '/');
}

const pieceBytes = 1024 * 1024;

/**
 * All pieces in one piece of memory, unless they are passed on as they come: to leave each to the garbage collector makes
 * the memory grow with the log where the collector gets no turn.
 */
async function* readFrom(
  file: OpenFile,
  from: number,
  { anew }: { readonly anew: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = Buffer.allocUnsafe(pieceBytes);
  try {
    for (let at = from; ;) {
      if (anew) piece = Buffer.allocUnsafe(pieceBytes);
      const { bytesRead } = await file.read(piece, 0, pieceBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** What breaks on the way (a damaged archive, a disk) ends the pieces, and is told when they have ended. */
export function piecesOf(source: AsyncIterable<Uint8Array>, unpacked: boolean): Pieces {
  let problem: Problem | undefined;
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* unpacked ? unpackedOf(source) : source;
    } catch (error) {
      problem = isOfGzip(error)
        ? { code: error.code, message: 'what gzip packed is damaged, or was not written to its end' }
        : problemOf(error).problem;
    }
  }
  return { pieces: pieces(), problem: () => problem };
}

async function* unpackedOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { createGunzip } = await import('node:zlib');
  const packed = Readable.from(source);
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const piece of gunzip) if (piece instanceof Uint8Array) yield piece;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

const isOfGzip = (error: unknown): error is { readonly code: string } => errorCode(error)?.startsWith('Z_') === true;
