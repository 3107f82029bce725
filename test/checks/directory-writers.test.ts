import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { until } from '../lab/until.ts';
import { factsOf, postmortemOf } from './standby-surroundings.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-written-'));
  await mkdir(join(folder, 'data'));
  await symlink('data', join(folder, 'link'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** A process that is called so, with these words. */
async function running(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000); console.log()', '--', ...words], {
    argv0: program,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await until('it runs', async () => (child.stdout.read() === null ? null : true));
  return child.pid ?? 0;
}

const writers = async (): Promise<unknown> => {
  const { directoryWriters } = await factsOf(postmortemOf(join(folder, 'data')), ['directoryWriters']);
  return directoryWriters?.status === 'seen' ? directoryWriters.value : directoryWriters;
};

test.each<readonly [string, readonly string[]]>([
  ['/usr/lib/postgresql/15/bin/pg_basebackup', ['-h', 'db1', '-D', 'DATA']],
  ['pg_basebackup', ['-DDATA', '-R']],
  ['pg_basebackup', ['--pgdata', 'DATA/']],
  ['pg_basebackup', ['--pgdata=data']],
  ['pg_basebackup', ['-D', 'link']],
  ['pg_rewind', ['--target-pgdata=DATA', '--source-server=host=db1']],
  ['pg_combinebackup', ['full', 'incremental', '-o', 'DATA']],
  ['initdb', ['-D', 'DATA']],
  ['pg_createsubscriber', ['-d', 'shop', '-D', 'DATA', '-P', 'host=db1']],
  ['pg_upgrade', ['-d', 'DATA.old', '--new-datadir=DATA', '--link']],
  ['pg_checksums', ['--enable', '-D', 'DATA']],
  ['pgbackrest', ['--stanza=main', '--pg1-path=DATA', 'restore']],
  ['barman', ['recover', 'db1', 'latest', 'DATA']],
  ['rsync', ['-a', 'db1:/srv/data/', 'DATA/']],
])('%s %j writes it', async (program, words) => {
  const pid = await running(program, written(words));
  expect(await writers()).toEqual([{ pid, program: program.replace(/.*\//u, '') }]);
});

test.each<readonly [string, readonly string[]]>([
  ['pg_basebackup', ['-D', 'DATA.new']],
  ['pg_combinebackup', ['DATA', 'incremental', '-o', 'DATA.new']],
  ['pgbackrest', ['--stanza=main', '--pg1-path=DATA', 'backup']],
  ['rsync', ['-a', 'DATA/', 'db2:/srv/data/']],
  ['pg_verifybackup', ['DATA']],
  ['pg_checksums', ['--check', '-D', 'DATA']],
])('%s %j does not', async (program, words) => {
  await running(program, written(words));
  expect(await writers()).toEqual([]);
});

const written = (words: readonly string[]): readonly string[] =>
  words.map((word) => word.replace('DATA', join(folder, 'data')));
