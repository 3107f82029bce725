import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { missingFiles } from '../../src/checks/missing-files.ts';
import { localHost } from '../../src/hosts/local.ts';
import { lsn } from '../../src/postgres/lsn.ts';
import type { OpenSession } from '../../src/servers/session.ts';

const path = 'base/5/16384';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'standbylint-missing-'));
  await mkdir(join(directory, 'base/5'), { recursive: true });
});
afterAll(async () => rm(directory, { recursive: true, force: true }));
const standby = { host: localHost(), areAll: true };

/** A primary that has these files, and this LSN on the first page of each. */
function primaryWith(names: readonly string[], changed: bigint): OpenSession {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(Number(changed >> 32n), 0);
  header.writeUInt32LE(Number(changed & 0xffff_ffffn), 4);
  const rowsFor = (statement: string) =>
    statement.includes('pg_read_binary_file')
      ? names.filter((name) => statement.includes(`${name}}`)).map((name) => [name, header.toString('hex')])
      : [[names.join(',')]];
  return {
    simpleQuery: (statement: string) => Promise.resolve({ ok: true, results: [{ rows: rowsFor(statement) }] }),
  } as unknown as OpenSession;
}

const position = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffffn });

test('a file is missed where its first page was changed before the restartpoint, and only there', async () => {
  await fc.assert(
    fc.asyncProperty(position, position, fc.constantFrom('gone', 'zeros', 'there'), async (changed, redo, here) => {
      const files = here === 'gone' ? [] : [{ path, bytes: 8192, firstIsZero: here === 'zeros' }];
      await rm(join(directory, path), { force: true });
      if (here !== 'gone') await writeFile(join(directory, path), Buffer.alloc(8192, here === 'zeros' ? 0 : 1));
      const restartpoint = { redo: lsn(redo) ?? expect.fail(), at: 1_795_290_000 };
      const found = await missingFiles(primaryWith([path], changed), { ...standby, directory, files }, restartpoint, 0);
      const isLost = here !== 'there' && changed >= 0x10_0000n && changed <= redo;
      expect(found.map((one) => one.path)).toEqual(isLost ? [path] : []);
    }),
    { numRuns: 300 },
  );
});

test('an unlogged table has no file that a standby needs', async () => {
  const session = primaryWith([path, `${path}_init`], 0x200_0000n);
  const restartpoint = { redo: lsn(0x300_0000n) ?? expect.fail(), at: 1_795_290_000 };
  expect(await missingFiles(session, { ...standby, directory, files: [] }, restartpoint, 0)).toEqual([]);
});

test.each([
  ['the list may have gaps', { areAll: false }, 'gone'],
  ['it was not in the list, and is there', {}, 'there'],
  ['it is above a file, where nobody can look', {}, 'elsewhere'],
])('nothing is missed where %s', async (_, change, here) => {
  const name = here === 'elsewhere' ? 'base/5/16385/1' : path;
  await rm(join(directory, path), { force: true });
  if (here === 'there') await writeFile(join(directory, path), Buffer.alloc(8192, 1));
  if (here === 'elsewhere') await writeFile(join(directory, 'base/5/16385'), '');
  const restartpoint = { redo: lsn(0x300_0000n) ?? expect.fail(), at: 1_795_290_000 };
  const session = primaryWith([name], 0x200_0000n);
  expect(await missingFiles(session, { ...standby, directory, files: [], ...change }, restartpoint, 0)).toEqual([]);
});

test('a file that its primary takes away a moment later is not missed', async () => {
  await rm(join(directory, path), { force: true });
  const both = [primaryWith([path], 0x200_0000n), primaryWith([], 0x200_0000n)];
  let asked = 0;
  const session = {
    simpleQuery: (statement: string) => {
      asked += statement.includes('pg_read_binary_file') ? 1 : 0;
      return both[asked > 1 ? 1 : 0]?.simpleQuery(statement);
    },
  } as unknown as OpenSession;
  const restartpoint = { redo: lsn(0x300_0000n) ?? expect.fail(), at: 1_795_290_000 };
  expect(await missingFiles(session, { ...standby, directory, files: [] }, restartpoint, 0)).toEqual([]);
  expect(asked).toBe(2);
});
