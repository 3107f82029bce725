import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { emptiedTables } from '../../src/checks/emptied-tables.ts';
import { localHost } from '../../src/hosts/local.ts';
import { dataFilesOf } from './data-files-of.ts';

const made: string[] = [];
afterAll(async () => Promise.all(made.map(async (one) => rm(one, { recursive: true }))));

/** The files of a data directory by their names, and how many bytes each has. */
async function lostAmong(files: Readonly<Record<string, number>>): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'emptied.d-'));
  made.push(directory);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), Buffer.alloc(bytes));
  }
  const lost = await emptiedTables(localHost(), directory, ['base']);
  const known = await emptiedTables(localHost(), directory, ['base'], await dataFilesOf(directory));
  const byPath = (one: typeof lost) => one.toSorted((a, b) => a.path.localeCompare(b.path));
  // by find(1), and by what was looked at once for all checks
  expect(byPath(known)).toEqual(byPath(lost));
  return byPath(lost).map(({ path }) => path);
}

it.each([
  ['emptied', { 'base/5/2619': 0, 'base/5/2619_vm': 8192 }, ['base/5/2619']],
  ['gone', { 'base/5/2619_vm': 8192 }, ['base/5/2619']],
  ['the first part of a large one', { 'base/5/16384': 0, 'base/5/16384.1': 8192 }, ['base/5/16384']],
  ['a part in the middle', { 'base/5/16384': 1, 'base/5/16384.1': 0, 'base/5/16384.2': 1 }, ['base/5/16384.1']],
  ['a part that is gone', { 'base/5/16384': 1, 'base/5/16384.9': 1, 'base/5/16384.10': 1 }, ['base/5/16384.8']],
])('%s', async (_name, files, lost) => expect(await lostAmong(files)).toEqual(lost));

it.each([
  ['whole', { 'base/5/2619': 8192, 'base/5/2619_vm': 8192, 'base/5/2619_fsm': 24_576 }],
  [
    'truncated, which its free space map outlives',
    { 'base/5/16384': 0, 'base/5/16384_vm': 0, 'base/5/16384_fsm': 16_384 },
  ],
  ['empty', { 'base/5/16384': 0 }],
  ['dropped, and to be removed at the next checkpoint', { 'base/5/16384': 0, 'base/5/16384.1': 0 }],
  ['unlogged', { 'base/5/16384': 0, 'base/5/16384_init': 0, 'base/5/16384_vm': 8192 }],
  ['unlogged and large', { 'base/5/16384.1': 1, 'base/5/16384_init': 0 }],
  ['no file of a server', { 'base/notes.2': 1, 'base/a_vm': 1 }],
])('is quiet: %s', async (_name, files) => expect(await lostAmong(files)).toEqual([]));
