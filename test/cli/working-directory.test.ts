import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { serverUser } from '../../src/throwaway/os-user.ts';
import { runStandbylint } from '../lab/standbylint.ts';

async function aFolder(mode: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-directory-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, mode);
  return folder;
}

const calls: readonly (readonly [string, number])[] = [
  ['preflight -h 127.0.0.1 -p 1 -U replicator -D /nowhere/standby -w', 1],
  ['postmortem -D /nowhere/standby', 1],
  ['collect postmortem -D /nowhere/standby -o -', 0],
  ['fleet', 2],
  ['config', 0],
  ['rules', 0],
];

const root = process.getuid?.() === 0;

describe.each(calls)('%s', (call, status) => {
  // `runuser -u postgres -- standbylint …`, typed in the home of root
  it.skipIf(!root)('does not mind a directory that it may not look into', async () => {
    const user = await serverUser();
    const folder = await aFolder(0o700);
    const { exitCode, stdout, stderr } = await runStandbylint(call.split(' '), {
      cwd: folder,
      user: null,
      within: ['setpriv', `--reuid=${user?.uid}`, `--regid=${user?.gid}`, '--clear-groups'],
    });
    expect(`${stdout}${stderr}`).not.toContain('internal error');
    expect(exitCode, stderr).toBe(status);
  });

  it('does not mind that its directory was removed', async () => {
    const folder = await aFolder(0o755);
    const { exitCode, stdout, stderr } = await runStandbylint(call.split(' '), {
      cwd: folder,
      user: null,
      within: ['sh', '-c', 'rmdir "$0" && exec "$@"', folder],
    });
    expect(`${stdout}${stderr}`).not.toContain('internal error');
    expect(exitCode, stderr).toBe(status);
  });
});

it('says that a file cannot be written into a directory that was removed', async () => {
  const folder = await aFolder(0o755);
  const { exitCode, stderr } = await runStandbylint(['init'], {
    cwd: folder,
    user: null,
    within: ['sh', '-c', 'rmdir "$0" && exec "$@"', folder],
  });
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/the current directory does not exist any more/u)]);
});
