import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer, Replaced, Replacement } from './host.ts';
import { releasePath } from './if-killed.ts';
import { errorCode, problemOf } from './local-answers.ts';
import { wayTo } from './local-mounts.ts';
import {
  cannotLink,
  create,
  intoPlace,
  nameBeside,
  Refusal,
  refuseTaken,
  takeAway,
  writeAll,
  writeLike,
} from './local-new-file.ts';

/**
 * See {@link Host.replaceFile}. The new content is written to a file beside the old one, which takes its place by rename(2);
 * the old one goes on under the copy's name, so that nothing is lost that somebody else writes into it meanwhile. The
 * calls do not wait for one another (no promise stands between the last look and the rename): what another program can
 * do unnoticed, has to happen between two system calls.
 */
export async function replaceFile(
  path: string,
  replacement: Replacement,
  timeoutMs = 5_000,
): Promise<Answer<Replaced>> {
  const way = await wayTo(path, timeoutMs);
  if (!way.ok) return way;
  const { expected } = replacement;
  try {
    return expected === null
      ? makeFile(path, replacement.content)
      : await exchange(realpathSync(path), { ...replacement, expected });
  } catch (error) {
    if (error instanceof Refusal) return noAnswer(error.code, error.message);
    const { code, message } = problemOf(error).problem;
    return noAnswer(code, `${message}: ${placeOf(error) ?? path}`);
  }
}

async function exchange(
  file: string,
  { expected, content, copy }: Replacement & { readonly expected: Uint8Array },
): Promise<Answer<Replaced>> {
  const opened = openPlain(file);
  const written = nameBeside(file);
  try {
    const original = lookAt(file, expected);
    mayKeepOwner(file, original);
    refuseTaken(copy);
    let kept: 'linked' | 'copied' | undefined;
    let notKept: string | undefined;
    try {
      notKept = await writeLike(file, original, written, content);
      kept = await keepAs(copy, file, original, expected);
      lookAt(file, expected);
      if (!isSame(original, lstatSync(file, { bigint: true }))) throw changed(file);
      rename(written, file);
    } catch (error) {
      takeAway(written);
      // what was made a moment ago says nothing that the file itself does not say
      if (kept !== undefined) takeAway(copy);
      throw error;
    }
    syncDirectories(file, copy);
    // whoever had the old file open can have written into it until the very last moment
    const late = contentOf(opened);
    if (late.equals(expected)) return answer({ file, notKept: original.nlink > 1n ? otherNames : notKept });
    if (kept === 'linked') linkSync(copy, written);
    else await writeLike(file, original, written, late);
    renameSync(written, file);
    takeAway(copy);
    throw changed(file);
  } finally {
    closeSync(opened);
    releasePath(written);
  }
}

const otherNames = 'the other names of the file (hard links), which still show it as it was';

const changed = (file: string): Refusal =>
  new Refusal('EBUSY', `another program is changing ${file}: its changes are kept`);

/** What the file is, as long as it holds what is expected. */
function lookAt(file: string, expected: Uint8Array): BigIntStats {
  const opened = openPlain(file);
  try {
    const found = fstatSync(opened, { bigint: true });
    if (found.size === BigInt(expected.length) && contentOf(opened).equals(expected)) return found;
    throw new Refusal('EBUSY', `${file} has changed since it was read`);
  } finally {
    closeSync(opened);
  }
}

/** As openPlainFile of local-files.ts does it: looked at before it is opened, and again when it is. */
function openPlain(file: string): number {
  const refusal = new Refusal('ENOTSUP', `${file} is not a plain file`);
  if (!statSync(file).isFile()) throw refusal;
  const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW);
  if (fstatSync(opened).isFile()) return opened;
  closeSync(opened);
  throw refusal;
}

/** From its beginning, wherever it was read to. */
function contentOf(opened: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const chunk = Buffer.alloc(64 * 1024);
    const read = readSync(opened, chunk, 0, chunk.length, at);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    at += read;
  }
}

const isSame = (one: BigIntStats, other: BigIntStats): boolean =>
  one.dev === other.dev && one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs;

/** Only root may give a file to somebody else. */
function mayKeepOwner(file: string, { uid }: BigIntStats): void {
  const self = process.geteuid?.() ?? 0;
  if (self !== 0 && BigInt(self) !== uid)
    throw new Refusal(
      'EPERM',
      `${file} belongs to the user with the number ${uid}: only that user or root can edit it`,
    );
}

/** The file as it is, under another name; where a second name cannot be had (another file system), a copy. */
async function keepAs(
  copy: string,
  file: string,
  original: BigIntStats,
  expected: Uint8Array,
): Promise<'linked' | 'copied'> {
  try {
    linkSync(file, copy);
    return 'linked';
  } catch (error) {
    if (!cannotLink.has(errorCode(error))) throw error;
  }
  const written = nameBeside(copy);
  try {
    await writeLike(file, original, written, expected);
    const opened = openSync(written, constants.O_RDONLY);
    try {
      futimesSync(opened, Number(original.atimeMs) / 1000, Number(original.mtimeMs) / 1000);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    intoPlace(written, copy);
  } finally {
    takeAway(written);
  }
  return 'copied';
}

function rename(written: string, file: string): void {
  try {
    renameSync(written, file);
  } catch (error) {
    // a container may have the single file mounted
    if (errorCode(error) !== 'EBUSY') throw error;
    throw new Refusal('EBUSY', `${file} is mounted by itself, and cannot be replaced as a whole`);
  }
}

/** A file that was not there; root makes it for the owner of the directory. */
function makeFile(path: string, content: Uint8Array): Answer<Replaced> {
  const directory = realpathSync(dirname(path));
  const file = join(directory, basename(path));
  const written = nameBeside(file);
  try {
    const opened = create(written, file);
    try {
      const { uid, gid } = statSync(directory);
      if (process.geteuid?.() === 0) fchownSync(opened, uid, gid);
      fchmodSync(opened, 0o600);
      writeAll(opened, content);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    intoPlace(written, file);
  } finally {
    takeAway(written);
  }
  syncDirectories(file);
  return answer({ file, notKept: undefined });
}

/** So that the new names outlive a power failure. Some file systems cannot do it and do not need it (EINVAL). */
function syncDirectories(...files: readonly string[]): void {
  for (const directory of new Set(files.map((file) => dirname(file)))) {
    const opened = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(opened);
    } catch (error) {
      if (errorCode(error) !== 'EINVAL') throw error;
    } finally {
      closeSync(opened);
    }
  }
}

/** The path that a system call was about. */
const placeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'path' in error && typeof error.path === 'string'
    ? error.path
    : undefined;
