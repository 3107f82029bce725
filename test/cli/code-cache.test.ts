import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const chunks = join(dist, 'chunks');
const chunkNames = (await readdir(chunks)).filter((name) => name.endsWith('.js'));

const rules = async (place: string, ...nodeOptions: readonly string[]) =>
  promisify(execFile)(process.execPath, [...nodeOptions, join(place, 'standbylint.js'), 'rules', '--format=json']);

describe('the code that V8 made at build time', () => {
  it.each(chunkNames)('is taken for %s', async (name) => {
    const source = await readFile(join(chunks, name), 'utf8');
    const cachedData = await readFile(join(chunks, `${name}.cache`));
    expect(new Script(source, { cachedData }).cachedDataRejected).toBe(false);
    expect(cachedData.includes(dist)).toBe(false);
  });

  describe('is no more than a shortcut', () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'standbylint-dist-'));
    });
    afterAll(async () => rm(folder, { recursive: true, force: true }));

    it.each<readonly [string, ((cache: string) => Promise<void>) | undefined, readonly string[]]>([
      ['it is missing', async (cache) => rm(cache), []],
      ['it is empty', async (cache) => writeFile(cache, ''), []],
      ['it was cut off', async (cache) => truncate(cache, 3_000), []],
      ['it is of another program', async (cache) => cp(join(chunks, `${chunkNames[0]}.cache`), cache), []],
      ['Node runs with other flags', undefined, ['--no-flush-bytecode', '--stack-size=900']],
    ])('%s', async (_name, spoil, nodeOptions) => {
      await cp(dist, folder, { recursive: true });
      if (spoil !== undefined) for (const name of chunkNames) await spoil(join(folder, 'chunks', `${name}.cache`));
      const before = await readdir(folder, { recursive: true });
      expect(await rules(folder, ...nodeOptions)).toEqual(await rules(dist));
      expect(await readdir(folder, { recursive: true })).toEqual(before);
    });
  });
});
