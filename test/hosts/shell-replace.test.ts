import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Answer, Host, Replaced } from '../../src/hosts/host.ts';
import { shellChannel } from '../../src/hosts/shell-channel.ts';
import type { ShellChannel } from '../../src/hosts/shell-channel.ts';
import type { ShellProgram } from '../../src/hosts/shells-together.ts';
import { greet, prelude } from '../../src/hosts/shell-greeting.ts';
import { shellHost } from '../../src/hosts/shell-host.ts';
import { diallingThere } from '../../src/hosts/shell-socket.ts';
import { shells } from './shells.ts';

const isRoot = process.getuid?.() === 0;
const before = 'one\ntwo\nthree\n';
let folder = '';
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

/** A busybox that has all of its programs, and of others what images have to be another user. */
const alone = (shell: ShellProgram): ShellProgram => {
  if (shell.program !== 'busybox') return shell;
  execFileSync(shell.program, ['--install', '-s', at('bin')]);
  const gosu = 'u=${1%:*}; g=${1#*:}; shift; exec /usr/bin/setpriv --reuid="$u" --regid="$g" --clear-groups "$@"';
  writeFileSync(at('bin/gosu'), `#!/bin/sh\n${gosu}\n`, { mode: 0o755 });
  return { program: 'env', args: ['-i', `PATH=${at('bin')}`, 'sh'] };
};

describe.each(shells)('a file is replaced by $name', ({ shell }) => {
  let channel: ShellChannel;
  let host: Host;
  const start = async (program: ShellProgram): Promise<void> => {
    channel = shellChannel(program, prelude, 5_000);
    const there = await greet(channel);
    if (!there.ok) throw new Error(there.problem.message);
    const beside = { label: 'there', timeoutMs: 5_000, shell: program, ...diallingThere(program, 'there') };
    host = shellHost(channel, there.value, beside);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'standbylint-replace-'));
    mkdirSync(at('bin'));
    mkdirSync(at('d'));
    chmodSync(folder, 0o755);
    writeFileSync(at('d/a.conf'), before);
    chmodSync(at('d/a.conf'), 0o440);
    await start(alone(shell));
  });
  afterEach(() => {
    channel.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const replace = (
    content: string | Uint8Array,
    { expected = before, copy = at('d/before'), path = at('d/a.conf') } = {},
  ): Promise<Answer<Replaced>> =>
    host.replaceFile(path, { expected: Buffer.from(expected), content: Buffer.from(content), copy });
  const files = (): readonly string[] => readdirSync(at('d'));
  const untouched = (more: readonly string[] = []): void => {
    expect(text('d/a.conf')).toBe(before);
    expect(files().toSorted()).toEqual(['a.conf', ...more].toSorted());
  };

  it('with its mode, and is kept as it was beside it', async () => {
    expect(await replace('new\n')).toMatchObject({ ok: true, value: { file: at('d/a.conf') } });
    expect([text('d/a.conf'), text('d/before'), files()]).toEqual(['new\n', before, ['a.conf', 'before']]);
    expect(['d/a.conf', 'd/before'].map((name) => statSync(at(name)).mode & 0o7777)).toEqual([0o440, 0o440]);
  });

  it('with whatever bytes, and nothing of them in a list of processes', async () => {
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256)),
      Buffer.from('%s \\n \' "$(x)" `x` ü\r\n'),
    ]);
    expect(await replace(bytes)).toMatchObject({ ok: true });
    expect(readFileSync(at('d/a.conf')).equals(bytes)).toBe(true);
    // and back
    const { length } = files();
    const back = { expected: bytes, content: Buffer.from(before), copy: at('d/after') };
    expect(await host.replaceFile(at('d/a.conf'), back)).toMatchObject({ ok: true });
    expect([text('d/a.conf'), files().length]).toEqual([before, length + 1]);
  });

  it('where a link leads', async () => {
    symlinkSync('a.conf', at('d/link'));
    expect(await replace('new\n', { path: at('d/link') })).toMatchObject({ value: { file: at('d/a.conf') } });
    expect([text('d/a.conf'), files()]).toEqual(['new\n', ['a.conf', 'before', 'link']]);
  });

  it('not where it is another one by now', async () => {
    expect(await replace('new\n', { expected: 'else' })).toMatchObject({ ok: false, problem: { code: 'EBUSY' } });
    untouched();
  });

  it('not where the name of the copy is taken', async () => {
    writeFileSync(at('d/before'), 'older');
    expect(await replace('new\n')).toMatchObject({ ok: false, problem: { code: 'EEXIST' } });
    untouched(['before']);
  });

  it('not where it is no plain file, or not there', async () => {
    execFileSync('mkfifo', [at('d/fifo')]);
    expect(await replace('x', { path: at('d/fifo') })).toMatchObject({ ok: false, problem: { code: 'ENOTSUP' } });
    expect(await replace('x', { path: at('d/none') })).toMatchObject({ ok: false, problem: { code: 'ENOENT' } });
    untouched(['fifo']);
  });

  it('or made, for its owner alone, and never twice', async () => {
    const made = { expected: null, content: Buffer.from('h:1:*:u:p\n'), copy: at('d/unused') };
    expect(await host.replaceFile(at('d/.pgpass'), made)).toMatchObject({ ok: true });
    expect([text('d/.pgpass'), statSync(at('d/.pgpass')).mode & 0o7777]).toEqual(['h:1:*:u:p\n', 0o600]);
    expect(await host.replaceFile(at('d/.pgpass'), made)).toMatchObject({ ok: false, problem: { code: 'EEXIST' } });
    untouched(['.pgpass']);
  });

  it.runIf(isRoot)('by root, and stays that of its owner', async () => {
    chownSync(at('d/a.conf'), 1234, 4321);
    chownSync(at('d'), 1234, 1234);
    expect(await replace('new\n')).toMatchObject({ ok: true });
    const made = { expected: null, content: Buffer.from('x'), copy: at('d/unused') };
    expect(await host.replaceFile(at('d/made'), made)).toMatchObject({ ok: true });
    const owners = ['a.conf', 'before', 'made'].map((name) => statSync(at(`d/${name}`)));
    expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual([
      [1234, 4321],
      [1234, 4321],
      [1234, 1234],
    ]);
  });

  it.runIf(isRoot)('not where its owner may make no file', async () => {
    chownSync(at('d/a.conf'), 1234, 4321);
    expect(await replace('new\n')).toMatchObject({
      ok: false,
      problem: { code: 'EACCES', message: expect.stringContaining('no file can be made beside') },
    });
    untouched();
  });

  it.runIf(isRoot)('not where it is mounted by itself', async () => {
    writeFileSync(at('outside'), before);
    execFileSync('mount', ['--bind', at('outside'), at('d/a.conf')]);
    try {
      expect(await replace('new\n')).toMatchObject({
        ok: false,
        problem: { code: 'EBUSY', message: expect.stringContaining('mounted by itself') },
      });
      untouched();
    } finally {
      execFileSync('umount', [at('d/a.conf')]);
    }
  });

  it.runIf(isRoot)('not where the disk is full', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('d')]);
    try {
      writeFileSync(at('d/a.conf'), before);
      execFileSync('sh', ['-c', `cat /dev/zero > ${at('d/fill')} 2>/dev/null || true`]);
      expect(await replace('new\n')).toMatchObject({ ok: false, problem: { code: 'ENOSPC' } });
      untouched(['fill']);
    } finally {
      execFileSync('umount', [at('d')]);
    }
  });

  // that of busybox takes its own cp
  it.skipIf(shell.program === 'busybox').each([
    ['appends to it', (file: string) => `echo four >>${file}`, `${before}four\n`],
    [
      'puts the same bytes in its place',
      (file: string) => `/bin/cp -p ${file} ${file}.n; mv ${file}.n ${file}`,
      before,
    ],
  ])('not where somebody else %s meanwhile', async (_, script, becomes) => {
    channel.close();
    chmodSync(at('d/a.conf'), 0o640);
    mkdirSync(at('first'));
    writeFileSync(at('first/cp'), `#!/bin/sh\n${script(at('d/a.conf'))}\nexec /bin/cp "$@"\n`, { mode: 0o755 });
    await start({ program: 'env', args: [`PATH=${at('first')}:/usr/bin:/bin`, shell.program, ...shell.args] });
    expect(await replace('new\n')).toMatchObject({ ok: false, problem: { code: 'EBUSY' } });
    expect([text('d/a.conf'), files()]).toEqual([becomes, ['a.conf']]);
  });
});
