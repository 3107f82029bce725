import { chmod, chown, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ifSeen } from '../../src/facts/observed.ts';
import { factsOf, postmortemOf } from './standby-surroundings.ts';

const nobody = 65_534;
let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-place-')));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function isMovable(directory: string): Promise<boolean | undefined> {
  const { dataDirectoryPlace } = await factsOf(postmortemOf(directory), ['dataDirectoryPlace']);
  const state = dataDirectoryPlace === undefined ? undefined : ifSeen(dataDirectoryPlace)?.state;
  return state?.kind === 'directory' ? state.movable : undefined;
}

// only root can give a directory to somebody else, and only root could rename what its owner may not
describe.runIf(process.getuid?.() === 0)('a data directory, as its owner has it whoever looks', () => {
  const data = async (): Promise<string> => {
    const path = join(folder, 'data');
    await mkdir(path, { mode: 0o700 });
    await chown(path, nobody, nobody);
    return path;
  };

  it('cannot be renamed in a folder of somebody else', async () => {
    const path = await data();
    await chmod(folder, 0o755);
    expect(await isMovable(path)).toBe(false);
  });

  it.each([
    ['of its owner', async () => chown(folder, nobody, nobody)],
    ['that everybody may write in', async () => chmod(folder, 0o777)],
    [
      "of its owner's group",
      async () => {
        await chown(folder, 0, nobody);
        await chmod(folder, 0o775);
      },
    ],
  ])('can be renamed in a folder %s', async (_what, prepare) => {
    const path = await data();
    await prepare();
    expect(await isMovable(path)).toBe(true);
  });
});
