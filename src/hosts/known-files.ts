import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer, FileContent, FileStatus, Listing } from './host.ts';
import { wordsFor } from './local-answers.ts';

/** So many bytes of a file, from a position on. */
export interface FilePart {
  readonly path: string;
  readonly from: number;
  readonly length: number;
}

interface Entry {
  readonly status: FileStatus;
  /** Where a link leads, where that is known; null: it may not be read. */
  readonly target: string | null | undefined;
}

interface Content {
  readonly bytes: Buffer;
  /** It is all that is in the file. */
  readonly isWhole: boolean;
}

/**
 * What was read ahead of a machine's files, and the answers that follow from it: those that the machine itself would give,
 * or undefined where it has to be asked. It is of one moment, and a look lasts a few: what is older answers nothing, and
 * nothing does any more after {@link forget}.
 */
export class KnownFiles {
  readonly #since: number;
  readonly #entries = new Map<string, Entry>();
  readonly #followed = new Map<string, FileStatus>();
  readonly #directories = new Map<string, ReadonlySet<string>>();
  readonly #missing = new Set<string>();
  readonly #physical = new Map<string, string>([['/', '/']]);
  readonly #access = new Map<string, string>();
  readonly #contents = new Map<string, Content>();
  readonly #parts = new Map<string, Buffer>();
  readonly #sizes = new Map<string, string>();
  /** Paths that are asked for by where links lead: in the words that were asked for first. */
  readonly #aliases: (readonly [string, string])[] = [];
  #isForgotten = false;

  /** Since when, in milliseconds of this machine's clock. */
  constructor(since: number) {
    this.#since = since;
  }

  forget(): void {
    this.#isForgotten = true;
  }

  isCurrent(): boolean {
    return !this.#isForgotten && Date.now() - this.#since <= mostMs;
  }

  entry(path: string, status: FileStatus, target: Entry['target']): void {
    this.#entries.set(path, { status, target });
  }
  followed(path: string, status: FileStatus): void {
    this.#followed.set(path, status);
  }
  directory(path: string, names: readonly string[]): void {
    this.#directories.set(path, new Set(names));
  }
  missing(path: string): void {
    this.#missing.add(path);
  }
  physical(path: string, real: string): void {
    this.#physical.set(path, real);
    if (path !== real) this.#aliases.push([`${real}/`, `${path}/`]);
  }
  access(path: string, letters: string): void {
    this.#access.set(path, letters);
  }
  content(path: string, bytes: Buffer, isWhole: boolean): void {
    this.#contents.set(path, { bytes, isWhole });
  }
  part({ path, from, length }: FilePart, bytes: Buffer): void {
    this.#parts.set(`${from} ${length} ${path}`, bytes);
  }
  sizes(path: string, shown: string): void {
    this.#sizes.set(path, shown);
  }

  /** `path` is absolute, as in all that follow. */
  status(path: string, followLinks: boolean): Answer<FileStatus> | undefined {
    const found = this.#of(path, (own) => this.#entries.get(own));
    if (found === undefined)
      return this.#isMissing(path)
        ? notThere
        : this.#isBelowFile(path)
          ? noDirectory
          : this.#isBelowClosed(path)
            ? closed
            : undefined;
    if (found.status.kind !== 'link' || !followLinks) return answer(found.status);
    if (found.target === null) return closed;
    const followed = this.#of(path, (own) => this.#followed.get(own));
    return followed && answer(followed);
  }

  list(path: string, limit: number): Answer<Listing> | undefined {
    const directory = this.#of(path, (own) => (this.#directories.has(own) ? own : undefined));
    if (directory === undefined) return this.#isMissing(path) ? notThere : undefined;
    const names = [...(this.#directories.get(directory) ?? [])];
    const entries = names.slice(0, limit).map((name) => ({
      name,
      kind: this.#entries.get(posix.join(directory, name))?.status.kind ?? ('unknown' as const),
    }));
    return answer({ entries, truncated: names.length > limit });
  }

  read(path: string, maxBytes: number, from: number): Answer<FileContent> | undefined {
    const found = this.#of(path, (own) => this.#contents.get(own));
    if (found === undefined) return this.#isMissing(path) ? notThere : this.#part(path, maxBytes, from);
    const { bytes, isWhole } = found;
    if (!isWhole && from + maxBytes > bytes.length) return this.#part(path, maxBytes, from);
    return answer({
      bytes: bytes.subarray(from, from + maxBytes),
      truncated: !isWhole || bytes.length > from + maxBytes,
    });
  }

  /** One byte more than is wanted tells whether there is more. */
  #part(path: string, maxBytes: number, from: number): Answer<FileContent> | undefined {
    const bytes = this.#of(path, (own) => this.#parts.get(`${from} ${maxBytes + 1} ${own}`));
    return bytes && answer({ bytes: bytes.subarray(0, maxBytes), truncated: bytes.length > maxBytes });
  }

  /** What is known of a file from its beginning on, however little that is. */
  beginning(path: string): Buffer | undefined {
    return this.#of(path, (own) => this.#contents.get(own))?.bytes;
  }

  readLink(path: string): Answer<string> | undefined {
    const found = this.#of(path, (own) => this.#entries.get(own));
    if (found === undefined) return this.#isMissing(path) ? notThere : undefined;
    if (found.status.kind !== 'link') return noAnswer('EINVAL', wordsFor('EINVAL'));
    if (found.target === null) return closed;
    return found.target === undefined ? undefined : answer(found.target);
  }

  realPath(path: string): Answer<string> | undefined {
    if (this.#isMissing(path)) return notThere;
    if (this.#of(path, (own) => this.#entries.get(own))?.target === null || this.#isBelowClosed(path)) return closed;
    const real = this.#real(path, 8);
    return real === undefined ? undefined : answer(real);
  }

  may(path: string, letter: 'r' | 'w' | 'x'): Answer<boolean> | undefined {
    const letters = this.#of(path, (own) => this.#access.get(own));
    if (letters === undefined) return this.#isMissing(path) ? notThere : undefined;
    // a link that leads nowhere may nothing, and is not there
    return letters === '' ? undefined : answer(letters.includes(letter));
  }

  /** What `stat -f` showed, and the mounts of that moment. */
  fileSystem(path: string): { readonly sizes: string; readonly mounts: string } | undefined {
    const sizes = this.#of(path, (own) => this.#sizes.get(own));
    const mounts = this.#of('/proc/self/mountinfo', (own) => this.#contents.get(own));
    return sizes === undefined || sizes === '' || mounts?.isWhole !== true
      ? undefined
      : { sizes, mounts: mounts.bytes.toString() };
  }

  #of<T>(path: string, known: (path: string) => T | undefined): T | undefined {
    if (!this.isCurrent()) return undefined;
    const own = known(path);
    if (own !== undefined) return own;
    const alias = this.#aliases.find(([real]) => `${path}/`.startsWith(real));
    return alias && known(posix.join(alias[1], path.slice(alias[0].length)));
  }

  #isMissing(path: string): boolean {
    const is = this.#of(path, (own) => {
      if (this.#missing.has(own)) return true;
      const names = this.#directories.get(posix.dirname(own));
      return names !== undefined && !names.has(posix.basename(own)) ? true : undefined;
    });
    const above = posix.dirname(path);
    return is === true || (above !== path && this.#isMissing(above));
  }

  #isBelowFile(path: string): boolean {
    const kind = this.#of(posix.dirname(path), (own) => this.#entries.get(own))?.status.kind;
    return kind !== undefined && kind !== 'directory' && kind !== 'link';
  }

  #isBelowClosed(path: string): boolean {
    const above = posix.dirname(path);
    if (above === path) return false;
    return this.#of(above, (own) => this.#entries.get(own))?.target === null || this.#isBelowClosed(above);
  }

  #real(path: string, left: number): string | undefined {
    const known = this.#of(path, (own) => this.#physical.get(own));
    if (known !== undefined) return known;
    // a process has directories of its own, and no links above what is asked of it
    const above = /^\/proc\/\d+$/u.test(path) ? path : undefined;
    if (above !== undefined) return this.#physical.get('/proc') === '/proc' ? above : undefined;
    const parent = posix.dirname(path);
    if (left === 0 || parent === path) return undefined;
    const found = this.#of(path, (own) => this.#entries.get(own));
    if (found === undefined) return undefined;
    const folder = this.#real(parent, left - 1);
    if (folder === undefined) return undefined;
    if (found.status.kind !== 'link') return posix.join(folder, posix.basename(path));
    // what /proc shows of a process need be no path
    if (typeof found.target !== 'string' || path.startsWith('/proc/')) return undefined;
    return this.#real(posix.resolve(folder, found.target), left - 1);
  }
}

/** A look over a slow way takes some seconds. */
const mostMs = 60_000;

const noDirectory = noAnswer('ENOTDIR', wordsFor('ENOTDIR'));
/** The kernel shows where a process works to who may trace it. */
const closed = noAnswer('EACCES', wordsFor('EACCES'));
const notThere = noAnswer('ENOENT', wordsFor('ENOENT'));
