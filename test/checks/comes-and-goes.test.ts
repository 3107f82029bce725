import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dataDirectoryCheck } from '../../src/checks/data-directory.ts';
import { sharedStorageCheck } from '../../src/checks/shared-storage.ts';
import { identityOf } from '../../src/checks/directory-identity.ts';
import { ifSeen, notApplicable, seen } from '../../src/facts/observed.ts';
import type { Host } from '../../src/hosts/host.ts';
import { answer, noAnswer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { aControlFile, aDataDirectory } from '../rules/standby-world.ts';
import { postmortemOf } from './standby-surroundings.ts';

let folder = '';
beforeEach(async () => (folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-comes-')))));
afterEach(async () => rm(folder, { recursive: true, force: true }));

const pid = 4_000_001;
const lockFile = async () =>
  writeFile(join(folder, 'postmaster.pid'), `${pid}\n${folder}\n1795000000\n5432\n\n127.0.0.1\n`);
const looked = async (host: Host) => {
  const found = await dataDirectoryCheck.look({}, postmortemOf(folder, host));
  return found.dataDirectory && ifSeen(found.dataDirectory)?.postmaster;
};

describe('a server that is being stopped', () => {
  const ending = (listedForMs: number): Host => {
    const since = performance.now();
    return {
      ...localHost(),
      processStatus: async (number) => {
        if (number !== pid) return localHost().processStatus(number);
        const isListed = performance.now() - since < listedForMs;
        return Promise.resolve(isListed ? noAnswer('zombie', 'it has ended') : noAnswer('ESRCH', 'it is gone'));
      },
    };
  };

  it('is listed for a moment after its end: it is gone', async () => {
    await lockFile();
    expect(await looked(ending(400))).toMatchObject({ pid, process: 'gone' });
  });

  it('has ended where it is listed a moment later, too', async () => {
    await lockFile();
    expect(await looked(ending(Infinity))).toMatchObject({ pid, process: 'ended' });
  });
});

describe('a server that is being started has its directory, and not yet its lock file', () => {
  const servers = async (...pids: readonly number[]) => {
    const identity = await identityOf(localHost(), folder);
    if (identity === undefined) throw new Error('the folder is not there');
    const part = { part: 'data-directory' as const, path: folder, realPath: folder };
    const running = pids.map((number) => ({
      cluster: { dataDirectory: folder, pid: number, port: 5432 },
      directory: identity,
      state: undefined,
      timeline: undefined,
      storage: [{ part, identity, folder: undefined }],
      systemIdentifier: undefined,
      isStandby: true,
      holdsLock: false,
    }));
    const none = notApplicable('a test');
    const { sharedStorage } = await sharedStorageCheck.look(
      {
        dataDirectory: seen(aDataDirectory({ path: folder, postmaster: undefined }), 'a test'),
        controlFile: seen(aControlFile(), 'a test'),
        clustersHere: seen({ running, stopped: [] }, 'a test'),
        ...{ targetDirectory: none, walDirectory: none, tablespaceTargets: none },
      },
      postmortemOf(folder, { ...localHost(), realPath: async (path) => Promise.resolve(answer(path)) }),
    );
    return sharedStorage && ifSeen(sharedStorage)?.shared.length;
  };

  it('is the standby itself', async () => expect(await servers(17)).toBe(0));

  it('two are two', async () => expect(await servers(17, 18)).toBe(2));
});
