import { describe, expect, it } from 'vitest';

import { foundPostmaster } from '../../src/checks/found-postmaster.ts';
import type { Host, ProcessStatus } from '../../src/hosts/host.ts';
import { answer, noAnswer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';

/** Root of a container may not see the working directory of another user's process, and its server has no -D. */
const processOne = (startedAt: Date): Host => ({
  ...localHost(),
  list: () => Promise.resolve(noAnswer('EACCES', 'permission denied')),
  processStatus: () => Promise.resolve(answer(postgres(startedAt))),
});
const postgres = (startedAt: Date): ProcessStatus => ({
  program: 'postgres',
  uid: 999,
  parent: 0,
  held: undefined,
  workingDirectory: undefined,
  startedAt,
  commandLine: ['postgres'],
  controlGroup: undefined,
});

const written = 1_795_000_000;
const lockFile = `1\n/var/lib/postgresql/data\n${written}\n5432\n/var/run/postgresql\n*\n`;
const found = async (secondsLater: number) =>
  (await foundPostmaster(processOne(new Date((written + secondsLater) * 1_000)), '/var/lib/postgresql/data', lockFile))
    ?.process;

describe('the process of a lock file, by its age', () => {
  it('is the server where it is as old, or older: an entrypoint ran initdb before it became the server', async () => {
    expect(await Promise.all([found(0), found(-1), found(-90), found(3)])).toEqual(Array(4).fill('running'));
  });

  it('is another one where it is younger: the number was given again', async () => {
    expect(await Promise.all([found(30), found(86_400)])).toEqual(['another-program', 'another-program']);
  });
});
