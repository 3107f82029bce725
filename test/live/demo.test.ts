import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { asUser, serverUser } from '../../src/throwaway/os-user.ts';

import { processesIn } from '../lab/processes.ts';
import { newestRelease, onReleasesInTurn, releases } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

const isThere = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Every folder that it spoke of is gone, and nobody works in one. */
async function expectNothingLeft(result: Pick<StandbylintResult, 'stdout'>): Promise<void> {
  const folders = new Set(result.stdout.match(/\/\S*\/standbylint-[A-Za-z0-9]{6}\b/gu));
  expect(folders.size).toBeGreaterThanOrEqual(2);
  for (const folder of folders) {
    expect(await isThere(folder), folder).toBe(false);
    expect(await processesIn(folder)).toEqual([]);
  }
}

onReleasesInTurn((release) => {
  test('names three faults, mends them as printed, and shows a standby that streams', async () => {
    const path = [release.bin, '/usr/bin', '/bin'].join(':');
    const result = await runStandbylint(['demo'], { env: { PATH: path, PGHOST: 'nowhere.invalid', PGPORT: '1' } });
    expect(result.stderr).toBe('');
    expect(result.exitCode).toBe(0);
    const named = [...result.stdout.matchAll(/^✖ 1 .*?\n?.*? ([a-z]+\/[a-z-]+)$/gmu)].map(([, rule]) => rule);
    expect(named).toEqual(['target/not-empty', 'hba/no-replication-entry', 'role/no-replication']);
    expect(result.stdout.match(/✔ and again: \d+ rules pass/gu)).toHaveLength(3);
    expect(result.stdout).toMatch(/ +\d+ % .* of \d+ MB/u);
    expect(result.stdout).toContain('✔ It streams');
    expect(result.stdout).toMatch(/rows of public\.accounts +60,000 +=  *60,000/u);
    expect(result.stdout).toContain('✔ the row is there');
    expect(result.stdout).toContain('✖ standby.signal is missing');
    expect(result.stdout).toContain('✔ it streams again');
    // of several on a machine the newest counts
    expect(releases.map(({ version }) => version)).toContain(/A primary of PostgreSQL (\S+)/u.exec(result.stdout)?.[1]);
    expect(result.elapsedMs).toBeLessThan(60_000);
    await expectNothingLeft(result);
  });
});

test('an interrupt leaves nothing behind either', async () => {
  const user = await serverUser();
  const path = [newestRelease.bin, '/usr/bin', '/bin'].join(':');
  const child = execa(process.execPath, [program, 'demo'], {
    ...asUser(user),
    cwd: '/',
    env: { PATH: path, HOME: '/nonexistent' },
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    // in the middle of the copy: two servers and pg_basebackup
    if (/ +\d+ % /u.test(told)) child.kill('SIGINT');
  });
  const result = await child;
  expect(result.exitCode).toBe(130);
  expect(result.stderr).toBe('');
  await expectNothingLeft(result);
});

test('root goes on as another user', async (context) => {
  if (process.getuid?.() !== 0) context.skip('only root can leave root');
  const result = await runStandbylint(['demo'], { user: null });
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stdout.replaceAll(/\s+/gu, ' ')).toContain('PostgreSQL refuses to run as root');
  await expectNothingLeft(result);
});

test('without PostgreSQL it names what installs it, and ends with status 2', async (context) => {
  const usual = ['/usr/lib/postgresql', '/usr/local/pgsql'];
  for (const place of usual)
    if (await isThere(place)) context.skip(`${place} is one of the places where the demo finds PostgreSQL by itself`);
  const result = await runStandbylint(['demo'], { env: { PATH: join('/', 'nonexistent') } });
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(/Install one with|postgresql\.org\/download/u);
});
