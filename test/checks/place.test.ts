import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAtPlace } from '../../src/checks/place.ts';
import type { Place, PlaceState } from '../../src/facts/machine.ts';
import { localHost } from '../../src/hosts/local.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const now = new Date('2026-11-21T20:00:00Z');
let folder = '';
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-place-')));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function placeOf(path: string, workingDirectory = folder): Promise<Place> {
  const place = await lookAtPlace({ ...localHost(), workingDirectory }, path, now);
  if (place.status !== 'seen') throw new Error(JSON.stringify(place));
  return place.value;
}

async function directoryOf(path: string): Promise<Extract<PlaceState, { kind: 'directory' }>> {
  const { state } = await placeOf(path);
  if (state.kind !== 'directory') throw new Error(state.kind);
  return state;
}

describe('a place', () => {
  it('that does not exist is judged by the nearest directory above', async () => {
    await mkdir(at('here'));
    const place = await placeOf('./here/../here/a//b/');
    expect(place).toMatchObject({
      given: './here/../here/a//b/',
      path: at('here/a/b'),
      state: { kind: 'absent' },
      nearest: { path: at('here'), writable: true, readOnlyFileSystem: false },
      aside: `${at('here/a/b')}.before-standby-2026-11-21`,
    });
    expect(place.fileSystem?.totalBytes).toBeGreaterThan(0);
  });

  it('is looked into, hidden files included, and names beside and in it are free', async () => {
    await mkdir(at('place'), { mode: 0o750 });
    await mkdir(at('place.before-standby-2026-11-21'));
    await mkdir(at('place/data'));
    await writeFile(at('place/.hidden'), '');
    const place = await placeOf('place');
    expect(place).toMatchObject({
      aside: `${at('place')}.before-standby-2026-11-21-2`,
      subdirectory: at('place/data-2'),
      beside: at('place-standby'),
      state: {
        kind: 'directory',
        mode: 0o750,
        writable: true,
        isMountPoint: false,
        movable: true,
        more: false,
        cluster: undefined,
      },
    });
    expect((await directoryOf('place')).entries.toSorted()).toEqual(['.hidden', 'data']);
  });

  it('may be a link to a directory', async () => {
    await mkdir(at('real'));
    await symlink('real', at('link'));
    expect(await placeOf('link')).toMatchObject({
      path: at('link'),
      aside: `${at('real')}.before-standby-2026-11-21`,
      state: { kind: 'directory', realPath: at('real') },
    });
  });

  it('may be a link to nowhere, a circle of links, or lead through one', async () => {
    await symlink('../nowhere', at('dangling'));
    await symlink('two', at('one'));
    await symlink('one', at('two'));
    expect((await placeOf('dangling')).state).toEqual({ kind: 'dangling-link', leadsTo: '../nowhere' });
    expect((await placeOf('one')).state).toEqual({ kind: 'dangling-link', leadsTo: 'two' });
    expect((await placeOf('one/below')).state.kind).toBe('dangling-link');
  });

  it('may be anything else, and is never opened', async () => {
    await execa('mkfifo', [at('fifo')]);
    await symlink('fifo', at('link'));
    await writeFile(at('file'), '');
    expect((await placeOf('fifo')).state).toEqual({ kind: 'not-a-directory', is: 'fifo', at: at('fifo') });
    expect((await placeOf('link')).state).toEqual({ kind: 'not-a-directory', is: 'fifo', at: at('link') });
    expect((await placeOf('/dev/null')).state).toEqual({
      kind: 'not-a-directory',
      is: 'character device',
      at: '/dev/null',
    });
    expect((await placeOf('file/a/b')).state).toEqual({ kind: 'not-a-directory', is: 'file', at: at('file') });
    expect((await placeOf('x'.repeat(300))).state).toMatchObject({ kind: 'unreadable' });
  });

  it('may have a name with newlines and escape sequences', async () => {
    const name = '\u001B[2J\nnew\tline';
    await mkdir(at(name));
    await writeFile(join(at(name), 'a\nb'), '');
    expect(await directoryOf(name)).toMatchObject({ realPath: at(name), entries: ['a\nb'] });
  });

  it.runIf(isRoot && isLinux)('may be a mount point, which cannot be moved, and read-only', async () => {
    await mkdir(at('bound'));
    await mkdir(at('real'));
    await execa('mount', ['--bind', at('real'), at('bound')]);
    try {
      expect(await directoryOf('bound')).toMatchObject({ isMountPoint: true, movable: false, writable: true });
      // the same directory by another name: this is how the primary's own is recognised
      const [one, other] = [await directoryOf('bound'), await directoryOf('real')];
      expect([one.device, one.inode]).toEqual([other.device, other.inode]);
      await execa('mount', ['-o', 'remount,bind,ro', at('bound')]);
      expect(await placeOf('bound/new')).toMatchObject({ nearest: { writable: false, readOnlyFileSystem: true } });
      expect(await placeOf('bound')).toMatchObject({
        state: { writable: false },
        nearest: { readOnlyFileSystem: true },
      });
    } finally {
      await execa('umount', [at('bound')]);
    }
  });

  it.runIf(isRoot)('of another user is closed to this one, as the kernel says', async (context) => {
    await mkdir(at('closed'), { mode: 0o700 });
    await mkdir(at('open'), { mode: 0o755 });
    await chmod(folder, 0o755);
    const script = `
      import { localHost } from ${JSON.stringify(new URL('../../src/hosts/local.ts', import.meta.url).href)};
      import { lookAtPlace } from ${JSON.stringify(new URL('../../src/checks/place.ts', import.meta.url).href)};
      try { process.setgid(65534); process.setuid(65534); } catch { console.log('refused'); process.exit(); }
      const look = async (path) => (await lookAtPlace(localHost(), path, new Date())).value;
      const [a, b, c] = await Promise.all(['/closed', '/closed/below', '/open/below'].map((path) => look(process.argv[1] + path)));
      console.log(JSON.stringify([a.state, b.state.kind, c.state.kind, c.nearest.writable]));`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder];
    const { stdout } = await execa(process.execPath, args);
    if (stdout === 'refused') return context.skip('this Node lets nobody become another user (io_uring)');
    expect(JSON.parse(stdout)).toEqual([
      { kind: 'unreadable', message: 'permission denied', owner: { uid: 0, name: 'root' } },
      'unreadable',
      'absent',
      false,
    ]);
  });
});

onReleasesInTurn((release) => {
  describe('a data directory', () => {
    it('is recognised while its server runs, after it was stopped, and when another program has its number', async () => {
      const { server } = await aPrimary({ release });
      const running = await directoryOf(server.dataDirectory);
      const pid = await server.processId();
      expect(running.cluster).toMatchObject({
        version: String(release.major),
        state: 'in production',
        unfinishedBackup: false,
        hasStandbySignal: false,
        postmaster: { pid, port: server.port, process: 'running' },
      });
      const { stdout } = await execa(join(release.bin, 'pg_controldata'), [server.dataDirectory], {
        env: { LC_ALL: 'C' },
      });
      expect(stdout).toMatch(new RegExp(`system identifier: +${running.cluster?.systemIdentifier}`));

      const pidFile = join(server.dataDirectory, 'postmaster.pid');
      await copyFile(pidFile, at('kept'));
      await server.stop();
      expect((await directoryOf(server.dataDirectory)).cluster).toMatchObject({
        state: 'shut down',
        postmaster: undefined,
      });

      const kept = await readFile(at('kept'), 'utf8');
      await writeFile(pidFile, kept);
      expect((await directoryOf(server.dataDirectory)).cluster?.postmaster).toMatchObject({
        pid,
        process: expect.stringMatching(/^(?:gone|ended)$/),
      });
      await writeFile(pidFile, kept.replace(/^\d+/, String(process.pid)));
      expect((await directoryOf(server.dataDirectory)).cluster?.postmaster).toMatchObject({
        process: 'another-program',
        program: 'node',
      });
      await writeFile(pidFile, '');
      expect((await directoryOf(server.dataDirectory)).cluster).toMatchObject({ postmaster: undefined });
      await rm(pidFile);
    });

    it('that another server has the number of is no running one, and one of another number is', async () => {
      const [one, other] = [await aPrimary({ release }), await aPrimary({ release })];
      const pidFile = join(one.server.dataDirectory, 'postmaster.pid');
      const kept = await readFile(pidFile, 'utf8');
      // as seen from outside of its container: the number is wrong, and a server runs all the same
      await writeFile(pidFile, kept.replace(/^\d+/, '1'));
      expect((await directoryOf(one.server.dataDirectory)).cluster?.postmaster).toMatchObject({
        pid: readPid(kept),
        process: 'running',
      });
      await writeFile(pidFile, kept);
      await one.server.stop();
      await writeFile(pidFile, kept.replace(/^\d+/, String(await other.server.processId())));
      expect((await directoryOf(one.server.dataDirectory)).cluster?.postmaster).toMatchObject({
        process: 'another-program',
      });
      await rm(pidFile);
    });

    it('that is damaged or half copied says what it still says', async () => {
      const { server } = await aPrimary({ release, started: false });
      const control = join(server.dataDirectory, 'global/pg_control');
      await rename(control, at('pg_control'));
      await writeFile(join(server.dataDirectory, 'backup_manifest.tmp'), '');
      expect((await directoryOf(server.dataDirectory)).cluster).toMatchObject({
        version: String(release.major),
        systemIdentifier: undefined,
        unfinishedBackup: true,
      });
      await rm(join(server.dataDirectory, 'backup_manifest.tmp'));
      await copyFile(at('pg_control'), control);
      await truncate(control, 100);
      await execa('sh', ['-c', 'rm PG_VERSION && mkfifo PG_VERSION'], { cwd: server.dataDirectory });
      expect((await directoryOf(server.dataDirectory)).cluster).toMatchObject({
        version: undefined,
        state: undefined,
        unfinishedBackup: false,
      });
    });
  });
});

const readPid = (text: string): number => Number(text.split('\n')[0]);
