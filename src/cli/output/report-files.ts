import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, appendFile, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { guardPath, releasePath } from '../../hosts/if-killed.ts';
import { errorCode } from '../../hosts/local-answers.ts';
import type { Output } from '../options/outputs.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Replaces a file as a whole, so that whoever reads it meanwhile (the node exporter, a collector of reports) sees the
 * earlier report or the new one. A device or a pipe is written to as it is.
 */
export async function writeReport(file: string, text: string | Iterable<string>): Promise<void> {
  return writeWhole(file, text, { what: 'The report', modeAfter: (before = 0o666) => before });
}

/** The same of any file that the program writes; the mode may depend on that of the file that is there. */
export async function writeWhole(
  file: string,
  content: string | Uint8Array | Iterable<string>,
  { what, modeAfter }: { readonly what: string; readonly modeAfter: (before: number | undefined) => number },
): Promise<void> {
  try {
    const before = await statOf(file);
    if (before !== undefined && !before.isFile()) {
      await writeFile(file, content);
      return;
    }
    const target = before === undefined ? file : await realpath(file);
    // not .prom: the node exporter reads only files of that name
    const written = resolve(dirname(target), `.${basename(target)}.standbylint-${randomBytes(6).toString('hex')}`);
    try {
      const mode = modeAfter(before && before.mode & 0o777);
      guardPath(written);
      const handle = await open(written, 'wx', mode);
      try {
        if (before !== undefined) await handle.chmod(mode);
        await writeFile(handle, content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(written, target);
    } catch (error) {
      await rm(written, { force: true });
      throw error;
    } finally {
      releasePath(written);
    }
  } catch (error) {
    throw notWritten(what, file, error);
  }
}

/** Adds to the file that an environment variable names. */
export async function appendReport(file: string, variable: string, text: string | Iterable<string>): Promise<void> {
  try {
    await appendFile(file, typeof text === 'string' ? text : [...text].join(''));
  } catch (error) {
    throw notWritten('The report', `${file} (${variable})`, error);
  }
}

/** Before anything is looked at: a report that cannot be written is told at once, and not after a base backup. */
export async function checkOutputs(outputs: readonly Pick<Output, 'file'>[]): Promise<void> {
  for (const { file } of outputs) if (file !== undefined) await checkWritable(file, 'The report');
}

/** Before anything is looked at. */
export async function checkWritable(file: string, what: string): Promise<void> {
  try {
    const before = await statOf(file);
    if (before?.isDirectory() === true) throw new Error('it is a directory');
    const replaced = before === undefined || before.isFile();
    const target = before === undefined ? file : await realpath(file);
    await access(replaced ? dirname(target) : file, constants.W_OK);
  } catch (error) {
    throw notWritten(what, file, error);
  }
}

async function statOf(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function notWritten(what: string, file: string, error: unknown): UsageError {
  const code = errorCode(error) ?? '';
  const why = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return new UsageError(
    `${what} could not be written to ${file}: ${why}.`,
    'Name a file in a directory that exists and that you may write to.',
  );
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its parent is not a directory',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
};
