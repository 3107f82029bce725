import { closeSync, constants, lstatSync, openSync, opendirSync, readSync, statSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';

import { answer, noAnswer } from './host.ts';
import type { FileInTree, TreeOptions } from './file-tree.ts';
import type { Answer } from './host.ts';
import { errorCode, problemOf } from './local-answers.ts';
import { wayTo } from './local-mounts.ts';

/**
 * The plain files of directories and of all below them, by calls that come back at once: one by one through a Host they take
 * twice as long, and find(1) takes twenty times as long to start as to look at a thousand. Nobody waits for a network
 * file system here.
 */
export async function filesBelow(
  directories: readonly string[],
  options: TreeOptions,
): Promise<Answer<readonly FileInTree[]>> {
  try {
    return answer(await new Tree(options).all(directories));
  } catch (error) {
    return error instanceof Unfinished ? noAnswer('E2BIG', error.message) : problemOf(error);
  }
}

class Unfinished extends Error {}

const deepest = 8;
const turnMs = 2;

class Tree {
  readonly #options: TreeOptions;
  readonly #files: FileInTree[] = [];
  readonly #until: number;
  readonly #buffer: Uint8Array;
  #turn = performance.now();
  #opened = 0;

  constructor(options: TreeOptions) {
    this.#options = options;
    this.#until = performance.now() + options.timeoutMs;
    this.#buffer = new Uint8Array(options.beginning?.bytes ?? 0);
  }

  async all(directories: readonly string[]): Promise<readonly FileInTree[]> {
    for (const directory of directories) {
      await this.#passable(directory);
      await this.#directory(directory, false, 0);
    }
    return this.#files;
  }

  async #passable(path: string): Promise<void> {
    const way = await wayTo(path, this.#options.timeoutMs);
    if (!way.ok || way.value.mayHang) throw new Unfinished(`${path} is not looked at here`);
  }

  async #directory(path: string, isBehindLink: boolean, depth: number): Promise<void> {
    if (depth > deepest) throw new Unfinished(`${path} is too deep`);
    for (const entry of entriesOf(path, this.#options.limit)) {
      const { name } = entry;
      const at = `${path}/${name}`;
      // before the first call that follows it: a link, or another file system that is mounted there
      if (!entry.isFile()) await this.#passable(at);
      const own = ifThere(() => lstatSync(at, quietly));
      const isLink = own?.isSymbolicLink() === true;
      const found = isLink ? ifThere(() => statSync(at, quietly)) : own;
      if (found?.isDirectory() === true) await this.#directory(at, isBehindLink || isLink, depth + 1);
      else if (found?.isFile() === true) this.#file(at, name, found, isBehindLink || isLink);
      // to wait for nothing takes as long as the look at a file
      if (this.#isDue()) await this.#giveWay();
    }
  }

  #file(path: string, name: string, { size: sizeBytes, mode, uid }: Stats, isBehindLink: boolean): void {
    if (this.#files.length === this.#options.limit) throw new Unfinished('there are more');
    const beginning = sizeBytes > 0 ? this.#beginning(path, name) : undefined;
    this.#files.push({ path, sizeBytes, mode: mode & 0o7777, uid, isBehindLink, beginning });
  }

  #beginning(path: string, name: string): Uint8Array | undefined {
    const { beginning } = this.#options;
    if (beginning === undefined || this.#opened === beginning.most || !beginning.of(name)) return undefined;
    this.#opened += 1;
    // what was a plain file a moment ago: if it is none any more, it is not waited for
    const file = ifThere(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    if (file === undefined) return undefined;
    try {
      return this.#buffer.slice(0, readSync(file, this.#buffer, 0, beginning.bytes, 0));
    } finally {
      closeSync(file);
    }
  }

  #isDue(): boolean {
    const now = performance.now();
    if (now > this.#until) throw new Unfinished('it takes too long');
    return now - this.#turn >= turnMs;
  }

  /** To what else has come meanwhile. */
  async #giveWay(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#turn = performance.now();
  }
}

const quietly = { throwIfNoEntry: false } as const;

function entriesOf(path: string, limit: number): readonly Dirent[] {
  const directory = ifThere(() => opendirSync(path, { bufferSize: 1_024 }));
  if (directory === undefined) return [];
  try {
    const entries: Dirent[] = [];
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      if (entries.length > limit) throw new Unfinished('there are more');
      entries.push(entry);
    }
    return entries;
  } finally {
    directory.closeSync();
  }
}

/** What goes while it is looked at is no gap. */
function ifThere<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
