import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { missingPagesCheck } from '../../src/checks/missing-pages.ts';
import { relationFilesCheck } from '../../src/checks/relation-files.ts';
import { ifSeen, notApplicable, seen } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';
import { dataFilesOf } from './data-files-of.ts';
import { aControlFile, aDataDirectory, aRunningStandby, healthyStandby } from '../rules/standby-world.ts';
import { anAdminServer } from '../rules/world.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'standbylint-relations-'));
  for (const name of ['base/5', 'global', 'pg_tblspc']) await mkdir(join(directory, name), { recursive: true });
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const surroundings = { host: localHost(), subject: { command: 'postmortem', admin: {} } } as never;

test('a file that goes while all are listed does not end the list', async () => {
  await writeFile(join(directory, 'base/5/16384'), Buffer.alloc(8192, 1));
  // as its name is listed, it is not there
  await writeFile(join(directory, 'base/5/1\n2'), '');
  const facts = {
    dataDirectory: seen(aDataDirectory({ path: directory }), ''),
    runningStandby: seen(aRunningStandby(), ''),
    dataFiles: notApplicable('find(1) is asked'),
  };
  const { relationFiles } = await relationFilesCheck.look(facts, surroundings);
  expect(relationFiles).toMatchObject({
    status: 'seen',
    value: { files: [{ path: 'base/5/16384', bytes: 8192, firstIsZero: false }], areAll: true },
  });
});

test('what was looked at once for all checks is what find(1) lists', async () => {
  await rm(join(directory, 'base/5/1\n2'));
  const zeros = Buffer.alloc(16_384);
  const files = {
    'base/5/2619': Buffer.alloc(8192, 1),
    'base/5/2619_vm': Buffer.alloc(8192, 1),
    'base/5/16390': Buffer.alloc(0),
    'base/5/16391': zeros,
    'base/5/16391.1': zeros,
    'base/5/16393': zeros,
    'base/5/16393_init': Buffer.alloc(0),
    'base/5/t3_16394': zeros,
    'global/1262': zeros,
    'base/notes.txt': zeros,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  const space = await mkdtemp(join(tmpdir(), 'standbylint-space-'));
  await mkdir(join(space, 'PG_17_202406281/5'), { recursive: true });
  await writeFile(join(space, 'PG_17_202406281/5/16400'), zeros);
  await symlink(space, join(directory, 'pg_tblspc/16399'));
  const facts = {
    dataDirectory: seen(aDataDirectory({ path: directory }), ''),
    runningStandby: seen(aRunningStandby(), ''),
  };
  const [asked, known] = await Promise.all(
    [notApplicable('find(1) is asked'), seen((await dataFilesOf(directory)) ?? [], '')].map(async (dataFiles) => {
      const { relationFiles } = await relationFilesCheck.look({ ...facts, dataFiles }, surroundings);
      const found = ifSeen(relationFiles);
      return { ...found, files: found?.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
    }),
  );
  await rm(space, { recursive: true });
  expect(known).toEqual(asked);
  expect(known?.areAll).toBe(true);
  expect(known?.files?.filter(({ firstIsZero }) => firstIsZero).map(({ path }) => path)).toEqual([
    'base/5/16391',
    'base/5/16391.1',
    'global/1262',
    'pg_tblspc/16399/PG_17_202406281/5/16400',
  ]);
});

test('an upstream that is a standby may have replayed less: nothing is missed', async () => {
  const facts = {
    dataDirectory: seen(aDataDirectory({ path: directory }), ''),
    controlFile: seen(aControlFile(), ''),
    runningStandby: seen(aRunningStandby(), ''),
    adminServer: seen(anAdminServer({ inRecovery: true }), ''),
    timelines: seen(healthyStandby.timelines, ''),
    relationFiles: seen({ files: [], areAll: true }, ''),
  };
  const { missingPages } = await missingPagesCheck.look(facts as never, surroundings);
  expect(missingPages).toMatchObject({ status: 'not-applicable', why: expect.stringContaining('is a standby too') });
});
