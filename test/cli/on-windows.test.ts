import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-'));
  // what Node.js has there, as far as it differs
  await writeFile(
    join(folder, 'windows.cjs'),
    `Object.defineProperty(process, 'platform', { value: 'win32' });
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups']) delete process[name];
const os = require('node:os');
os.platform = () => 'win32';
os.userInfo = () => ({ username: 'me', uid: -1, gid: -1, homedir: 'C:\\\\Users\\\\me', shell: null });
`,
  );
});
afterAll(async () => rm(folder, { recursive: true }));

const run = (
  words: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, ['-r', join(folder, 'windows.cjs'), program, ...words], {
    encoding: 'utf8',
    cwd: folder,
  });

describe('on Windows', () => {
  it.each([
    [['rules']],
    [['explain', 'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", no encryption']],
    [['config']],
    [['--help']],
  ])('%j works', (words) => {
    expect(run(words)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    [['preflight', '-h', 'db1', '-D', String.raw`C:\data`, '-R']],
    [['clone', '-h', 'db1', '-D', String.raw`C:\data`, '-R']],
    [['postmortem', '-D', String.raw`C:\data`]],
    [['collect', 'postmortem', '-D', String.raw`C:\data`, '-o', 'facts.json']],
    [['collect', 'preflight', '-h', 'db1', '-D', String.raw`C:\data`, '-o', 'facts.json']],
  ])('%j says that it does not look there', (words) => {
    const { status, stdout, stderr } = run(words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^standbylint: The files and processes of Windows are not looked at\.\n/u);
  });
});
