import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { closedFiles, closedTo, closedWays, lockedEntries } from '../../src/checks/closed-files.ts';
import { lockedPaths } from '../../src/checks/file-attributes.ts';
import { walked } from '../../src/checks/walked-directory.ts';
import type { UserWithGroups } from '../../src/hosts/host-of-user.ts';
import { noAnswer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { dataFilesOf } from './data-files-of.ts';

const host = localHost();
const isRoot = host.account.uid === 0;
const account: UserWithGroups = {
  uid: isRoot ? 4_242 : host.account.uid,
  gid: isRoot ? 4_242 : host.account.gid,
  name: 'server',
  home: '',
  groups: [],
};
const directories = ['base', 'base/5', 'global', 'pg_wal', 'pg_xact', 'pg_multixact', 'pg_tblspc/16400'];
const ofTheServer = [
  'base/5/2619',
  'base/5/2619_fsm',
  'base/5/16384.1',
  'global/1262',
  'pg_wal/000000010000000000000002',
  'pg_xact/0000',
  'pg_multixact/members/0000',
  'pg_tblspc/16400/PG_17_202406281/5/16402',
];
const foreign = ['base/5/notes.txt', 'base/backup.tar', 'pg_wal/000000010000000000000002.copy'];
let directory = '';

beforeAll(async () => {
  const above = await mkdtemp(join(tmpdir(), 'closed-files-'));
  directory = join(above, 'data');
  await mkdir(join(directory, 'pg_tblspc'), { recursive: true });
  await mkdir(join(above, 'space'));
  await symlink(join(above, 'space'), join(directory, 'pg_tblspc/16400'));
  for (const name of [...ofTheServer, ...foreign]) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), 'x', { mode: 0o600 });
    if (isRoot) await chown(join(directory, name), account.uid, account.gid);
  }
});

afterAll(async () => rm(dirname(directory), { recursive: true }));

/** Without find(1), some of each directory are looked at. */
const withoutFind = { ...host, run: async () => Promise.resolve(noAnswer('ENOENT', 'sh: command not found')) };

/** By find(1), and here by what was looked at once for all checks. */
async function found(from: typeof host = host): Promise<readonly string[]> {
  const asked = await closedFiles(from, directory, account, directories, undefined);
  const known = await closedFiles(from, directory, account, directories, await dataFilesOf(directory));
  const [one, other] = [asked, known].map(({ closed }) =>
    closed.map(({ path }) => path.split('/').at(-1) ?? '').toSorted(),
  );
  expect(other).toEqual(one);
  return one ?? [];
}

test('nothing is closed where all belongs to the account', async () => {
  expect(await found()).toEqual([]);
  expect(await found(withoutFind)).toEqual([]);
});

test.each(ofTheServer)('%s that the account may not use is found', async (name) => {
  for (const mode of [0o000, 0o400, 0o200]) {
    await chmod(join(directory, name), mode);
    expect(await found()).toEqual([name.split('/').at(-1)]);
  }
  await chmod(join(directory, name), 0o600);
  if (!isRoot) return;
  await chown(join(directory, name), 0, 0);
  expect(await found()).toEqual([name.split('/').at(-1)]);
  await chmod(join(directory, name), 0o666);
  expect(await found()).toEqual([]);
  await chown(join(directory, name), account.uid, account.gid);
  await chmod(join(directory, name), 0o600);
});

test('a directory on the way to where a link leads to', async ({ skip }) => {
  if (!isRoot) return skip();
  const above = dirname(directory);
  const ways = async () =>
    (await closedWays(host, directory, ['pg_wal', 'pg_tblspc/16400'], account)).map(({ path, leadsTo }) => [
      path,
      leadsTo,
    ]);
  const space = join(above, 'space');
  expect(await ways()).toEqual([
    [above, directory],
    [above, space],
  ]);
  await chmod(above, 0o711);
  expect(await ways()).toEqual([]);
  await chmod(above, 0o700);
});

test('a file that no server makes does not matter', async () => {
  for (const name of foreign) await chmod(join(directory, name), 0);
  expect(await found()).toEqual([]);
});

test('how many are looked at is told where find(1) cannot look at all', async () => {
  expect((await closedFiles(host, directory, account, directories, undefined)).sample).toBeUndefined();
  expect((await closedFiles(withoutFind, directory, account, directories, undefined)).sample).toBeGreaterThan(4);
  await chmod(join(directory, 'base/5/2619'), 0);
  expect(await found(withoutFind)).toEqual(['2619']);
  await chmod(join(directory, 'base/5/2619'), 0o600);
});

// only root may set an attribute, and not every file system has any
const locks = async (flags: string, ...names: readonly string[]): Promise<boolean> => {
  const ran = await host.run('chattr', [flags, ...names.map((name) => join(directory, name))]);
  return ran.ok && ran.value.exitCode === 0;
};

test('what an attribute keeps from being written', async ({ skip }) => {
  const [table, wal, configuration] = ['base/5/2619', 'pg_wal/000000010000000000000002', 'base/5/notes.txt'] as const;
  const all = [
    ['i', table],
    ['a', wal],
    ['i', 'pg_xact'],
    ['i', configuration],
  ] as const;
  try {
    for (const [flag, name] of all) if (!(await locks(`+${flag}`, name))) return skip();
    const below = await host.filesBelow?.([directory], { limit: 1_000, timeoutMs: 5_000, beginning: undefined });
    const files = (below?.ok === true ? below.value : []).map(({ path, ...file }) => ({
      ...file,
      path: path.slice(directory.length + 1),
      beginsWithZeros: undefined,
    }));
    // asked of find(1), and of files that were found before
    for (const known of [undefined, { directories: ['', 'pg_xact', 'not-there'], files }]) {
      const found = await lockedEntries(host, directory, account, known);
      expect(found.map(({ path, attribute }) => `${path.slice(directory.length + 1)} ${attribute}`).toSorted()).toEqual(
        [`${table} immutable`, `${wal} append-only`, 'pg_xact immutable'],
      );
    }
    // several looks at once: the first of them, and all others together; each is told of its own
    let runs = 0;
    const counted: typeof host = { ...host, run: async (...call) => ((runs += 1), host.run(...call)) };
    const names = Array.from({ length: 10 }, (_, at) => [table, wal, 'global/1262'][at % 3] ?? '');
    const lines = await Promise.all(names.map(async (name) => lockedPaths(counted, [join(directory, name)])));
    expect(lines.map((own) => own.map((line) => line.replace(/^\S+ +/u, '').slice(directory.length + 1)))).toEqual(
      names.map((name) => (name === 'global/1262' ? [] : [name])),
    );
    expect(runs).toBe(2);
  } finally {
    for (const [flag, name] of all) await locks(`-${flag}`, name);
  }
});

/** acl(5) as the kernel takes it: the owner, one user more, the group, the mask, and others. */
const readBy = (uid: number): string =>
  `import os,struct,sys
e=[(1,6,0xffffffff),(2,4,${uid}),(4,0,0xffffffff),(16,4,0xffffffff),(32,0,0xffffffff)]
os.setxattr(sys.argv[1],'system.posix_acl_access',struct.pack('<I',2)+b''.join(struct.pack('<HHI',*one) for one in e))`;

test.runIf(isRoot)('what an access control list may open is not called closed', async (context) => {
  const path = join(directory, 'pg_hba.conf');
  await writeFile(path, 'x', { mode: 0o640 });
  const looks = async () => {
    const closed = await closedTo(host, directory, account, { name: 'pg_hba.conf', kind: 'file', wanted: 'read' });
    const files = await walked(host, directory);
    return [closed?.path, ...(files?.unreadable ?? []).map((one) => one.path)].filter((one) =>
      one?.endsWith('pg_hba.conf'),
    );
  };
  await chown(directory, account.uid, account.gid);
  expect(await looks()).toEqual([path, 'pg_hba.conf']);
  const set = await host.run('python3', ['-c', readBy(account.uid), path], { timeoutMs: 10_000 });
  if (!set.ok || set.value.exitCode !== 0) return context.skip('no python3, or no such lists on this file system');
  expect(await looks()).toEqual([]);
});
