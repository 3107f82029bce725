import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { shellChannel } from '../../src/hosts/shell-channel.ts';
import type { ShellChannel } from '../../src/hosts/shell-channel.ts';
import type { ShellProgram } from '../../src/hosts/shells-together.ts';
import { greet, prelude } from '../../src/hosts/shell-greeting.ts';
import { shellHost } from '../../src/hosts/shell-host.ts';
import { diallerThere, diallingThere } from '../../src/hosts/shell-socket.ts';
import { shellsTogether } from '../../src/hosts/shells-together.ts';
import { shells } from './shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'standbylint-shell-'));
const local = localHost();
/** Folders of programs that an image may have. */
const [withPerl, withSu, bare] = [join(folder, 'with-perl'), join(folder, 'with-su'), join(folder, 'bare')];
const small = ['sh', 'id', 'uname', 'cat', 'env', 'sed', 'true'];
const binary = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
const hostile = [
  'plain',
  "it's",
  'two words',
  '-n',
  '*',
  '$(touch x)',
  '`x`',
  'new\nline',
  'end\n',
  '\\',
  '"',
  'ü\u{1F40D}',
  '[a]',
  '.hidden',
  '..x',
  '#',
  '(',
  '!',
];

beforeAll(() => {
  for (const name of hostile) writeFileSync(join(folder, name), `content of ${name}`);
  writeFileSync(join(folder, 'binary'), binary);
  writeFileSync(join(folder, 'empty'), '');
  mkdirSync(join(folder, 'directory', 'in it'), { recursive: true });
  mkdirSync(join(folder, 'none in it'));
  symlinkSync('plain', join(folder, 'link'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  symlinkSync('loop', join(folder, 'loop'));
  chmodSync(folder, 0o755);
  for (const [place, programs] of [
    [withPerl, [...small, 'perl']],
    [withSu, [...small, 'su']],
    [bare, small],
  ] as const) {
    mkdirSync(place);
    for (const program of programs) symlinkSync(`/usr/bin/${program}`, join(place, program));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const paths = [
  ...hostile,
  ...['binary', 'empty', 'directory', 'none in it', 'link', 'dangling', 'loop', 'not there', 'plain/x', 'no/x', '.'],
].map((name) => join(folder, name));

describe.each(shells)('$name', ({ name, shell }) => {
  let channel: ShellChannel;
  let host: Host;
  /** The same, with what is in the folder read ahead. */
  let knowing: Host;
  const asked: string[] = [];
  beforeAll(async () => {
    const together = shellsTogether(shell);
    channel = shellChannel(shell, prelude, 5_000, together);
    const there = await greet(channel);
    if (!there.ok) throw new Error(there.problem.message);
    host = shellHost(channel, there.value, {
      label: 'there',
      timeoutMs: 5_000,
      shell,
      ...diallerThere(together, 'there').dialling,
    });
    const second = shellChannel(shell, prelude, 5_000);
    const counted: ShellChannel = {
      ...second,
      ask: (script, timeoutMs) => {
        asked.push(script);
        return second.ask(script, timeoutMs);
      },
    };
    const ahead = await greet(counted, { dataDirectory: folder });
    if (!ahead.ok) throw new Error(ahead.problem.message);
    await ahead.value.ahead;
    knowing = shellHost(counted, ahead.value, {
      label: 'there',
      timeoutMs: 5_000,
      shell,
      ...diallingThere(shell, 'there'),
    });
    ends = () => {
      second.close();
      together.close();
    };
  });
  let ends = (): void => undefined;
  afterAll(() => {
    channel.close();
    ends();
  });

  it('a name that no server knows delays neither another name nor a file', async () => {
    const place = mkdtempSync(join(tmpdir(), 'standbylint-names-'));
    onTestFinished(() => rmSync(place, { recursive: true }));
    const script = '#!/bin/sh\ncase $2 in near) echo 10.0.0.7 STREAM near;; *) sleep 4; exit 2;; esac\n';
    writeFileSync(join(place, 'getent'), script, { mode: 0o755 });
    const way = { program: 'env', args: [`PATH=${place}:${process.env['PATH'] ?? ''}`, shell.program, ...shell.args] };
    const names = shellChannel(way, prelude, 5_000);
    const there = await greet(names);
    if (!there.ok) throw new Error(there.problem.message);
    const machine = shellHost(names, there.value, {
      ...{ label: 'there', timeoutMs: 5_000, shell: way },
      ...diallingThere(way, 'there'),
    });
    const since = performance.now();
    const [far, ...near] = await Promise.all([
      machine.addressesOf('far').then((found) => [codeOf(found), performance.now() - since]),
      machine.addressesOf('near').then((found) => [codeOf(found), performance.now() - since]),
      machine.read(join(folder, 'plain')).then((found) => [found.ok, performance.now() - since]),
    ]);
    names.close();
    expect(far).toEqual(['ENOTFOUND', expect.any(Number)]);
    expect(near.map(([found]) => found)).toEqual([['10.0.0.7'], true]);
    for (const [, took] of near) expect(took).toBeLessThan(Number(far[1]) - 1_500);
  });

  it('what was read ahead is not asked again, in one turn all is one question, and a second look asks anew', async () => {
    const before = asked.length;
    const status = await knowing.status(join(folder, 'plain'), { followLinks: true });
    expect(codeOf(await knowing.status(join(folder, 'not there')))).toBe('ENOENT');
    expect(names(await knowing.list(folder))).toEqual(names(await local.list(folder)));
    expect((await knowing.processStatus(process.pid)).ok).toBe(true);
    expect(codeOf(await knowing.realPath(join(folder, 'link')))).toBe(
      codeOf(await local.realPath(join(folder, 'link'))),
    );
    expect(asked.length).toBe(before);
    await Promise.all(hostile.map(async (name) => knowing.read(join(folder, name))));
    expect(asked.length).toBe(before + 1);
    writeFileSync(join(folder, 'plain'), 'other content');
    expect(await knowing.status(join(folder, 'plain'), { followLinks: true })).toEqual(status);
    knowing.anew?.();
    expect(await knowing.status(join(folder, 'plain'))).toMatchObject({ value: { sizeBytes: 13 } });
    writeFileSync(join(folder, 'plain'), 'content of plain');
  });

  it('a FIFO, a socket or an endless device in the place of a file that is read ahead holds up nothing', async () => {
    const odd = join(folder, `odd-${name}`);
    for (const made of ['', 'pg_wal', 'global', 'base/1']) mkdirSync(join(odd, made), { recursive: true });
    const fifos = ['postmaster.pid', 'PG_VERSION', 'global/pg_control', 'pg_wal/ABCD', 'base/1/PG_VERSION'];
    for (const fifo of fifos) execFileSync('mkfifo', [join(odd, fifo)]);
    symlinkSync('/dev/zero', join(odd, 'postgresql.conf'));
    const third = shellChannel(shell, prelude, 5_000);
    const there = await greet(third, { dataDirectory: odd });
    if (!there.ok) throw new Error(there.problem.message);
    const seen = await there.value.ahead;
    expect(seen?.status(join(odd, 'PG_VERSION'), true)).toMatchObject({ value: { kind: 'fifo' } });
    expect(seen?.read(join(odd, 'postgresql.conf'), 10, 0)).toBeUndefined();
    expect(third.lost()).toBeUndefined();
    third.close();
    rmSync(odd, { recursive: true });
  });

  it.each(['/', undefined])('to read ahead comes to an end where the data directory is %s', async (dataDirectory) => {
    vi.stubEnv('PGDATA', undefined);
    const third = shellChannel(shell, prelude, 5_000);
    const there = await greet(third, { dataDirectory });
    vi.unstubAllEnvs();
    if (!there.ok) throw new Error(there.problem.message);
    const seen = await there.value.ahead;
    expect(seen?.status('/', true)).toMatchObject({ ok: true, value: { kind: 'directory' } });
    third.close();
  });

  it('knows who looks', () => {
    expect(host.account.uid).toBe(process.getuid?.());
    expect(host.architecture).toBe(local.architecture);
    expect(host.platform).toBe('linux');
    expect(host.interfaces().map(({ address }) => address)).toContain('127.0.0.1');
  });

  it.each(paths)('%j is what it is on this machine', async (path) => {
    for (const one of [host, knowing]) {
      for (const followLinks of [false, true]) {
        const [there, here] = await Promise.all([
          one.status(path, { followLinks }),
          local.status(path, { followLinks }),
        ]);
        expect(withoutTime(there)).toEqual(withoutTime(here));
        if (there.ok && here.ok)
          expect(Math.abs(there.value.modifiedAt.getTime() - here.value.modifiedAt.getTime())).toBeLessThan(1_000);
      }
      expect(codeOf(await one.read(path))).toEqual(codeOf(await local.read(path)));
      expect(names(await one.list(path))).toEqual(names(await local.list(path)));
      expect(codeOf(await one.readLink(path))).toEqual(codeOf(await local.readLink(path)));
      expect(codeOf(await one.realPath(path))).toEqual(codeOf(await local.realPath(path)));
      for (const what of ['read', 'write', 'execute'] as const)
        expect(codeOf(await one.may(path, what))).toEqual(codeOf(await local.may(path, what)));
    }
  });

  it('reads a part, and says when there is more', async () => {
    const path = join(folder, 'binary');
    for (const how of [{ maxBytes: 10 }, { from: 7, maxBytes: 1_000 }, { from: 299_990 }, { from: 400_000 }]) {
      const [there, here] = await Promise.all([host.read(path, how), local.read(path, how)]);
      expect(there).toEqual(here);
    }
  });

  it('reads 64 MB byte for byte, and piece by piece', { timeout: 60_000 }, async () => {
    const path = join(folder, 'large');
    const large = Buffer.allocUnsafe(64 * 1024 * 1024);
    for (let at = 0; at < large.length; at += 4) large.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
    writeFileSync(path, large);
    const [read, opened] = [await host.read(path, { maxBytes: large.length }), await host.pieces(path)];
    expect(read.ok && !read.value.truncated && large.equals(read.value.bytes)).toBe(true);
    if (!opened.ok) throw new Error(opened.problem.message);
    let at = 0;
    for await (const piece of opened.value.pieces) {
      expect(large.subarray(at, at + piece.length).equals(piece)).toBe(true);
      at += piece.length;
    }
    expect([at, opened.value.problem()]).toEqual([large.length, undefined]);
    rmSync(path);
  });

  it('tells of what is removed while it is read', async () => {
    const path = join(folder, 'leaving');
    writeFileSync(path, Buffer.alloc(6 * 1024 * 1024));
    const opened = await host.pieces(path);
    if (!opened.ok) throw new Error(opened.problem.message);
    rmSync(path);
    let length = 0;
    for await (const piece of opened.value.pieces) length += piece.length;
    expect(length).toBe(4 * 1024 * 1024);
    expect(opened.value.problem()).toMatchObject({ code: 'ENOENT' });
  });

  it('reads what changes its length as it is read, and a process', async () => {
    const status = await host.processStatus(process.pid);
    const here = await local.processStatus(process.pid);
    expect(status.ok && here.ok && status.value.commandLine).toEqual(here.ok && here.value.commandLine);
    expect(await host.processStatus(4_194_304)).toMatchObject({ ok: false, problem: { code: 'ESRCH' } });
  });

  it('never opens what is no plain file', async () => {
    expect(await host.read('/dev/zero')).toMatchObject({ ok: false, problem: { code: 'ENOTSUP' } });
    expect(await host.read('/dev')).toMatchObject({ ok: false, problem: { code: 'EISDIR' } });
    expect(await host.read('a\0b')).toMatchObject({ ok: false, problem: { code: 'EINVAL' } });
  });

  it('lists no more than it is asked for', async () => {
    const many = join(folder, 'many');
    mkdirSync(many, { recursive: true });
    for (let at = 0; at < 10_000; at += 1) writeFileSync(join(many, String(at)), '');
    const all = await host.list(many, { limit: 20_000 });
    expect(all.ok && new Set(all.value.entries.map(({ name }) => name)).size).toBe(10_000);
    expect(all.ok && all.value.truncated).toBe(false);
    const listed = await host.list(many, { limit: 1_500 });
    expect(listed.ok && [listed.value.entries.length, listed.value.truncated]).toEqual([1_500, true]);
  });

  it('follows patterns', async () => {
    expect(await host.glob([`${folder}/[ab]*`, `${folder}/*'s`, `${folder}/*`.replace('*', 'nothing*')])).toEqual({
      ok: true,
      value: [join(folder, 'binary'), join(folder, "it's")],
    });
  });

  it('runs programs with words and an environment of any kind', async () => {
    const ran = await host.run('sh', ['-c', 'printf "%s|" "$@"; printf %s "$SECRET"; exit 3', 'sh', ...hostile], {
      environment: { SECRET: "it's $(x)" },
    });
    expect(ran).toEqual({
      ok: true,
      value: { exitCode: 3, stdout: `${hostile.join('|')}|it's $(x)`, stderr: '' },
    });
    expect(await host.run('no-such-program', [])).toMatchObject({ ok: false, problem: { code: 'ENOENT' } });
    expect(await host.run('cat', [], { input: 'a\n\nb' })).toMatchObject({ value: { stdout: 'a\n\nb' } });
  });

  it('starts a program that lives on: its output as it comes, its status, nothing of it in a list of processes', async () => {
    const heard: string[] = [];
    const listed = `tr '\\0' ' ' </proc/$PPID/cmdline; echo "$SECRET"; printf %s "$1"; echo gone >&2; exit 7`;
    const running = host.start('sh', ['-c', listed, 'sh', hostile.join('|')], {
      environment: { SECRET: "it's $(kept)" },
      onStdout: (text) => heard.push(text),
      onStderr: (text) => heard.push(`err ${text}`),
    });
    expect(await running.ended).toEqual({ ok: true, value: { exitCode: 7, signal: undefined } });
    const [parent = ''] = heard.join('').split("it's $(kept)");
    expect(parent).not.toMatch(/kept|SECRET/u);
    expect(heard.join('')).toContain(hostile.join('|'));
    expect(heard.join('')).toContain('err gone\n');
    const none = await host.start('no-such-program', []).ended;
    expect(none).toMatchObject({ value: { exitCode: 127 } });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'passes %s on to a program and what it has started',
    async (signal) => {
      for (const early of [true, false]) {
        let child = '';
        const running = host.start('perl', ['-e', '$| = 1; if (!($p = fork())) { sleep 60 } print "$p\n"; sleep 60'], {
          onStdout: (text) => {
            child += text;
            if (!early) running.interrupt(signal);
          },
        });
        if (early) running.interrupt(signal);
        const ended = await running.ended;
        expect(ended).not.toMatchObject({ value: { exitCode: 0 } });
        if (!early)
          await vi.waitFor(async () => expect((await host.processStatus(Number(child))).ok).toBe(false), 5_000);
      }
    },
    15_000,
  );

  it.skipIf(process.getuid?.() !== 0)('runs a program as another user, without any group of root', async () => {
    const whoIs = async (path: string, gid = 65_533): Promise<unknown> => {
      const other = shellChannel(shell, `${prelude}\nPATH=${path}; export PATH`, 5_000);
      const there = await greet(other);
      if (!there.ok) throw new Error(there.problem.message);
      const asked = await shellHost(other, there.value, {
        label: 'there',
        timeoutMs: 5_000,
        shell,
        ...diallingThere(shell, 'there'),
      }).run('sh', ['-c', 'echo "$(id -u) $(id -g) $(id -G) $(pwd) $1"', 'sh', "it's"], {
        account: { uid: 65_534, gid },
        alone: true,
        environment: { PATH: '/usr/bin:/bin' },
      });
      other.close();
      return asked.ok ? asked.value : asked.problem.code;
    };
    const other = { exitCode: 0, stdout: "65534 65533 65533 / it's\n", stderr: '' };
    expect(await whoIs('/usr/bin:/bin')).toEqual(other);
    expect(await whoIs(withPerl)).toEqual(other);
    // su is for a user that has a name
    expect(await whoIs(withSu)).toBe('ENOTSUP');
    expect(await whoIs(withSu, 65_534)).toEqual({ ...other, stdout: "65534 65534 65534 / it's\n" });
    expect(await whoIs(bare)).toBe('ENOTSUP');
  });

  it('ends a program that does not end, and goes on', async () => {
    expect(await host.run('sleep', ['60'], { timeoutMs: 500 })).toMatchObject({
      ok: false,
      problem: { code: 'ETIMEDOUT' },
    });
    expect((await host.read(join(folder, 'plain'))).ok).toBe(true);
  });

  it('goes on with another shell when one is ended', async () => {
    const asked = Promise.all([channel.ask('kill -9 $$'), host.read(join(folder, 'plain'))]);
    const [killed, read] = await asked;
    expect(killed.ok).toBe(false);
    expect(read.ok).toBe(true);
  });

  it('sees what listens, and connects', async () => {
    const server = createServer((socket) => socket.on('data', (bytes) => socket.end(bytes)));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    expect(await host.portInUse(port)).toEqual({ ok: true, value: true });
    expect(await host.mayListen('127.0.0.1', port)).toEqual({ ok: true, value: 'taken' });
    expect(await host.mayListen('192.0.2.1', port)).toEqual({ ok: true, value: 'not-of-this-machine' });
    const stream = await host.connect({ kind: 'tcp', address: '127.0.0.1', port }, new AbortController().signal);
    stream.write(binary.subarray(0, 1_000));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks)).toEqual(binary.subarray(0, 1_000));
    await new Promise((resolve) => {
      server.close(resolve);
    });
    expect(await host.portInUse(port)).toEqual({ ok: true, value: false });
    await expect(
      host.connect({ kind: 'tcp', address: '127.0.0.1', port }, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

it('knows the machine also where its user has no name', async () => {
  const nameless: ShellProgram = { program: 'unshare', args: ['-r', '--map-user=54321', '--map-group=54321', 'sh'] };
  const channel = shellChannel(nameless, prelude, 2_000);
  const there = await greet(channel);
  channel.close();
  expect(there).toMatchObject({
    ok: true,
    value: { account: { uid: 54_321, name: '54321' }, architecture: process.arch, workingDirectory: process.cwd() },
  });
});

it('passes over what a shell greets with', async () => {
  const greeting: ShellProgram = { program: 'sh', args: ['-c', 'echo Welcome; echo "last login" >&2; exec sh'] };
  const channel = shellChannel(greeting, prelude, 2_000);
  expect(await channel.ask('echo here')).toMatchObject({ ok: true, value: { status: 0 } });
  channel.close();
});

it('says why there is no shell', async () => {
  const words = shellChannel({ program: 'sh', args: ['-c', 'echo Permission denied >&2; exit 1'] }, prelude, 2_000);
  expect(await words.ask(':')).toMatchObject({ ok: false, problem: { message: 'Permission denied' } });
  const none = shellChannel({ program: '/no/such/program', args: [] }, prelude, 2_000);
  expect(await none.ask(':')).toMatchObject({ ok: false, problem: { code: 'ENOENT' } });
});

it.each([
  ['csh', ['-c', 'exec sh']],
  ['tcsh', ['-c', 'exec sh']],
  ['fish', ['-c', 'exec sh']],
  ['zsh', ['-c', 'exec sh']],
])('%s as the shell of a user hands over to sh', async (program, args) => {
  const channel = shellChannel({ program, args }, prelude, 5_000);
  const there = await greet(channel);
  channel.close();
  // where it is not installed it could not be tried
  if (!there.ok) expect(there.problem.code).toBe('ENOENT');
  else expect(there.value.account.uid).toBe(process.getuid?.());
});

it.each([
  ['a program that is no shell', { program: 'cat', args: [] }],
  ['perl in the place of sh', { program: 'perl', args: [] }],
  ['a shell that reads nothing', { program: 'sleep', args: ['60'] }],
  [
    'a shell that echoes and answers nothing',
    { program: 'sh', args: ['-c', 'while read -r line; do echo "$line"; done'] },
  ],
])('%s is no machine, and that is said in time', { timeout: 30_000 }, async (_, shell) => {
  const channel = shellChannel({ ...shell, startMs: 1_500 }, prelude, 1_500);
  const began = performance.now();
  const there = await greet(channel);
  expect(there.ok).toBe(false);
  expect(performance.now() - began).toBeLessThan(20_000);
  channel.close();
});

it('a place that is gone mid-way ends every question, and says that it broke off', { timeout: 30_000 }, async () => {
  for (const way of ['kill -9 $PPID', 'kill -STOP $$; sleep 1', 'exec >&- 2>&-']) {
    // the shell in the middle stands for ssh, or the engine
    const channel = shellChannel({ program: 'sh', args: ['-c', 'sh; exit 1'] }, prelude, 1_000);
    const asked = Promise.all([channel.ask('echo first'), channel.ask(way), channel.ask('echo last')]);
    const [first] = await asked;
    expect(first.ok).toBe(true);
    channel.close();
  }
});

const withoutTime = (status: Awaited<ReturnType<Host['status']>>): unknown =>
  status.ok ? { ...status.value, modifiedAt: undefined } : status.problem.code;

const codeOf = (
  seen:
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly problem: { readonly code: string } },
) => (seen.ok ? seen.value : seen.problem.code);

const names = (seen: Awaited<ReturnType<Host['list']>>): unknown =>
  seen.ok ? seen.value.entries.map(({ name, kind }) => `${kind} ${name}`).toSorted() : seen.problem.code;
