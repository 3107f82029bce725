import { execFile } from 'node:child_process';
import { chown, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const chunks = join(dist, 'chunks');
const chunkNames = (await readdir(chunks)).filter((name) => name.endsWith('.js') && name !== 'import-file.js');

const rules = async (place: string, nodeOptions: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(process.execPath, [...nodeOptions, join(place, 'standbylint.js'), 'rules', '--format=json'], {
    env: { ...process.env, ...environment },
  });

/** From 22 on Node.js keeps it itself. */
const isKeptByNode = 'enableCompileCache' in module;

describe('the code that V8 makes of the program', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'standbylint-dist-'));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  if (isKeptByNode) {
    const kept = async (environment: NodeJS.ProcessEnv = {}): Promise<readonly string[]> => {
      await rules(folder, [], environment);
      return (await readdir(folder)).filter((name) => name === 'compile-cache');
    };

    it('is kept in the folder of the program, where that is ours', async () => {
      await cp(dist, folder, { recursive: true });
      await rm(join(folder, 'compile-cache'), { recursive: true, force: true });
      expect(await kept({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([]);
      if (process.getuid?.() === 0) {
        await chown(folder, 65_534, 65_534);
        expect(await kept()).toEqual([]);
        await chown(folder, 0, 0);
      }
      expect(await kept()).toEqual(['compile-cache']);
    });
  } else {
    it.each(chunkNames)('is taken for %s', async (name) => {
      const source = module.wrap(await readFile(join(chunks, name), 'utf8'));
      const cachedData = await readFile(join(chunks, `${name}.cache`));
      expect(new Script(source, { cachedData }).cachedDataRejected).toBe(false);
      expect(cachedData.includes(dist)).toBe(false);
    });

    it.each<readonly [string, ((cache: string) => Promise<void>) | undefined, readonly string[]]>([
      ['it is missing', async (cache) => rm(cache), []],
      ['it is empty', async (cache) => writeFile(cache, ''), []],
      ['it was cut off', async (cache) => truncate(cache, 3_000), []],
      ['it is of another program', async (cache) => cp(join(chunks, `${chunkNames[0]}.cache`), cache), []],
      ['Node runs with other flags', undefined, ['--no-flush-bytecode', '--stack-size=900']],
    ])('is no more than a shortcut: %s', async (_name, spoil, nodeOptions) => {
      await cp(dist, folder, { recursive: true });
      if (spoil !== undefined) for (const name of chunkNames) await spoil(join(folder, 'chunks', `${name}.cache`));
      const before = await readdir(folder, { recursive: true });
      expect(await rules(folder, nodeOptions)).toEqual(await rules(dist));
      expect(await readdir(folder, { recursive: true })).toEqual(before);
    });
  }
});
