import { spawn } from 'node:child_process';
import { chown, lstat, mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../../src/throwaway/throwaway-server.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { aFolder, endedAfterwards } from './stage.ts';
import { roots } from '../../lab/standbylint.ts';
import { postmortem, preflight, started } from './attack.ts';
import type { Attack } from './attack.ts';

/** What was a standby, and what never was one. */
export const histories: readonly Attack[] = [
  {
    name: 'a standby that was promoted and runs as a primary of its own',
    async make(stage) {
      const standby = await stage.another();
      await started(standby);
      await standby.query('SELECT pg_promote()');
      await standby.psql('CREATE TABLE own (n int); INSERT INTO own VALUES (1)');
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, primary: stage.primary.server },
      };
    },
  },
  {
    name: 'a standby that was promoted, has written, and is down',
    async make(stage) {
      const standby = await stage.another();
      await started(standby);
      await standby.query('SELECT pg_promote()');
      await standby.psql('CREATE TABLE own (n int); INSERT INTO own VALUES (1)');
      await standby.stop();
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, primary: stage.primary.server },
      };
    },
  },
  {
    name: 'a standby that ran without standby.signal, wrote on the same timeline, and is down',
    async make(stage) {
      const standby = await stage.another();
      await rename(join(standby.path, 'standby.signal'), join(standby.path, 'standby.signal.off'));
      await started(standby);
      await standby.psql('CREATE TABLE own (n int); INSERT INTO own VALUES (1)');
      await standby.stop();
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, primary: stage.primary.server },
      };
    },
  },
  {
    name: '-D is a directory with files of somebody else',
    root: true,
    async make(stage) {
      const folder = await aFolder(stage.standby);
      const directory = join(folder, 'photos');
      await mkdir(directory, { mode: 0o755 });
      await writeFile(join(directory, 'summer.jpg'), 'x');
      await chown(directory, 12_345, 12_345);
      return {
        call: postmortem(directory, stage.primary.admin),
        watched: { photos: directory },
        outside: [folder, directory],
      };
    },
  },
  {
    name: 'a copy is to go where files of somebody else are',
    root: true,
    async make(stage) {
      const folder = await aFolder(stage.standby);
      const directory = join(folder, 'photos');
      await mkdir(directory, { mode: 0o755 });
      await writeFile(join(directory, 'summer.jpg'), 'x');
      await chown(directory, 12_345, 12_345);
      return {
        call: preflight(stage, directory),
        watched: { photos: directory, primary: stage.primary.server },
        outside: [folder, directory],
      };
    },
  },
];

/** What postmaster.pid says, and does not. */
export const lockFiles: readonly Attack[] = [
  {
    name: 'postmaster.pid has the number of another program',
    async make(stage) {
      const standby = await stage.another();
      const foreign = spawn('sleep', ['1000'], { stdio: 'ignore' });
      const { pid = 0 } = foreign;
      afterwards(async () => void foreign.kill());
      await writeFile(join(standby.path, 'postmaster.pid'), lockFile(pid, standby));
      endedAfterwards(standby.path);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { primary: stage.primary.server },
        after: async () => {
          expect([foreign.exitCode, foreign.signalCode]).toEqual([null, null]);
        },
      };
    },
  },
  {
    name: 'postmaster.pid has the number of the server of another cluster',
    async make(stage) {
      const standby = await stage.another();
      const pid = (await stage.foreign.server.processId()) ?? 0;
      await writeFile(join(standby.path, 'postmaster.pid'), lockFile(pid, standby));
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { foreign: stage.foreign.server, primary: stage.primary.server },
        after: async () => {
          // nobody's server is stopped by what takes the file for its own
          await unlink(join(standby.path, 'postmaster.pid')).catch(() => undefined);
        },
      };
    },
  },
  {
    name: 'postmaster.pid is gone while the server runs',
    async make(stage) {
      const standby = await stage.another();
      await started(standby);
      const file = join(standby.path, 'postmaster.pid');
      const pid = await standby.processId();
      if (pid === null) throw new Error('the server has no postmaster.pid');
      // a server looks each minute whether its file is there, and ends where it is not
      await unlink(file);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby: standby.path, primary: stage.primary.server },
        mayChange: /^(?:new standby: (?:postmaster\.pid|server\.log)|other standby: (?:postmaster\.opts|global))$/u,
        after: async ({ json }) => {
          expect(roots(json)).toEqual([]);
          expect(await standby.processId()).not.toBe(pid);
          expect(() => process.kill(pid, 0)).toThrow('ESRCH');
        },
      };
    },
  },
];

const lockFile = (pid: number, { port, folder, dataDirectory }: ThrowawayServer): string =>
  `${pid}\n${dataDirectory}\n1700000000\n${port}\n${folder}\n127.0.0.1\n  5432001         1\nready   \n`;

/** The paths are words of a shell, or of a format. */
export const paths: readonly Attack[] = [
  'x$(touch PWNED)y`touch PWNED`',
  `a";touch PWNED;"b';touch PWNED;'c`,
  'd e\ntouch PWNED\n',
  String.raw`%s %n \f \' -rf`,
].map((name): Attack => ({
  name: `the data directory is called ${JSON.stringify(name)}`,
  async make(stage) {
    const standby = await stage.another(name);
    endedAfterwards(standby.path);
    const places = [standby.folder, standby.path, '/', '/tmp', process.cwd()];
    return {
      call: postmortem(standby.path, stage.primary.admin),
      watched: { primary: stage.primary.server },
      outside: [],
      after: async () => {
        for (const place of places)
          expect(await lstat(join(place, 'PWNED')).catch(() => 'not there'), place).toBe('not there');
      },
    };
  },
}));
