import { open, readFile, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { errorCode } from '../../hosts/local-answers.ts';
import type { JournalSink } from '../../fixes/journal.ts';
import { UsageError } from '../usage-error.ts';

/** Begins a journal in a file that does not exist yet, for its owner alone. Throws a {@link UsageError} where it cannot be made. */
export async function newJournal(given: string | undefined, now: Date): Promise<JournalSink> {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/gu, '');
  const path = resolve(given ?? `standbylint-fix-${stamp}Z.jsonl`);
  try {
    const file = await open(path, 'wx', 0o600);
    const folder = await open(dirname(path), 'r');
    await folder.sync();
    await folder.close();
    return sinkOf(path, file);
  } catch (error) {
    throw notWritten(path, error);
  }
}

/** Goes on with a journal. Throws a {@link UsageError} where that cannot be done. */
export async function sameJournal(path: string): Promise<JournalSink> {
  try {
    return sinkOf(path, await open(path, 'a'));
  } catch (error) {
    throw notWritten(path, error);
  }
}

/**
 * The text of a journal. It says what is to be run, and so it must be a plain file of nobody's but ours (or root's): throws
 * a {@link UsageError} otherwise.
 */
export async function journalText(given: string): Promise<{ readonly path: string; readonly text: string }> {
  const path = resolve(given);
  const status = await stat(path).catch((error: unknown) => {
    throw new UsageError(
      `${path} cannot be read (${errorCode(error) ?? 'no reason was given'}).`,
      'Give a journal that --fix wrote.',
    );
  });
  if (!status.isFile()) throw new UsageError(`${path} is not a regular file.`, 'Give a journal that --fix wrote.');
  const own = process.getuid?.();
  if (own !== undefined && status.uid !== own && status.uid !== 0)
    throw new UsageError(
      `${path} is owned by another user, who could have written anything to it.`,
      'Run this as its owner.',
    );
  if ((status.mode & 0o022) !== 0)
    throw new UsageError(
      `${path} is writable by other users, who could have written anything to it.`,
      `Check its content, then run: chmod 0600 ${path}`,
    );
  if (status.size > longest)
    throw new UsageError(`${path} is too large for a journal.`, 'Give a journal that --fix wrote.');
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read (${errorCode(error) ?? 'no reason was given'}).`,
      'Run this as its owner.',
    );
  }
}

const longest = 16 * 1024 * 1024;

const sinkOf = (path: string, file: FileHandle): JournalSink => ({
  path,
  append: async (line) => {
    await file.appendFile(line);
    await file.sync();
  },
});

const notWritten = (path: string, error: unknown): UsageError =>
  new UsageError(
    `The journal ${path} cannot be written (${errorCode(error) ?? 'no reason was given'}), and --fix does nothing without one.`,
    'Give another file with --fix-journal FILE.',
  );
