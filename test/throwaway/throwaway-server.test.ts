import { access, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';

import { freePort } from '../../src/throwaway/free-port.ts';
import { findReleases } from '../../src/throwaway/releases.ts';
import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { newestRelease } from '../lab/releases.ts';
import { processesIn } from '../lab/processes.ts';

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a throw-away server', () => {
  test('lets its superuser in over its own socket alone', async () => {
    const server = await ThrowawayServer.create({ release: newestRelease, settings: { cluster_name: 'one' } });
    onTestFinished(async () => server.dispose());
    expect(await server.isRunning()).toBe(false);
    await server.start();
    expect(await server.isRunning()).toBe(true);
    expect(await server.query('SELECT current_user AS me, $1 AS given, NULL AS nothing', ['x'])).toEqual([
      { me: 'postgres', given: 'x', nothing: null },
    ]);
    const overTcp = ['-X', '-w', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'postgres', '-c', 'SELECT 1'];
    expect((await server.run(server.programPath('psql'), overTcp)).stderr).toContain('no pg_hba.conf entry for host');
    await server.configure({ cluster_name: 'two' });
    await server.restart();
    expect(await server.psql('SHOW cluster_name')).toBe('two');
  });

  test('takes another port when its own was taken before it started', async () => {
    const server = await ThrowawayServer.create({ release: newestRelease });
    onTestFinished(async () => server.dispose());
    const taken = server.port;
    const squatter = createServer().listen(taken, '127.0.0.1');
    await once(squatter, 'listening');
    onTestFinished(() => void squatter.close());
    await server.start();
    expect(server.port).not.toBe(taken);
    expect(await server.psql('SHOW port')).toBe(String(server.port));
  });

  test('disposing of it stops it, removes its folder, and can be done twice', async () => {
    const server = await ThrowawayServer.create({ release: newestRelease });
    await server.start();
    await server.dispose();
    await server.dispose();
    expect(await exists(server.folder)).toBe(false);
    expect(await processesIn(server.folder)).toEqual([]);
  });

  const abandoned = fileURLToPath(new URL('abandoned.ts', import.meta.url));
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'throws'])('is gone after its process ended: %s', async (ending) => {
    const child = execa(process.execPath, ['--import', 'tsx', abandoned, newestRelease.bin, ending], {
      env: { TSX_DISABLE_CACHE: '1' },
      reject: false,
    });
    const [line] = await once(child.stdout, 'data');
    const folder = String(line).trim();
    if (ending === 'SIGINT' || ending === 'SIGTERM' || ending === 'SIGHUP') {
      expect(await processesIn(folder)).not.toEqual([]);
      child.kill(ending);
    }
    const { signal, exitCode } = await child;
    expect(ending === 'throws' ? exitCode : signal).toBe(ending === 'throws' ? 1 : ending);
    expect(await exists(folder)).toBe(false);
    expect(await processesIn(folder)).toEqual([]);
  });
});

describe('the releases of this machine', () => {
  test('a folder without all the programs is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'standbylint-releases-'));
    onTestFinished(async () => rm(folder, { recursive: true }));
    const install = async (major: string, programs: readonly string[]): Promise<void> => {
      await mkdir(join(folder, major));
      for (const program of programs) {
        const file = join(folder, major, program);
        await writeFile(file, `#!/bin/sh\necho "${program} (PostgreSQL) ${major}.3 (Somebody's)"\n`);
        await chmod(file, 0o755);
      }
    };
    await install('90', ['initdb', 'postgres', 'pg_ctl', 'pg_basebackup', 'psql']);
    await install('91', ['initdb', 'postgres', 'pg_ctl', 'psql']);
    const found = (await findReleases([join(folder, '*')])).filter(({ major }) => major >= 90);
    expect(found).toEqual([{ major: 90, version: '90.3', bin: join(folder, '90') }]);
  });

  test('the place that was named wins over the usual ones', async () => {
    const found = await findReleases([newestRelease.bin]);
    expect(found.find(({ major }) => major === newestRelease.major)).toEqual(newestRelease);
  });
});

test('a free port is one that can be listened on', async () => {
  const server = createServer().listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
