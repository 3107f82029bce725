import { appendFile, chmod, link, lstat, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect } from 'vitest';

import { afterwards } from '../../lab/lifetime.ts';
import { aFolder, endedAfterwards } from './stage.ts';
import { postmortem, started } from './attack.ts';
import type { Attack } from './attack.ts';

/** Files that are links, of others, or cannot be written. */
export const files: readonly Attack[] = [
  {
    name: 'standby.signal is a link that leads nowhere',
    async make(stage) {
      const standby = await stage.another();
      const target = join(await aFolder(standby), 'of-somebody');
      await unlink(join(standby.path, 'standby.signal'));
      await symlink(target, join(standby.path, 'standby.signal'));
      endedAfterwards(standby.path);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { primary: stage.primary.server },
        outside: [target],
        after: async ({ json }) => {
          expect(json.verdict, JSON.stringify([json.applied, json.fixes, json.findings], undefined, 1)).toBe('healthy');
          // PostgreSQL would have become a primary of its own
          const running = await standby.isRunning();
          if (running) expect((await standby.psql('SELECT pg_is_in_recovery()')).trim()).toBe('t');
        },
      };
    },
  },
  {
    name: 'postgresql.auto.conf is a link to a file of another user',
    root: true,
    async make(stage) {
      const standby = await stage.another();
      const target = join(await aFolder(standby), 'of-root.conf');
      const file = join(standby.path, 'postgresql.auto.conf');
      await writeFile(target, `${await readFile(file, 'utf8')}hot_standby = perhaps\n`);
      await chmod(target, 0o644);
      await unlink(file);
      await symlink(target, file);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, primary: stage.primary.server },
        outside: [target],
      };
    },
  },
  {
    name: 'postgresql.auto.conf is a link to a file of the same user',
    async make(stage) {
      const standby = await stage.another();
      const target = join(standby.folder, 'kept.conf');
      const file = join(standby.path, 'postgresql.auto.conf');
      await rename(file, target);
      await appendFile(target, 'hot_standby = perhaps\n');
      await symlink(target, file);
      const before = await readFile(target, 'utf8');
      endedAfterwards(standby.path);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { primary: stage.primary.server },
        after: async () => {
          expect((await lstat(file)).isSymbolicLink()).toBe(true);
          expect((await readFile(target, 'utf8')).split('\n').length).toBe(before.split('\n').length);
        },
      };
    },
  },
  {
    name: 'postgresql.conf has a second name, which is the file of another server',
    async make(stage) {
      const standby = await stage.another();
      const file = join(standby.path, 'postgresql.conf');
      await appendFile(file, 'hot_standby = perhaps\n');
      const other = join(standby.folder, 'other.conf');
      await link(file, other);
      const before = await readFile(other, 'utf8');
      endedAfterwards(standby.path);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { primary: stage.primary.server },
        after: async () => expect(await readFile(other, 'utf8')).toBe(before),
      };
    },
  },
  {
    name: 'the journal is a link to a file that exists',
    async make(stage) {
      const standby = await stage.another();
      const folder = await aFolder(standby);
      const [target, journal] = [join(folder, 'precious'), join(folder, 'journal')];
      await writeFile(target, 'precious');
      await symlink(target, journal);
      return {
        call: postmortem(standby.path, stage.primary.admin, '--fix-journal', journal),
        watched: { standby, primary: stage.primary.server },
        outside: [target, journal],
      };
    },
  },
  {
    name: 'the journal is a link that leads nowhere',
    async make(stage) {
      const standby = await stage.another();
      const folder = await aFolder(standby);
      const [target, journal] = [join(folder, 'elsewhere'), join(folder, 'journal')];
      await symlink(target, journal);
      return {
        call: postmortem(standby.path, stage.primary.admin, '--fix-journal', journal),
        watched: { standby, primary: stage.primary.server },
        outside: [target, journal],
      };
    },
  },
  {
    name: 'the journal is that of a run that was interrupted',
    async make(stage) {
      const standby = await stage.another();
      const journal = join(await aFolder(standby), 'journal');
      const head = { event: 'fix', version: 1, tool: '0', command: 'postmortem', at: '2026-01-01T00:00:00.000Z' };
      await writeFile(
        journal,
        `${JSON.stringify({ ...head, dataDirectory: standby.path, primary: null })}\n{"event":"st`,
      );
      return {
        call: postmortem(standby.path, stage.primary.admin, '--fix-journal', journal),
        watched: { standby, primary: stage.primary.server },
        outside: [journal],
      };
    },
  },
  {
    name: 'the data directory is mounted read-only',
    root: true,
    async make(stage) {
      const standby = await stage.another();
      await appendFile(join(standby.path, 'postgresql.conf'), 'hot_standby = perhaps\n');
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, primary: stage.primary.server },
        within: [
          'unshare',
          '-m',
          'sh',
          '-c',
          'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
          standby.path,
        ],
      };
    },
  },
  {
    name: 'in the mount namespace of the caller another directory is at the path of the standby',
    root: true,
    async make(stage) {
      const standby = await stage.another();
      const impostor = await stage.another();
      await appendFile(join(impostor.path, 'postgresql.conf'), 'hot_standby = perhaps\n');
      await started(standby);
      // the running server's postmaster.pid is seen in the copy, too
      await execa('cp', ['-a', join(standby.path, 'postmaster.pid'), join(impostor.path, 'postmaster.pid')]);
      afterwards(async () => unlink(join(impostor.path, 'postmaster.pid')).catch(() => undefined));
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, primary: stage.primary.server },
        within: [
          'unshare',
          '-m',
          'sh',
          '-c',
          'mount --bind "$0" "$1" && shift && exec "$@"',
          impostor.path,
          standby.path,
        ],
      };
    },
  },
];
