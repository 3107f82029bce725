import { spawnSync } from 'node:child_process';
import { appendFile, chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { serverUser } from '../../src/throwaway/os-user.ts';
import type { OsUser } from '../../src/throwaway/os-user.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { behaves, errors } from '../lab/behaviour.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { aServer } from '../lab/strange-servers.ts';
import { nowhere, overAdmin, to } from './hostile-calls.ts';

const user = await serverUser();

/** A folder that the program's user owns; it ends with the test. */
async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-odd-'));
  await own(folder);
  onTestFinished(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

const own = async (path: string, owner: OsUser | null = user): Promise<void> =>
  owner === null ? undefined : chown(path, owner.uid, owner.gid);

describe('the place for the copy is no such place', () => {
  let port = 0;
  beforeAll(async () => {
    const primary = await aPrimary({
      lifetime: 'file',
      hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
    });
    port = primary.server.port;
  });

  const special: readonly (readonly [string, RegExp, (path: string) => unknown])[] = [
    ['a plain file', /^target\/not-a-directory$/u, (path) => writeFile(path, 'x')],
    ['a Unix socket', /^target\/not-a-directory$/u, (path) => listenOn(path)],
    ['a link to itself', /^target\//u, (path) => symlink(path, path)],
    ['a link that leads nowhere', /^target\/dangling-link$/u, (path) => symlink('/nonexistent/there', path)],
    ['a link to a device', /^target\/not-a-directory$/u, (path) => symlink('/dev/zero', path)],
    [
      'a link to a FIFO',
      /^target\/not-a-directory$/u,
      async (path) => {
        spawnSync('mkfifo', [`${path}.fifo`]);
        await symlink(`${path}.fifo`, path);
      },
    ],
  ];
  test.each(special)('%s', async (_name, rule, make) => {
    const path = join(await aFolder(), 'standby');
    await make(path);
    const report = await behaves(to(port, '-D', path));
    expect(errors(report)[0]).toMatch(rule);
    expect(report.rules.find(({ id }) => id === 'target/not-empty')?.outcome).not.toBe('passed');
  });

  test.each(['/dev/zero', '/dev/full', '/proc/self/mem', '/proc', '/sys', '/', '/dev/fd/0'])('%s', async (path) => {
    const report = await behaves(to(port, '-D', path));
    expect(errors(report)[0]).toMatch(/^target\//u);
  });

  test('".." in the path, and more links than the system follows', async () => {
    const folder = await aFolder();
    await mkdir(join(folder, 'a'));
    await own(join(folder, 'a'));
    await behaves(to(port, '-D', `${folder}/a/../a/../../../../../../..${folder}/standby`), {}, { exits: [0, 3] });
    await symlink('link1', join(folder, 'link0'));
    for (let index = 1; index < 60; index += 1) await symlink(`link${index + 1}`, join(folder, `link${index}`));
    const report = await behaves(to(port, '-D', join(folder, 'link0')));
    expect(errors(report)[0]).toMatch(/^target\//u);
    await behaves(to(port, '-D', `/${'x'.repeat(300)}/standby`));
    await behaves(to(port, '-D', `/tmp${'/y'.repeat(2_500)}`));
    await behaves(to(port, '-D', ''), {}, { exits: [0, 1, 2, 3] }).catch(() => undefined);
  });

  test('a data directory full of nonsense', async () => {
    for (const control of [
      Buffer.alloc(0),
      Buffer.alloc(100, 'x'),
      Buffer.alloc(8_192, 0xff),
      Buffer.alloc(50_000_000),
    ]) {
      const folder = join(await aFolder(), 'data');
      await mkdir(join(folder, 'global'), { recursive: true, mode: 0o700 });
      for (const [name, content] of Object.entries({
        PG_VERSION: '\u001B[2J99999999999999999999\n',
        'global/pg_control': control,
        'postmaster.pid': '99999999999999999999\n/\u001B[2J\n-1\n999999999999\n\n\n\n',
        'postmaster.opts': `${'"'.repeat(9_999)}\u001B`,
        'standby.signal': '',
        backup_label: 'START WAL LOCATION: Z/Z (file nothing)\n\u001B[2J',
        'backup_manifest.tmp': '{',
        'postgresql.conf': `include '${folder}/postgresql.conf'\ninclude_dir '/proc'\nport = 99999999\n\u001B[2J`,
        'postgresql.auto.conf': "port = '''\n",
      }))
        await writeFile(join(folder, name), content, { mode: 0o600 });
      if (user !== null) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
      const report = await behaves(to(port, '-D', folder));
      expect(errors(report)).toContain('target/not-empty');
    }
  });

  test.each(['0', '-1', '1', '4294967297', '2147483648', '1.5', 'NaN', `${process.pid}`])(
    'postmaster.pid says %s',
    async (pid) => {
      const folder = join(await aFolder(), 'data');
      await mkdir(folder, { mode: 0o700 });
      await own(folder);
      await writeFile(join(folder, 'postmaster.pid'), `${pid}\n${folder}\n1700000000\n5432\n/tmp\n*\n  1 2\nready\n`);
      const report = await behaves(to(port, '-D', folder));
      expect(errors(report)).toContain('target/not-empty');
    },
  );

  test('files in a data directory that are no files', async () => {
    const folder = join(await aFolder(), 'data');
    await mkdir(join(folder, 'global'), { recursive: true, mode: 0o700 });
    for (const name of ['PG_VERSION', 'postmaster.pid', 'postgresql.conf', 'postgresql.auto.conf', 'global/pg_control'])
      spawnSync('mkfifo', [join(folder, name)]);
    for (const name of ['postmaster.opts', 'backup_label']) await symlink('/dev/zero', join(folder, name));
    if (user !== null) spawnSync('chown', ['-Rh', `${user.uid}:${user.gid}`, folder]);
    const report = await behaves(to(port, '-D', folder));
    expect(errors(report)).toContain('target/not-empty');
  });

  test.skipIf(user === null)('a parent that nobody may enter', async () => {
    const folder = await aFolder();
    await mkdir(join(folder, 'closed'), { mode: 0o700 });
    await chown(join(folder, 'closed'), 0, 0);
    const report = await behaves(to(port, '-D', join(folder, 'closed', 'standby')));
    expect(errors(report)[0] ?? 'unexamined').toMatch(/^target\/|unexamined/u);
    expect(report.rules.find(({ id }) => id === 'target/not-writable')?.outcome).not.toBe('passed');
  });

  test('hosts with newlines and escape sequences in their names', async () => {
    for (const host of ['host\u001B[2J\nname', '/tmp/\u001B[2J\n'])
      await behaves(['preflight', '-D', nowhere, '-w', '--timeout', '1', '-h', host, '-p', '5432']);
  });

  test('a password file and a service file that are no files', async () => {
    const folder = await aFolder();
    const fifo = join(folder, 'fifo');
    spawnSync('mkfifo', [fifo]);
    await own(fifo);
    const huge = join(folder, 'huge');
    await writeFile(huge, '# nothing here\n'.repeat(2_000_000), { mode: 0o600 });
    await appendFile(huge, `${'x'.repeat(2_000_000)}\n127.0.0.1:${port}:replication:replicator:\u001B[2J`);
    await own(huge);
    for (const PGPASSFILE of [fifo, folder, '/dev/zero', '/dev/tty', huge, '/proc/self/mem', '\u001B[2J\n']) {
      await behaves(to(port, '-D', join(folder, 'standby')), { env: { PGPASSFILE } }, { exits: [0, 1, 3] });
    }
    for (const PGSERVICEFILE of [fifo, '/dev/zero', folder])
      await behaves(to(port, '-D', join(folder, 'standby')), { env: { PGSERVICEFILE } }, { exits: [0, 1, 3] });
    for (const [name, value] of Object.entries({
      PGSSLROOTCERT: fifo,
      PGSSLCERT: fifo,
      PGSSLKEY: fifo,
      PGSSLCRL: fifo,
    }))
      await behaves(to(port, '-D', join(folder, 'standby')), { env: { [name]: value } }, { exits: [0, 1, 3] });
  });
});

// what a real server and its programs have a part in
const full = await mkdtemp(join(tmpdir(), 'standbylint-odd-'));
beforeAll(async () => {
  expect(spawnSync('sh', ['-c', 'seq -f entry%.0f 100000 | xargs touch'], { cwd: full }).status).toBe(0);
  await own(full);
});
afterAll(async () => rm(full, { recursive: true, force: true }));

onReleasesInTurn((release) => {
  describe('the place for the copy', () => {
    let port = 0;
    let place: ThrowawayServer;
    beforeAll(async () => {
      const primary = await aPrimary({
        release,
        lifetime: 'file',
        hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
      });
      port = primary.server.port;
      place = await aPlaceForAStandby({ release, lifetime: 'file' });
    });

    test('is a FIFO', async () => {
      const path = join(await aFolder(), 'standby');
      spawnSync('mkfifo', [path]);
      const report = await behaves(to(port, '-D', path), { on: place });
      expect(errors(report)[0]).toBe('target/not-a-directory');
      expect(report.rules.find(({ id }) => id === 'target/not-empty')?.outcome).not.toBe('passed');
    });

    test('is a device', async () => {
      const report = await behaves(to(port, '-D', '/dev/null'), { on: place });
      expect(errors(report)[0]).toMatch(/^target\//u);
    });

    test('is a directory with 100,000 entries', async () => {
      const report = await behaves(to(port, '-D', full), { on: place });
      expect(errors(report)).toContain('target/not-empty');
    });

    test('has a name with newlines and escape sequences', async () => {
      const folder = join(await aFolder(), 'a\nb\u001B[31m\u009b\u202E"\'$(touch owned)`id`');
      await mkdir(folder, { mode: 0o700 });
      await own(folder);
      await writeFile(join(folder, 'PG_VERSION\n\u001B[2J'), '');
      const report = await behaves(to(port, '-D', folder), { on: place });
      expect(errors(report)).toEqual(['target/not-empty']);
      await behaves(
        to(port, '-D', join(folder, 'new\u001B]0;owned\u0007'), '-l', 'label\n\u001B[2J'),
        { on: place },
        { exits: [0, 1, 3] },
      );
      await behaves(
        to(port, '-D', nowhere, '-U', 'role\n\u001B[2J"', '-S', 'slot\n\u001B[2J', '-T', `/a\u001B=${nowhere}\n`),
        { on: place },
      );
    });

    test.skipIf(user === null)('is on a file system that is read-only', async ({ skip }) => {
      const folder = await aFolder();
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,mode=0777', 'none', folder]);
      skip(mounted.status !== 0, 'mounting is not allowed here');
      onTestFinished(() => {
        spawnSync('umount', ['-l', folder]);
      });
      const report = await behaves(to(port, '-D', join(folder, 'standby')), { on: place });
      expect(errors(report)[0]).toBe('target/not-writable');
    });
  });

  describe('the primary goes away in the middle', () => {
    test.each(['SIGSTOP', 'SIGKILL'] as const)('%s when it has said its first word', async (signal) => {
      const primary = await aPrimary({
        release,
        hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
      });
      const place = await aPlaceForAStandby({ release });
      const pid = (await primary.server.processId()) ?? 0;
      // all of its processes: the postmaster alone would let the sessions go on
      const strike = (which: NodeJS.Signals): void => {
        const children = spawnSync('sh', ['-c', `cat /proc/${pid}/task/*/children`], { encoding: 'utf8' }).stdout;
        for (const one of [
          pid,
          ...children
            .split(/\s+/u)
            .filter((id) => id !== '')
            .map(Number),
        ]) {
          try {
            process.kill(one, which);
          } catch {
            // gone already
          }
        }
      };
      for (const after of [1, 2, 3, 5, 8]) {
        let seen = 0;
        let struck = false;
        const port = await aServer((client) => {
          const upstream = connectTo(primary.server.port, '127.0.0.1');
          upstream.on('error', () => client.destroy());
          client.on('close', () => upstream.destroy());
          client.on('data', () => {
            seen += 1;
            if (seen > after && !struck) {
              struck = true;
              strike(signal);
            }
          });
          client.pipe(upstream).pipe(client);
        });
        const report = await behaves(
          to(port, '-D', place.dataDirectory, ...overAdmin(port)),
          { on: place },
          { exits: [0, 1, 3], formats: ['json'] },
        );
        expect(report.verdict).not.toBe('ready');
        if (signal === 'SIGSTOP') strike('SIGCONT');
        else {
          break;
        }
      }
    });
  });
});

async function listenOn(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  await chmod(path, 0o666);
}
