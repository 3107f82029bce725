import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localHost } from '../../src/hosts/local.ts';
import { mountOf, parseMounts } from '../../src/hosts/local-mounts.ts';

const host = localHost({ timeoutMs: 2_000 });
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
let folder = '';
const at = (name: string): string => join(folder, name);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-host-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('files', () => {
  it('reads a part of a file and says that there is more', async () => {
    await writeFile(at('file'), 'abcdefgh');
    expect(await host.read(at('file'), { maxBytes: 3, from: 2 })).toMatchObject({
      ok: true,
      value: { truncated: true },
    });
    const part = await host.read(at('file'), { maxBytes: 3, from: 2 });
    expect(part.ok && text(part.value.bytes)).toBe('cde');
    const whole = await host.read(at('file'), { maxBytes: 8 });
    expect(whole).toMatchObject({ ok: true, value: { truncated: false } });
    expect(await host.read(at('file'), { from: 100 })).toMatchObject({ ok: true, value: { truncated: false } });
  });

  it.runIf(isLinux)('reads files whose size the system does not tell', async () => {
    const status = await host.read('/proc/self/status');
    expect(status.ok && text(status.value.bytes)).toContain('Name:');
  });

  it('does not open a FIFO, a device, a socket or a directory', async () => {
    await execa('mkfifo', [at('fifo')]);
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    // a reader that opened the FIFO would let this writer go on
    const writer = spawn('sh', ['-c', `echo woken > '${at('fifo')}'`]);
    const before = Date.now();
    expect(await host.read(at('fifo'))).toMatchObject({ ok: false, problem: { code: 'ENOTSUP' } });
    expect(await host.read(at('socket'))).toMatchObject({ ok: false, problem: { code: 'ENOTSUP' } });
    expect(await host.read('/dev/zero')).toMatchObject({ ok: false, problem: { code: 'ENOTSUP' } });
    expect(await host.read(folder)).toMatchObject({ ok: false, problem: { code: 'EISDIR' } });
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(writer.exitCode).toBeNull();
    writer.kill('SIGKILL');
    server.close();
  });

  it('answers in words for what is not there, and for paths that cannot be', async () => {
    await symlink('circle', at('circle'));
    await writeFile(at('file'), '');
    expect(await host.status(at('nothing'))).toEqual({
      ok: false,
      problem: { code: 'ENOENT', message: 'no such file or directory' },
    });
    expect(await host.status(at('file/below'))).toMatchObject({ problem: { code: 'ENOTDIR' } });
    expect(await host.realPath(at('circle'))).toMatchObject({ problem: { code: 'ELOOP' } });
    expect(await host.status(at('x'.repeat(5_000)))).toMatchObject({ problem: { code: 'ENAMETOOLONG' } });
    expect(await host.status('a\0b')).toMatchObject({ problem: { code: 'EINVAL' } });
  });

  it('follows links only when asked', async () => {
    await symlink('nowhere', at('link'));
    expect(await host.status(at('link'))).toMatchObject({ value: { kind: 'link' } });
    expect(await host.status(at('link'), { followLinks: true })).toMatchObject({ problem: { code: 'ENOENT' } });
    expect(await host.readLink(at('link'))).toEqual({ ok: true, value: 'nowhere' });
  });

  it('lists at most as many entries as asked for, of 100,000 in little time', async () => {
    // in memory where that is offered: it is the listing that is measured
    const many = await mkdtemp(
      join((await host.may('/dev/shm', 'write')).ok ? '/dev/shm' : folder, 'standbylint-many-'),
    );
    await execa('sh', ['-c', 'cd "$1" && seq 100000 | xargs touch', 'sh', many]);
    const before = Date.now();
    const listing = await host.list(many);
    expect(Date.now() - before).toBeLessThan(200);
    await rm(many, { recursive: true });
    expect(listing.ok && listing.value.entries.length).toBe(1_000);
    expect(listing).toMatchObject({ value: { truncated: true } });
  }, 60_000);

  it('lists names with newlines and escape sequences, hidden ones too', async () => {
    const names = ['.hidden', 'a\nb', '\u001B[31mred', 'plain'];
    for (const name of names) await writeFile(at(name), '');
    const listing = await host.list(folder, { limit: 4 });
    expect(listing).toMatchObject({ ok: true, value: { truncated: false } });
    expect(listing.ok && listing.value.entries.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it('asks the system what may be done', async () => {
    await writeFile(at('file'), '', { mode: 0o600 });
    expect(await host.may(at('file'), 'write')).toEqual({ ok: true, value: true });
    expect(await host.may(at('file'), 'execute')).toEqual({ ok: true, value: false });
    expect(await host.may(at('nothing'), 'read')).toMatchObject({ ok: false, problem: { code: 'ENOENT' } });
    if (isLinux) expect(await host.may('/proc/self/mountinfo', 'write')).toMatchObject({ ok: true });
  });
});

describe('mounts', () => {
  const lines = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '30 22 8:2 / /mnt rw - xfs /dev/sdb1 rw',
    String.raw`31 30 0:5 /a /mnt/with\040space\011and\134 ro,nosuid shared:2 master:1 - nfs4 server:/x rw`,
    '32 30 0:6 / /mnt/sub rw - tmpfs tmpfs ro',
    '33 30 0:7 / /mnt/sub rw - btrfs /dev/sdc rw',
    'not a line',
  ];
  const mounts = parseMounts(lines.join('\n'));

  it('are read with their escapes and both kinds of options', () => {
    expect(mounts.map(({ mountPoint, type, readOnly }) => [mountPoint, type, readOnly])).toEqual([
      ['/', 'ext4', false],
      ['/mnt', 'xfs', false],
      ['/mnt/with space\tand\\', 'nfs4', true],
      ['/mnt/sub', 'tmpfs', true],
      ['/mnt/sub', 'btrfs', false],
    ]);
  });

  it.each([
    ['/', 'ext4'],
    ['/mntx', 'ext4'],
    ['/mnt/x', 'xfs'],
    ['/mnt/subway', 'xfs'],
    ['/mnt/sub/x', 'btrfs'],
    ['/mnt/with space\tand\\/x', 'nfs4'],
  ])('%s lies on %s', (path, type) => expect(mountOf(path, mounts)?.type).toBe(type));

  it('gives the sizes that df gives', async () => {
    const found = await host.fileSystem(folder);
    const { stdout } = await execa('df', ['-P', '-k', folder]);
    const [, total = '', , , , mountPoint] = stdout.split('\n')[1]?.split(/\s+/) ?? [];
    expect(found.ok && found.value.totalBytes).toBe(Number(total) * 1024);
    expect(found.ok && found.value.mountPoint).toBe(mountPoint);
    expect(found.ok && found.value.freeBytes).toBeLessThanOrEqual(Number(total) * 1024);
  });

  it.runIf(isRoot && isLinux)('knows a bind mount, and one that is read-only', async () => {
    await mkdir(at('real dir'));
    await mkdir(at('bound dir'));
    await execa('mount', ['--bind', at('real dir'), at('bound dir')]);
    try {
      await execa('mount', ['-o', 'remount,bind,ro', at('bound dir')]);
      expect(await host.fileSystem(at('bound dir'))).toMatchObject({
        value: { mountPoint: at('bound dir'), readOnly: true },
      });
      // root may do everything, except this
      expect(await host.may(at('bound dir'), 'write')).toEqual({ ok: true, value: false });
      expect(await host.fileSystem(at('real dir'))).toMatchObject({ value: { readOnly: false } });
    } finally {
      await execa('umount', [at('bound dir')]);
    }
  });

  it.runIf(isRoot && isLinux)(
    'is not held by a file system that never answers, nor is the end of the process',
    async () => {
      await mkdir(at('dead'));
      // a FUSE file system whose server does not answer, mounted where only this child sees it
      const script = `
        import { localHost } from ${JSON.stringify(new URL('../../src/hosts/local.ts', import.meta.url).href)};
        const host = localHost({ timeoutMs: 300 });
        const [a, b, c] = await Promise.all([host.status(process.argv[1] + '/dead/x'), host.fileSystem(process.argv[1] + '/link/x'), host.status(process.argv[1])]);
        // a link of a tree leads to it, and in the tree itself it is mounted
        const trees = await Promise.all(['/tree', ''].map(async (name) => host.filesBelow([process.argv[1] + name], { limit: 100, timeoutMs: 300 })));
        console.log(JSON.stringify([a.problem?.code, b.problem?.code, c.ok, ...trees.map((tree) => tree.problem?.code)]));
        process.exit(7);`;
      await symlink(at('dead'), at('link'));
      await mkdir(at('tree'));
      await symlink(at('dead'), at('tree/link'));
      const shell = `exec 9<>/dev/fuse || exit 99
        mount -i -t fuse.dead -o fd=9,rootmode=40000,user_id=0,group_id=0 dead "$1/dead" || mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 dead "$1/dead" || exit 99
        "$2" --import tsx --input-type=module -e "$3" "$1"; status=$?
        umount -l "$1/dead"; exit $status`;
      const before = Date.now();
      const ran = await execa('unshare', ['-m', 'sh', '-c', shell, 'sh', folder, process.execPath, script], {
        reject: false,
        timeout: 15_000,
        stderr: 'pipe',
      });
      // no FUSE in this kernel, or mounts that nobody may have for himself (in a chroot)
      if (ran.exitCode === 99 || ran.stderr.includes('unshare:')) return;
      expect(ran.stdout).toBe('["ETIMEDOUT","ETIMEDOUT",true,"E2BIG","E2BIG"]');
      expect(ran.exitCode).toBe(7);
      expect(Date.now() - before).toBeLessThan(8_000);
    },
    20_000,
  );
});

describe('programs', () => {
  it('are run without a shell, in the C locale, and bring back what they printed', async () => {
    const ran = await host.run('sh', ['-c', 'echo "$1 $LC_ALL $MORE"; echo problem >&2; exit 3', 'sh', '$HOME; ls'], {
      environment: { MORE: 'more' },
    });
    expect(ran).toEqual({ ok: true, value: { exitCode: 3, stdout: '$HOME; ls C more\n', stderr: 'problem\n' } });
    expect(await host.run('cat', [], { input: 'given' })).toMatchObject({ value: { stdout: 'given' } });
  });

  it('that are missing, or not to be run, are an answer', async () => {
    await writeFile(at('script'), '#!/bin/sh\n', { mode: 0o600 });
    expect(await host.run(at('nothing'), [])).toMatchObject({ ok: false, problem: { code: 'ENOENT' } });
    expect(await host.run(at('script'), [])).toMatchObject({ ok: false, problem: { code: 'EACCES' } });
  });

  it('end with all their children at the time-out, also when they ignore SIGTERM', async () => {
    const before = Date.now();
    const script = `sleep 61.25 & echo $! > '${at('child')}'; trap '' TERM; sleep 61.25; sleep 61.25`;
    expect(await host.run('sh', ['-c', script], { timeoutMs: 300 })).toMatchObject({
      ok: false,
      problem: { code: 'ETIMEDOUT' },
    });
    expect(Date.now() - before).toBeLessThan(3_000);
    const child = await host.read(at('child'));
    expect(await host.processStatus(Number(child.ok ? text(child.value.bytes) : 0))).toMatchObject({
      ok: false,
      problem: { code: 'ESRCH' },
    });
  });

  it('may leave a child behind that holds their output, and do not hold the tool by it', async () => {
    const before = Date.now();
    const ran = await host.run('sh', ['-c', `echo said; setsid sleep 6.5 & exit 3`]);
    expect(ran).toEqual({ ok: true, value: { exitCode: 3, stdout: 'said\n', stderr: '' } });
    expect(Date.now() - before).toBeLessThan(3_000);
  });

  it('that print without end are stopped', async () => {
    expect(await host.run('yes', [], { maxOutputBytes: 10_000 })).toMatchObject({
      ok: false,
      problem: { code: 'EMSGSIZE' },
    });
  });

  it('are stopped when the examination is interrupted', async () => {
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 100);
    expect(await host.run('sleep', ['61'], { signal: interruption.signal })).toMatchObject({
      problem: { code: 'ECANCELED' },
    });
    expect(await host.run('echo', [], { signal: AbortSignal.abort() })).toMatchObject({
      problem: { code: 'ECANCELED' },
    });
  });

  it('that live longer are followed, and interrupted once with their children', async () => {
    const heard: string[] = [];
    const running = host.start('sh', ['-c', `trap 'echo caught; exit 4' INT; sleep 3.5 & echo ready; wait`], {
      onStdout: (chunk) => {
        heard.push(chunk);
        if (chunk.includes('ready')) running.interrupt('SIGINT');
      },
    });
    expect(await running.ended).toEqual({ ok: true, value: { exitCode: 4, signal: undefined } });
    expect(heard.join('')).toBe('ready\ncaught\n');
    running.interrupt('SIGINT'); // too late, and harmless
    expect(await host.start(at('nothing'), []).ended).toMatchObject({ ok: false, problem: { code: 'ENOENT' } });
  });

  it('are found on PATH first and then where they are said to be, the newest first', async () => {
    for (const version of ['9.6', '15', '13', 'not-this']) {
      await mkdir(at(`pg/${version}/bin`), { recursive: true });
      await writeFile(at(`pg/${version}/bin/tool`), '', { mode: version === 'not-this' ? 0o600 : 0o700 });
    }
    await mkdir(at('pg/16/bin/tool'), { recursive: true });
    expect(await host.findPrograms('tool', [at('pg/*/bin')])).toEqual(
      ['15', '13', '9.6'].map((version) => at(`pg/${version}/bin/tool`)),
    );
    const found = await host.findPrograms('sh');
    expect(found[0]).toMatch(/^\/.*\/sh$/);
  });
});

describe('names, ports and processes', () => {
  it('knows the addresses of a name, and says when there is none', async () => {
    expect(await host.addressesOf('127.0.0.1')).toEqual({ ok: true, value: ['127.0.0.1'] });
    const local = await host.addressesOf('localhost');
    expect(local.ok && local.value.every((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
    expect(await host.addressesOf('no-such-name.invalid')).toMatchObject({ ok: false });
    expect(await host.addressesOf('')).toMatchObject({ ok: false, problem: { code: 'ENOTFOUND' } });
    expect(host.interfaces().map(({ address }) => address)).toContain('127.0.0.1');
  });

  it.each(['127.0.0.1', '0.0.0.0'])('sees that something listens on %s', async (address) => {
    const server = createServer().listen(0, address);
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    expect(await host.portInUse(port)).toEqual({ ok: true, value: true });
    server.close();
    await once(server, 'close');
    expect(await host.portInUse(port)).toEqual({ ok: true, value: false });
  });

  it.runIf(isLinux)('does not take a port, not even for a moment, where others look at it or want it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    server.close();
    await once(server, 'close');
    const looks = await Promise.all(
      Array.from({ length: 20 }, async () => [await host.portInUse(port), await host.mayListen('127.0.0.1', port)]),
    );
    expect(looks.flat().filter((one) => !one.ok || (one.value !== false && one.value !== 'free'))).toEqual([]);
    expect(await host.mayListen('192.0.2.1', port)).toEqual({ ok: true, value: 'not-of-this-machine' });
  });

  it.runIf(isLinux)('tells what runs under a number', async () => {
    const child = spawn('sleep', ['61'], { cwd: folder });
    await once(child, 'spawn');
    const status = await host.processStatus(child.pid ?? 0);
    expect(status).toMatchObject({
      ok: true,
      value: { program: 'sleep', uid: process.getuid?.(), workingDirectory: folder, commandLine: ['sleep', '61'] },
    });
    const began = status.ok ? status.value.startedAt : undefined;
    expect(Math.abs(Date.now() - (began?.getTime() ?? 0))).toBeLessThan(5_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await host.processStatus(child.pid ?? 0)).toMatchObject({ ok: false, problem: { code: 'ESRCH' } });
    expect(await host.processStatus(-1)).toMatchObject({ ok: false, problem: { code: 'ESRCH' } });
  });

  it('knows users by their number', async () => {
    expect(await host.userName(0)).toEqual({ ok: true, value: 'root' });
    expect(await host.userName(4_294_967)).toMatchObject({ ok: false });
    expect(await host.userName(host.account.uid)).toEqual({ ok: true, value: host.account.name });
  });

  it.runIf(isRoot)('says what another user may do', async (context) => {
    await chmod(folder, 0o700);
    const script = `
      import { localHost } from ${JSON.stringify(new URL('../../src/hosts/local.ts', import.meta.url).href)};
      try { process.setgid(65534); process.setuid(65534); } catch { console.log('refused'); process.exit(); }
      const host = localHost();
      const seen = [host.account.uid, await host.may(process.argv[1], 'write'), await host.status(process.argv[1] + '/x'), await host.may('/root/x', 'read')];
      console.log(JSON.stringify(seen.map((one) => one.problem?.code ?? one.value ?? one)));`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder];
    const { stdout } = await execa(process.execPath, args);
    if (stdout === 'refused') return context.skip('this Node lets nobody become another user (io_uring)');
    expect(stdout).toBe('[65534,false,"EACCES","EACCES"]');
  });
});
