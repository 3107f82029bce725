import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { Release } from '../../../src/throwaway/releases.ts';
import type { ThrowawayServer } from '../../../src/throwaway/throwaway-server.ts';
import { rowArrives, untilStreaming } from '../../lab/pair.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { aPlaceForAStandby, aPrimary } from '../../lab/primary.ts';
import { aSshMachine } from '../../lab/ssh-machine.ts';
import type { SshMachine } from '../../lab/ssh-machine.ts';
import { runStandbylint } from '../../lab/standbylint.ts';
import { nothingHeld, noScratch, running } from './stage.ts';
import type { Stage } from './stage.ts';

/** clone --start beside the primary, or as another login to a machine behind ssh; `there`: it makes a slot as well. */
export const cloneStage = (release: Release): Promise<Stage> => cloning(release, undefined);
export const cloneOverSshStage = async (release: Release): Promise<Stage> =>
  cloning(
    release,
    await aSshMachine((end) => afterwards(end, 'file'), { sets: { PATH: `${release.bin}:/usr/bin:/bin` } }),
  );

async function cloning(release: Release, ssh: SshMachine | undefined): Promise<Stage> {
  const primary = await aPrimary({ release, lifetime: 'file', portFrom: 'environment' });
  await primary.server.psql(
    "CREATE TABLE accounts AS SELECT g AS id, repeat('x', 400) AS note FROM generate_series(1, 10000) g; CHECKPOINT",
  );
  const place = await aPlaceForAStandby({ release, lifetime: 'file', portFrom: 'environment' });
  const scratch = join(place.folder, 'tmp');
  const environment = {
    ...place.environment,
    PGPASSWORD: primary.password,
    HOME: place.folder,
    TMPDIR: scratch,
    LC_ALL: 'C.UTF-8',
    ...(ssh === undefined ? {} : { PATH: `${ssh.path}:/usr/bin:/bin` }),
  };
  const user = ssh === undefined ? place.runAs : null;
  const at = ssh === undefined ? '' : `ssh:${place.runAs?.name}@db2:`;
  const words = (slot: readonly string[] = []): readonly string[] => [
    ...['clone', ...primary.connection, '-D', `${at}${place.dataDirectory}`, '--admin', primary.admin],
    ...['-R', '-X', 'stream', '-c', 'fast', '-r', '32M', '--start', ...slot],
  ];
  const makesSlot = ['-C', '-S', 'killed'];
  const next = async (given: readonly string[]) =>
    runStandbylint(given, { on: { environment }, cwd: place.folder, user, timeoutMs: 400_000 });
  const text = ({ stdout }: { readonly stdout: string }): string => stdout.replaceAll(/\s+/gu, ' ');

  return {
    around: { primary: primary.server, standby: place, doors: async () => (ssh?.pid === undefined ? [] : [ssh.pid]) },
    ready: async (round) => {
      await running(primary.server);
      if (await place.isRunning()) await place.stop('immediate');
      for (const name of await readdir(place.folder)) await rm(join(place.folder, name), { recursive: true });
      await place.run('mkdir', [scratch]);
      await primary.server.psql(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'killed'",
      );
      return {
        words: words(round?.there === true ? makesSlot : []),
        environment,
        cwd: place.folder,
        user,
      };
    },
    after: async (round, { exitCode, stdout, stderr }) => {
      await running(primary.server);
      await nothingHeld(primary, ['killed']);
      await noScratch(scratch);
      const said = `${stdout}${stderr}`;
      expect(stderr).not.toMatch(/^ +at .*\.js/mu);
      if (exitCode === 0) expect(said).toContain('It streams');
      const slot = await primary.server.query('SELECT 1 FROM pg_replication_slots');

      const again = await next(words(round.there ? makesSlot : []));
      const told = text(again);
      if (again.exitCode !== 0) {
        expect(again.exitCode, said + told).toBe(1);
        if (slot.length > 0) expect(told, said).toMatch(/killed/u);
        await finish(place, told, said, async () => {
          const last = await next(words());
          expect(last.exitCode, last.stdout + last.stderr).toBe(0);
        });
      }
      if (!(await place.isRunning())) await place.start();
      await untilStreaming(place);
      await rowArrives(primary.server, place);
    },
  };
}

/** By what the next run says of the directory. */
async function finish(place: ThrowawayServer, told: string, before: string, anew: () => Promise<void>): Promise<void> {
  const names = await readdir(place.dataDirectory).catch(() => []);
  if (names.length === 0) return anew();
  if (await place.isRunning())
    return (expect(told, before).toMatch(/server|already contains a copy of this primary/u), undefined);
  if (told.includes('The target directory already contains a copy of this primary')) return place.start();
  expect(told, `${names.join(' ')}\n${before}`).toContain('unfinished base backup');
  const move = /\$ (mv \S+ \S+)/u.exec(told)?.[1] ?? 'false';
  expect((await place.run('sh', ['-c', move])).exitCode, told).toBe(0);
  await anew();
}
