import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
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

import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { FileEdit } from '../../src/findings/report.ts';
import { applyEdit, undoEdit, withFreeCopy } from '../../src/fixes/edit.ts';
import { localHost } from '../../src/hosts/local.ts';
import { builtEditChild } from './built-edit-child.ts';
import { hasTool } from '../lab/tool.ts';

const isRoot = process.getuid?.() === 0;
const host = localHost();
const before = 'one\ntwo\nthree\n';
let folder = '';
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edit-'));
  writeFileSync(at('a.conf'), before);
  chmodSync(at('a.conf'), 0o640);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const edit = (change: Partial<FileEdit> = {}): FileEdit => ({
  file: at('a.conf'),
  copy: at('a.conf.before'),
  changes: [{ act: 'replace', line: 2, was: 'two', text: '# two' }],
  ...change,
});
const text = (name: string): string => readFileSync(at(name), 'utf8');
/** Nothing was changed, and nothing was left behind. */
const untouched = (): void => {
  expect(text('a.conf')).toBe(before);
  expect(readdirSync(folder)).toEqual(['a.conf']);
};

describe('an edit', () => {
  it('changes the file and keeps it as it was beside it', async () => {
    expect(await applyEdit(host, edit())).toEqual({ ok: true, value: { file: at('a.conf'), notKept: undefined } });
    expect(text('a.conf')).toBe('one\n# two\nthree\n');
    expect(text('a.conf.before')).toBe(before);
    expect([statSync(at('a.conf')).mode & 0o7777, statSync(at('a.conf.before')).mode & 0o7777]).toEqual([0o640, 0o640]);
    expect(readdirSync(folder)).toEqual(['a.conf', 'a.conf.before']);
  });

  it('goes to the file that a link leads to', async () => {
    mkdirSync(at('real'));
    execFileSync('mv', [at('a.conf'), at('real/there.conf')]);
    symlinkSync('real/there.conf', at('a.conf'));
    expect(await applyEdit(host, edit())).toMatchObject({ ok: true, value: { file: at('real/there.conf') } });
    expect(text('real/there.conf')).toBe('one\n# two\nthree\n');
    expect(text('a.conf')).toBe('one\n# two\nthree\n');
    expect([readdirSync(folder), readdirSync(at('real'))]).toEqual([
      ['a.conf', 'a.conf.before', 'real'],
      ['there.conf'],
    ]);
  });

  it('makes a file that is not there, for its owner alone', async () => {
    const passfile = edit({
      file: at('.pgpass'),
      copy: at('.pgpass.before'),
      changes: [{ act: 'append', text: 'h:5432:replication:r:secret' }],
      absent: true,
      secret: true,
    });
    expect(await applyEdit(host, passfile)).toMatchObject({ ok: true });
    expect(text('.pgpass')).toBe('h:5432:replication:r:secret\n');
    expect(statSync(at('.pgpass')).mode & 0o7777).toBe(0o600);
    expect(await applyEdit(host, passfile)).toMatchObject({ ok: false, problem: { code: 'EEXIST' } });
    const toShow = { ...passfile, changes: [{ act: 'append', text: 'h:5432:replication:r:<password>' } as const] };
    expect(await undoEdit(host, toShow, { editedAs: at('.pgpass.undone'), unsure: false })).toMatchObject({ ok: true });
    expect([existsSync(at('.pgpass')), text('.pgpass.undone')]).toEqual([false, 'h:5432:replication:r:secret\n']);
  });

  it.runIf(isRoot)(
    'made by root leaves the file to its owner, and a new one to the owner of the directory',
    async () => {
      chownSync(at('a.conf'), 1234, 4321);
      chownSync(folder, 1234, 4321);
      await applyEdit(host, edit());
      await applyEdit(host, edit({ file: at('new'), changes: [{ act: 'append', text: 'x' }], absent: true }));
      const owners = ['a.conf', 'a.conf.before', 'new'].map((name) => statSync(at(name)));
      expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual([
        [1234, 4321],
        [1234, 4321],
        [1234, 4321],
      ]);
    },
  );

  it.each([
    ['a line that is another one now', edit, 'one\nTWO\nthree\n', 'EBUSY', /line 2 has changed since it was read/u],
    ['a file that is shorter now', edit, 'one\n', 'EBUSY', /line 2 has changed/u],
  ])('refuses %s', async (_, make, now, code, message) => {
    writeFileSync(at('a.conf'), now);
    expect(await applyEdit(host, make())).toMatchObject({
      ok: false,
      problem: { code, message: expect.stringMatching(message) },
    });
    expect([text('a.conf'), readdirSync(folder)]).toEqual([now, ['a.conf']]);
  });

  it('never takes the place of a copy that is there', async () => {
    writeFileSync(at('a.conf.before'), 'older');
    expect(await applyEdit(host, edit())).toMatchObject({ ok: false, problem: { code: 'EEXIST' } });
    expect([text('a.conf'), text('a.conf.before'), readdirSync(folder).length]).toEqual([before, 'older', 2]);
  });

  it.each(['directory', 'fifo', 'nothing'])('refuses what is no plain file: %s', async (kind) => {
    rmSync(at('a.conf'));
    if (kind === 'directory') mkdirSync(at('a.conf'));
    if (kind === 'fifo') execFileSync('mkfifo', [at('a.conf')]);
    const done = await applyEdit(host, edit());
    expect(done).toMatchObject({ ok: false, problem: { message: expect.stringContaining(at('a.conf')) } });
    expect(readdirSync(folder)).toEqual(kind === 'nothing' ? [] : ['a.conf']);
  });
});

it('of a file that was edited in the same moment takes another name for its copy', async () => {
  const step = {
    on: 'client',
    kind: 'shell',
    does: 'run',
    text: `cp -p a ${at('a.conf.before')}`,
    edit: edit(),
  } as const;
  expect(await withFreeCopy(host, step)).toEqual(step);
  writeFileSync(at('a.conf.before'), '');
  expect(await withFreeCopy(host, step)).toEqual({
    ...step,
    text: `cp -p a ${at('a.conf.before-2')}`,
    edit: edit({ copy: at('a.conf.before-2') }),
  });
});

describe('somebody else edits the same file', () => {
  /** `cp` is the one program that is run between the first look at the file and the last: another one may act there too. */
  const meanwhile = async (script: string): Promise<Awaited<ReturnType<typeof applyEdit>>> => {
    mkdirSync(at('bin'));
    const cp = execFileSync('sh', ['-c', 'command -v cp'], { encoding: 'utf8' }).trim();
    writeFileSync(at('bin/cp'), `#!/bin/sh\n${script}\nexec ${cp} "$@"\n`, { mode: 0o755 });
    const path = process.env['PATH'];
    process.env['PATH'] = `${at('bin')}:${path ?? ''}`;
    try {
      return await applyEdit(host, edit());
    } finally {
      process.env['PATH'] = path;
      rmSync(at('bin'), { recursive: true });
    }
  };

  it.each([
    ['appends to it in place', () => `echo four >> ${at('a.conf')}`, `${before}four\n`],
    [
      'writes the same number of bytes in place',
      () => `printf TWO | dd of=${at('a.conf')} bs=1 seek=4 conv=notrunc 2>&-`,
      'one\nTWO\nthree\n',
    ],
    ['puts another one in its place', () => `echo new > ${at('n')}; mv ${at('n')} ${at('a.conf')}`, 'new\n'],
    [
      'puts the same bytes in its place',
      () => `cp -p ${at('a.conf')} ${at('n')}; mv ${at('n')} ${at('a.conf')}`,
      before,
    ],
  ])('%s', async (_, script, becomes) => {
    const cp = script().replace(/^cp /u, '/bin/cp ');
    expect(await meanwhile(cp)).toMatchObject({ ok: false, problem: { code: 'EBUSY' } });
    expect([text('a.conf'), readdirSync(folder)]).toEqual([becomes, ['a.conf']]);
  });

  it.skipIf(!hasTool('strace'))(
    'in the very moment in which the new file takes its place',
    { timeout: 60_000 },
    async () => {
      const program = await builtEditChild(folder);
      const child = execa(
        'strace',
        [
          '-o',
          '/dev/null',
          '-e',
          'trace=?rename,?renameat,?renameat2',
          '-e',
          'inject=?rename,?renameat,?renameat2:delay_enter=2000000',
          process.execPath,
          program,
          JSON.stringify(edit()),
        ],
        { stdin: 'ignore' },
      );
      while (!existsSync(at('a.conf.before'))) await new Promise((resolve) => setTimeout(resolve, 5));
      execFileSync('sh', ['-c', `echo four >> ${at('a.conf')}`]);
      const { stdout } = await child;
      expect(stdout).toContain('"code":"EBUSY"');
      expect(text('a.conf')).toBe(`${before}four\n`);
      expect(readdirSync(folder).filter((name) => !name.endsWith('.mjs'))).toEqual(['a.conf']);
    },
  );
});

describe('what the system refuses', () => {
  it.runIf(isRoot)('a disk that is full', async () => {
    mkdirSync(at('small'));
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('small')]);
    try {
      writeFileSync(at('small/a.conf'), before);
      execFileSync('sh', ['-c', `cat /dev/zero > ${at('small/fill')} 2>/dev/null || true`]);
      const done = await applyEdit(host, edit({ file: at('small/a.conf'), copy: at('small/a.conf.before') }));
      expect(done).toMatchObject({ ok: false, problem: { code: 'ENOSPC' } });
      expect([text('small/a.conf'), readdirSync(at('small'))]).toEqual([before, ['a.conf', 'fill']]);
    } finally {
      await execa('umount', [at('small')]);
    }
  });

  it.runIf(isRoot)('a file that is mounted by itself', async () => {
    writeFileSync(at('outside'), before);
    await execa('mount', ['--bind', at('outside'), at('a.conf')]);
    try {
      const done = await applyEdit(host, edit());
      expect(done).toMatchObject({
        ok: false,
        problem: { code: 'EBUSY', message: expect.stringContaining('mounted by itself') },
      });
      expect([text('a.conf'), readdirSync(folder)]).toEqual([before, ['a.conf', 'outside']]);
    } finally {
      await execa('umount', [at('a.conf')]);
    }
  });

  it.runIf(isRoot).each([
    ['a directory in which nobody else may write', 0o755, 65_534, 'EACCES', /no file can be made beside/u],
    ['a file of somebody else', 0o777, 0, 'EPERM', /belongs to the user with the number 0/u],
  ])('%s', async (_, directory, owner, code, message) => {
    const program = await builtEditChild(folder);
    chownSync(at('a.conf'), owner, owner);
    chmodSync(at('a.conf'), 0o644);
    chmodSync(folder, directory);
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const { stdout } = await execa('setpriv', [...user, process.execPath, program, JSON.stringify(edit())], {
      stdin: 'ignore',
    });
    const done: unknown = JSON.parse(stdout.replace('ready\n', ''));
    expect(done).toMatchObject({ ok: false, problem: { code, message: expect.stringMatching(message) } });
    rmSync(program);
    untouched();
  });
});

describe('an edit is taken back', () => {
  it('by its copy, and the edited file is kept', async () => {
    await applyEdit(host, edit());
    expect(await undoEdit(host, edit(), { editedAs: at('a.conf.undone'), unsure: false })).toMatchObject({ ok: true });
    expect([text('a.conf'), text('a.conf.before'), text('a.conf.undone')]).toEqual([
      before,
      before,
      'one\n# two\nthree\n',
    ]);
    expect(statSync(at('a.conf')).mode & 0o7777).toBe(0o640);
  });

  it('with a password in it that nobody noted', async () => {
    const toShow = edit({ changes: [{ act: 'append', text: 'h:1:*:u:<password>' }] });
    await applyEdit(host, edit({ changes: [{ act: 'append', text: 'h:1:*:u:se$&cret' }] }));
    expect(await undoEdit(host, toShow, { editedAs: at('a.conf.undone'), unsure: false })).toMatchObject({ ok: true });
    expect(text('a.conf')).toBe(before);
  });

  it('not when it was changed since', async () => {
    await applyEdit(host, edit());
    writeFileSync(at('a.conf'), 'one\n# two\nthree\nfour\n');
    const done = await undoEdit(host, edit(), { editedAs: at('a.conf.undone'), unsure: false });
    expect(done).toMatchObject({
      ok: false,
      problem: { code: 'EBUSY', message: expect.stringContaining(at('a.conf')) },
    });
    expect([text('a.conf'), existsSync(at('a.conf.undone'))]).toEqual(['one\n# two\nthree\nfour\n', false]);
  });

  it('not where it had not happened, or was taken back already', async () => {
    const undone = async (unsure: boolean) => undoEdit(host, edit(), { editedAs: at('a.conf.undone'), unsure });
    const before = text('a.conf');
    expect(await undone(true)).toEqual({ ok: true, value: 'as before' });
    expect(await undone(false)).toMatchObject({ ok: false });
    await applyEdit(host, edit());
    await undone(false);
    expect([await undone(false), text('a.conf')]).toEqual([{ ok: true, value: 'as before' }, before]);
  });

  it('not without its copy', async () => {
    await applyEdit(host, edit());
    rmSync(at('a.conf.before'));
    const done = await undoEdit(host, edit(), { editedAs: at('a.conf.undone'), unsure: false });
    expect(done).toMatchObject({
      ok: false,
      problem: { code: 'ENOENT', message: expect.stringContaining('a.conf.before') },
    });
  });
});
