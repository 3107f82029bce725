import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { untilStreaming } from '../lab/pair.ts';
import { runStep } from '../lab/remedy.ts';
import { onlyRoot } from './here.ts';
import { whileDown } from './postmortem-data-directory.ts';
import { postmortem } from './postmortem.ts';
import type { PostmortemScenario } from './postmortem.ts';

/** What is mounted cannot be renamed: a new copy has to find its room there. */
export const mountPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'standby/incomplete-backup',
    name: 'no control file, and the data directory is a mount point',
    notHere: onlyRoot('mount a file system'),
    fault: async (stage) => {
      const { standby } = stage;
      await standby.stop();
      await mountAt(standby, standby.dataDirectory);
      await standby.start();
      await untilStreaming(standby);
      await whileDown('echo hidden > .hidden && rm global/pg_control')(stage);
    },
    afterSteps: async ({ standby }) => {
      const names = await readdir(standby.dataDirectory);
      const old = names.find((name) => name.startsWith('before-standby-'));
      expect(names).toEqual(expect.arrayContaining(['lost+found', 'PG_VERSION']));
      expect(names).not.toContain('data');
      expect(await readdir(join(standby.dataDirectory, old ?? 'none'))).toEqual(
        expect.arrayContaining(['.hidden', 'PG_VERSION', 'base']),
      );
    },
    cleanUp: async ({ standby }) => {
      await ended(standby);
      await unmount(standby.dataDirectory);
    },
  },
  {
    rule: 'standby/read-only',
    notHere: onlyRoot('mount a file system'),
    fault: async ({ standby }) => {
      await standby.stop();
      await mountAt(standby, standby.dataDirectory);
      await execa('mount', ['-o', 'remount,ro', standby.dataDirectory]);
      await standby.tryStart();
    },
    consequences: ['standby/not-running'],
    byHand: async ({ text }) => execa('sh', ['-c', /^As root: (.*)$/su.exec(text)?.[1] ?? 'false']),
    cleanUp: async ({ standby }) => unmount(standby.dataDirectory),
  },
  {
    rule: 'standby/control-file-damaged',
    name: 'its WAL and its tablespace are mount points',
    notHere: onlyRoot('mount a file system'),
    fault: async (stage) => {
      const { primary, standby } = stage;
      const [theirs, ours, wal] = [
        join(primary.server.folder, 'space'),
        join(standby.folder, 'space'),
        join(standby.folder, 'wal'),
      ];
      await standby.stop();
      await primary.server.run('mkdir', [theirs]);
      await primary.server.psql(`CREATE TABLESPACE space LOCATION ${literal(theirs)}`);
      await primary.server.psql('CREATE TABLE in_space (n int) TABLESPACE space');
      await standby.run('rm', ['-r', standby.dataDirectory]);
      await standby.copyFrom(primary.server, {
        conninfo: `${primary.conninfo} password='${primary.password}'`,
        more: [`--tablespace-mapping=${theirs}=${ours}`, `--waldir=${wal}`],
      });
      for (const place of [ours, wal]) await mountAt(standby, place);
      await standby.start();
      await untilStreaming(standby);
      await whileDown('truncate -s 100 global/pg_control')(stage);
    },
    // who looks may rename everything, and who types the steps may not
    asRoot: true,
    cleanUp: async ({ standby }) => {
      await ended(standby);
      for (const name of ['space', 'wal']) await unmount(join(standby.folder, name));
    },
  },
  {
    rule: 'standby/control-file-damaged',
    name: 'and there is no room for a new copy beside it',
    notHere: onlyRoot('mount a file system'),
    // only the standby's own directories tell how much is needed
    admin: null,
    fault: async (stage) => {
      const { standby } = stage;
      await standby.stop();
      await mountAt(standby, standby.dataDirectory);
      await standby.start();
      await untilStreaming(standby);
      await whileDown('truncate -s 100 global/pg_control')(stage);
      const used = await standby.run('du', ['-sm', standby.dataDirectory]);
      await remount(standby.dataDirectory, Number.parseInt(used.stdout, 10) + 20);
    },
    told: async ({ findings, plan }) => {
      const steps = plan.steps.map(({ step }) => step);
      expect(steps.filter(({ does }) => does !== 'by-hand')).toEqual([]);
      expect(findings[0]?.remedy?.risk).toBe('safe');
    },
    byHand: async (step, stage) => {
      expect(step.text).toMatch(
        /^A new base backup needs \d+ MB .* has only \d+ MB free in addition to the old directory/u,
      );
      await remount(stage.standby.dataDirectory, 400);
      const { json } = await postmortem({ admin: null }, stage);
      for (const next of json.findings[0]?.remedy?.steps ?? []) {
        const { exitCode, output } = await runStep(next, {
          primary: stage.primary.server,
          standby: stage.standby,
          password: stage.primary.password,
        });
        expect(`${next.text}\n${exitCode === 0 ? '' : output}`).toBe(`${next.text}\n`);
      }
    },
    cleanUp: async ({ standby }) => {
      await ended(standby);
      await unmount(standby.dataDirectory);
    },
  },
];

/** The content of the directory goes on a file system of its own, with the folder that a new one has. */
async function mountAt({ runAs }: ThrowawayServer, directory: string): Promise<void> {
  const owner = runAs === null ? '' : `,uid=${runAs.uid},gid=${runAs.gid}`;
  await execa('mv', [directory, `${directory}.before`]);
  await mkdir(directory);
  await execa('mount', ['-t', 'tmpfs', '-o', `size=400m,mode=0700${owner}`, 'tmpfs', directory]);
  await execa('cp', ['-a', `${directory}.before/.`, directory]);
  await mkdir(join(directory, 'lost+found'), { mode: 0o700 });
  await execa('rm', ['-r', `${directory}.before`]);
}

const remount = async (directory: string, megabytes: number): Promise<unknown> =>
  execa('mount', ['-o', `remount,size=${megabytes}m`, directory]);

/** The WAL of a server that is down goes on a file system of its own, which is small. */
export async function smallFileSystemForWal(standby: ThrowawayServer, megabytes: number): Promise<void> {
  await mountAt(standby, join(standby.dataDirectory, 'pg_wal'));
  await resizeWal(standby, megabytes);
}

export const resizeWal = async (standby: ThrowawayServer, megabytes: number): Promise<unknown> =>
  remount(join(standby.dataDirectory, 'pg_wal'), megabytes);

export async function unmountWal(standby: ThrowawayServer): Promise<void> {
  await ended(standby);
  await unmount(join(standby.dataDirectory, 'pg_wal'));
}

/** A server goes on without the mount that is taken from it, and nothing finds it there. */
async function ended(standby: ThrowawayServer): Promise<void> {
  if (await standby.isRunning()) await standby.stop('immediate');
}

const unmount = async (directory: string): Promise<unknown> => execa('umount', ['-l', directory], { reject: false });
