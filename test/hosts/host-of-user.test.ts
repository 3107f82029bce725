import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { hostOfUser } from '../../src/hosts/host-of-user.ts';
import { localHost } from '../../src/hosts/local.ts';

const isRoot = process.getuid?.() === 0;
const user = { uid: 65_534, gid: 65_534, name: 'nobody', home: '/nonexistent', groups: [4_711] };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-user-'));
  await chmod(folder, 0o755);
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const file = async (name: string, mode: number, owner: readonly [uid: number, gid: number]): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, 'text');
  await chmod(path, mode);
  await chown(path, ...owner);
  return path;
};

describe.runIf(isRoot)('root sees what another user sees', () => {
  const reads = async (path: string): Promise<string> => {
    const read = await hostOfUser(localHost(), user, {}).read(path);
    return read.ok ? new TextDecoder().decode(read.value.bytes) : read.problem.code;
  };

  test('by owner, group and the rest', async () => {
    expect(await reads(await file('own', 0o600, [65_534, 0]))).toBe('text');
    expect(await reads(await file('roots', 0o600, [0, 0]))).toBe('EACCES');
    expect(await reads(await file('group', 0o640, [0, 65_534]))).toBe('text');
    expect(await reads(await file('further-group', 0o640, [0, 4_711]))).toBe('text');
    expect(await reads(await file('other-group', 0o640, [0, 4_712]))).toBe('EACCES');
    expect(await reads(await file('all', 0o644, [0, 0]))).toBe('text');
    // the owner's bits decide for the owner, though all others may
    expect(await reads(await file('not-the-owner', 0o044, [65_534, 0]))).toBe('EACCES');
    expect(await reads(join(folder, 'absent'))).toBe('ENOENT');
  });

  test('what it may do, and not what root may', async () => {
    const host = hostOfUser(localHost(), user, {});
    const may = async (path: string, what: 'read' | 'write' | 'execute'): Promise<boolean | string> => {
      const told = await host.may(path, what);
      return told.ok ? told.value : told.problem.code;
    };
    const [own, roots] = [await file('own', 0o600, [65_534, 0]), await file('roots', 0o644, [0, 0])];
    expect(await may(own, 'write')).toBe(true);
    expect(await may(own, 'execute')).toBe(false);
    expect(await may(roots, 'read')).toBe(true);
    expect(await may(roots, 'write')).toBe(false);
    expect(await may(folder, 'write')).toBe(false);
    expect(await may(join(folder, 'absent'), 'write')).toBe('ENOENT');
  });

  test('by every directory on the way, that of a link too', async () => {
    const hidden = join(folder, 'hidden');
    await mkdir(hidden, { mode: 0o700 });
    await writeFile(join(hidden, 'file'), 'text');
    await chmod(join(hidden, 'file'), 0o644);
    await symlink(join(hidden, 'file'), join(folder, 'link'));
    const host = hostOfUser(localHost(), user, {});
    expect(await reads(join(hidden, 'file'))).toBe('EACCES');
    expect(await reads(join(folder, 'link'))).toBe('EACCES');
    expect(await host.status(join(hidden, 'file'))).toMatchObject({ ok: false, problem: { code: 'EACCES' } });
    expect(await host.list(hidden)).toMatchObject({ ok: false, problem: { code: 'EACCES' } });
  });
});

test('the account and the environment are the other one’s', () => {
  const host = hostOfUser(localHost(), user, { PGPASSFILE: '/x' });
  expect(host.account).toEqual({ uid: 65_534, gid: 65_534, name: 'nobody', home: '/nonexistent' });
  expect(host.environment).toEqual({ PGPASSFILE: '/x' });
});
