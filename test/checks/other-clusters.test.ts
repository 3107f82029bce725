import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { runningClusters } from '../../src/checks/other-clusters.ts';
import { localHost } from '../../src/hosts/local.ts';
import { until } from '../lab/until.ts';

/** A program of that name, which works there. Gives its number once it has its name. */
async function aPostgresIn(directory: string): Promise<number> {
  const program = join(directory === '/' ? await aFolder() : directory, 'postgres');
  await copyFile('/bin/sleep', program);
  const child = spawn(program, ['60'], { cwd: directory, stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('it did not start');
  await until('it runs', async () => ((await localHost().processStatus(pid)).ok ? true : null));
  return pid;
}

async function aFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-clusters-')));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

const numbers = async (): Promise<readonly (number | undefined)[]> =>
  (await runningClusters(localHost())).map(({ cluster }) => cluster.pid);

it.runIf(process.platform === 'linux')('a server that has not gone to its data directory yet has none', async () => {
  const starting = await aPostgresIn('/');
  const folder = await aFolder();
  await writeFile(join(folder, 'PG_VERSION'), '15\n');
  await mkdir(join(folder, 'global'));
  const there = await aPostgresIn(folder);
  const found = await numbers();
  expect(found).toContain(there);
  expect(found).not.toContain(starting);
});
