import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { ifSeen } from '../../src/facts/observed.ts';
import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { factsOf, postmortemOf } from './standby-surroundings.ts';

onReleasesInTurn((release) => {
  let server: ThrowawayServer;
  let folder = '';
  beforeAll(async () => {
    server = await ThrowawayServer.create({ release });
    folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-near-')));
    // its control file is all that is looked for
    for (const name of ['17/main', '17/main.before-standby-2026-07-01', 'alone']) {
      await mkdir(join(folder, name, 'global'), { recursive: true });
      for (const file of ['PG_VERSION', 'global/pg_control'])
        await cp(join(server.dataDirectory, file), join(folder, name, file));
    }
    await mkdir(join(folder, 'alone/base'));
    await mkdir(join(folder, 'empty/further'), { recursive: true });
    await symlink(join(folder, '17/main'), join(folder, 'empty/link'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await server.dispose();
  });

  const near = async (name: string): Promise<readonly string[] | undefined> => {
    const { clustersNear } = await factsOf(postmortemOf(join(folder, name)), ['clustersNear']);
    const found = clustersNear === undefined ? undefined : ifSeen(clustersNear);
    for (const one of found ?? []) expect(one).toMatchObject({ release: String(release.major), state: 'shut down' });
    return found?.map(({ path }) => path.slice(folder.length + 1)).toSorted();
  };

  it.each([
    ['a directory above it', '17', ['17/main', '17/main.before-standby-2026-07-01', 'alone']],
    ['two above it', '', ['17/main', '17/main.before-standby-2026-07-01', 'alone', 'empty/link']],
    ['a directory within it', 'alone/base', ['alone']],
    ['a name beside it', '17/mian', ['17/main', '17/main.before-standby-2026-07-01']],
    ['a directory with a link to it', 'empty', ['alone', 'empty/link']],
  ])('%s', async (_what, name, found) => {
    expect(await near(name)).toEqual(found);
  });

  it('is not asked for where -D is a data directory', async () => {
    expect(await near('alone')).toBeUndefined();
  });
});
