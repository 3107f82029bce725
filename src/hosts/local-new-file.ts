import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';

import { guardPath, releasePath } from './if-killed.ts';
import { errorCode, problemOf } from './local-answers.ts';
import { run } from './local-programs.ts';

/** Writing a file that is to take the place of another one. What is refused is thrown as a {@link Refusal}. */

/** Writes a new file with the owner, the group, the mode and the attributes of another. The answer: what could not be kept. */
export async function writeLike(
  like: string,
  original: BigIntStats,
  written: string,
  content: Uint8Array,
): Promise<string | undefined> {
  const opened = create(written, like);
  try {
    const notKept = await copyAttributes(like, opened);
    ownAndMode(opened, original, like);
    writeAll(opened, content);
    fsyncSync(opened);
    return notKept;
  } finally {
    closeSync(opened);
  }
}

export function create(path: string, beside: string): number {
  guardPath(path);
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    const { code, message } = problemOf(error).problem;
    throw new Refusal(code, `no file can be made beside ${beside} in ${dirname(path)}: ${message}`);
  }
}

/**
 * Access control lists, extended attributes and the SELinux label: GNU cp alone knows all of them. Where there is another cp
 * it is said, for nothing else tells whether the file has any. The new file goes by its descriptor: whoever may write in
 * the directory could put a link in the place of its name, and root would give away what that leads to.
 */
async function copyAttributes(from: string, opened: number): Promise<string | undefined> {
  const to = `/proc/${process.pid}/fd/${opened}`;
  const ran = await run('cp', ['--attributes-only', '--preserve=all', '--', from, to]);
  if (ran.ok && ran.value.exitCode === 0) return undefined;
  return 'access control lists and SELinux labels: the cp of this machine does not carry them over';
}

function ownAndMode(opened: number, original: BigIntStats, like: string): void {
  const now = fstatSync(opened, { bigint: true });
  try {
    if (now.uid !== original.uid || now.gid !== original.gid)
      fchownSync(opened, Number(original.uid), Number(original.gid));
  } catch (error) {
    const { code, message } = problemOf(error).problem;
    throw new Refusal(
      code,
      `${like} belongs to the group with the number ${original.gid}, which this user cannot give a new file: ${message}`,
    );
  }
  fchmodSync(opened, Number(original.mode & 0o7777n));
}

export function writeAll(opened: number, content: Uint8Array): void {
  for (let done = 0; done < content.length;) done += writeSync(opened, content, done);
}

/** A name that no include_dir takes for a configuration file: it begins with a dot and does not end in `.conf`. */
export const nameBeside = (file: string): string =>
  join(dirname(file), `.standbylint-${randomBytes(6).toString('hex')}.tmp`);

/** Gives a file that is written its name, which nothing may have: rename(2) alone would take the place of what is there. */
export function intoPlace(written: string, path: string): void {
  try {
    linkSync(written, path);
    unlinkSync(written);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw taken(path);
    if (!cannotLink.has(errorCode(error))) throw error;
    refuseTaken(path);
    renameSync(written, path);
  }
}

export function refuseTaken(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw taken(path);
}

const taken = (path: string): Refusal => new Refusal('EEXIST', `${path} is there already`);

/** link(2): another file system, one that has no links, or a file that may not be linked. */
export const cannotLink: ReadonlySet<string | undefined> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

export function takeAway(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it was not made, or has its place already
  }
  releasePath(path);
}

/** Why a file is left as it is. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
