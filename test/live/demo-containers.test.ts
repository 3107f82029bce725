import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aDocker, anImageOfItsOwn, noDocker } from '../lab/docker.ts';
import type { Docker } from '../lab/docker.ts';
import { complete } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { itsRelease, turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));
const major = turn === 'whole' ? 15 : (itsRelease(complete, 2, turn) ?? 15);
let here: Docker;

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('the tour in containers', { timeout: 600_000 }, () => {
    beforeAll(async () => {
      here = await aDocker();
    }, 60_000);
    afterAll(async () => here.end(), 60_000);

    test('pulls nothing: without an image it says what to type', async () => {
      const { exitCode, stderr } = await demo('--docker');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('docker pull postgres:17');
      expect(await here.docker('image', 'ls', '-q')).toBe('');
    });

    test('names four failures, mends them as printed, and has the same rows on both sides', async () => {
      await anImageOfItsOwn(here, major, `postgres:${major}`);
      const crashed = new Set<string>();
      const watched = watchedLogs(crashed);
      const { exitCode, stdout, stderr } = await demo('--docker');
      await watched();
      expect(exitCode, stderr).toBe(0);
      const named = [...stdout.matchAll(/^✖ 1 .*?\n?.*? ([a-z]+\/[a-z-]+)$/gmu)].map(([, rule]) => rule);
      expect(named).toEqual([
        'target/not-empty',
        'hba/no-replication-entry',
        'role/missing',
        'role/no-replication',
        'standby/signal-missing',
      ]);
      expect(stdout.match(/✔ and again: \d+ rules pass/gu)).toHaveLength(4);
      expect(stdout).toMatch(/rows of public\.accounts\s+10,003\s+=\s+10,003/u);
      expect(stdout.match(/^ {4}10003$/gmu)).toHaveLength(2);
      expect(stdout).toContain('✔ postgres-standby streams again');
      expect(stdout).not.toContain('a-password-for-the-demo');
      expect([...crashed]).toEqual([]);
      await expectNothingLeft();
    });

    test('leaves containers of the same name alone, and nothing behind when it is interrupted', async () => {
      await here.docker('create', '--name', 'postgres-primary', `postgres:${major}`);
      const child = execa(process.execPath, [program, 'demo', '--docker'], {
        env: { DOCKER_HOST: here.host, PATH: '/usr/bin:/bin' },
        extendEnv: false,
        reject: false,
      });
      let told = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text;
        if (told.includes('Second failure')) child.kill('SIGINT');
      });
      expect((await child).exitCode).toBe(130);
      expect(await here.docker('ps', '-a', '--format', '{{.Names}}')).toBe('postgres-primary');
      await here.docker('rm', '-v', 'postgres-primary');
      await expectNothingLeft();
    });
  });

test('without a daemon it says so', async () => {
  const { exitCode, stderr } = await runStandbylint(['demo', '--docker'], {
    user: null,
    env: { DOCKER_HOST: 'unix:///nonexistent/socket' },
  });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/needs a Docker daemon/u);
});

const demo = (...words: readonly string[]) =>
  runStandbylint(['demo', ...words], { user: null, env: { DOCKER_HOST: here.host }, timeoutMs: 590_000 });

async function expectNothingLeft(): Promise<void> {
  // what ends with its input ends a moment later
  await until('no container is left', async () => ((await here.docker('ps', '-aq')) === '' ? true : null));
  expect(await here.docker('volume', 'ls', '-q')).toBe('');
  const networks = (await here.docker('network', 'ls', '--format', '{{.Name}}')).split('\n');
  expect(networks.filter((name) => !['bridge', 'host', 'none'].includes(name))).toEqual([]);
}

/** A server whose first process took something of ours for a crashed backend says so. */
function watchedLogs(crashed: Set<string>): () => Promise<void> {
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted)
      for (const name of ['postgres-primary', 'postgres-standby']) {
        const { all } = await execa('docker', ['logs', name], {
          env: { DOCKER_HOST: here.host },
          reject: false,
          all: true,
        });
        for (const line of all.split('\n'))
          if (/was terminated by signal|\) exited with exit code/u.test(line)) crashed.add(`${name}: ${line}`);
        await new Promise((resolve) => {
          setTimeout(resolve, 500);
        });
      }
  })();
  return async () => {
    over.abort();
    await watch;
  };
}
