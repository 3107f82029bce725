import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { missingPagesCheck } from '../../src/checks/missing-pages.ts';
import { relationFilesCheck } from '../../src/checks/relation-files.ts';
import { seen } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';
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
  };
  const { relationFiles } = await relationFilesCheck.look(facts, surroundings);
  expect(relationFiles).toMatchObject({
    status: 'seen',
    value: { files: [{ path: 'base/5/16384', bytes: 8192, firstIsZero: false }], areAll: true },
  });
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
