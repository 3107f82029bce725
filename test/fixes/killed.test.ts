import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FileEdit } from '../../src/findings/report.ts';
import { builtEditChild } from './built-edit-child.ts';
import { hasTool } from '../lab/tool.ts';

/** The system calls by which Node touches files, open descriptors and names, on one kernel or another. */
const calls = [
  ...[
    'openat',
    'pread64',
    'write',
    'fsync',
    'rename',
    'link',
    'unlink',
    'fchown',
    'fchmod',
    'utimensat',
    'close',
    'statx',
  ],
  ...['pwrite64', 'pwritev', 'fdatasync', 'renameat', 'renameat2', 'linkat', 'unlinkat', 'newfstatat', 'ftruncate'],
];

const before = 'one\r\nmax_connections = 10 # ü\r\nthree';
const edited = 'one\r\n# max_connections = 10 # ü\r\nthree';
const isRoot = process.getuid?.() === 0;
const [mode, owner, group] = [0o640, isRoot ? 1234 : process.getuid?.(), isRoot ? 4321 : process.getgid?.()];

let folder = '';
let otherFileSystem = '';
let program = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-'));
  otherFileSystem = await mkdtemp('/dev/shm/killed-');
  program = await builtEditChild(folder);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(otherFileSystem, { recursive: true, force: true });
});

interface Place {
  readonly edit: FileEdit;
  /** Where the file really is. */
  readonly file: string;
  readonly directories: readonly string[];
}

let places = 0;

/** A file of its own for each try; by way of a link from another file system, so that its copy cannot be a second name. */
async function aPlace(linked: boolean): Promise<Place> {
  places += 1;
  const number = places;
  const directory = join(folder, `a${number}`);
  await mkdir(directory);
  const file = join(directory, 'postgresql.conf');
  await writeFile(file, before);
  await chmod(file, mode);
  if (isRoot) await chown(file, owner ?? 0, group ?? 0);
  await utimes(file, 1_000_000, 1_000_000);
  const link = join(otherFileSystem, `b${number}`, 'postgresql.conf');
  if (linked) {
    await mkdir(join(otherFileSystem, `b${number}`));
    await symlink(file, link);
  }
  const named = linked ? link : file;
  const was = 'max_connections = 10 # ü';
  const edit: FileEdit = {
    file: named,
    copy: `${named}.before`,
    changes: [{ act: 'replace', line: 2, was, text: `# ${was}` }],
    crlf: true,
  };
  return { edit, file, directories: linked ? [directory, join(otherFileSystem, `b${number}`)] : [directory] };
}

/** The edit in a process of its own, killed as it makes that call for the Nth time. What it printed; empty: it was killed. */
async function editKilledAt(call: string, nth: number, edit: FileEdit): Promise<string> {
  const child = spawn(process.execPath, [program, JSON.stringify(edit)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = once(child, 'close');
  while (!printed.includes('ready\n')) await pause(5);
  const tracer = await attach(child, call, nth);
  child.stdin.end();
  await ended;
  if (tracer.exitCode === null) await once(tracer, 'exit');
  return printed.replace('ready\n', '');
}

/** To the thread that makes the edit: it changes nothing by another one. */
async function attach({ pid }: ChildProcess, call: string, nth: number): Promise<ChildProcess> {
  const tracer = spawn(
    'strace',
    ['-p', String(pid), '-o', '/dev/null', '-e', `trace=?${call}`, '-e', `inject=?${call}:signal=KILL:when=${nth}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes('attached')) {
    if (tracer.exitCode !== null) throw new Error(`strace: ${said}`);
    await pause(2);
  }
  return tracer;
}

async function check({ edit, file, directories }: Place, where: string): Promise<'old' | 'new'> {
  const bytes = await readFile(file, 'utf8');
  expect([before, edited], where).toContain(bytes);
  const status = await lstat(file);
  expect([status.mode & 0o7777, status.uid, status.gid], where).toEqual([mode, owner, group]);
  const copy = await lstat(edit.copy).catch(() => undefined);
  if (bytes === edited) expect(copy, where).toBeDefined();
  if (copy !== undefined) {
    expect(await readFile(edit.copy, 'utf8'), where).toBe(before);
    expect([copy.mode & 0o7777, copy.uid, copy.gid, copy.mtimeMs], where).toEqual([mode, owner, group, 1_000_000_000]);
  }
  const names = (await Promise.all(directories.map((directory) => readdir(directory)))).flat();
  const others = names.filter((name) => !name.startsWith('postgresql.conf'));
  // no include_dir reads such a name
  for (const name of others) expect(name, where).toMatch(/^\.standbylint-[0-9a-f]+\.tmp$/u);
  return bytes === edited ? 'new' : 'old';
}

describe.skipIf(!hasTool('strace')).each([
  { title: 'a file', linked: false },
  { title: 'a file behind a link on another file system', linked: true },
])('$title that is edited', ({ linked }) => {
  it('is the old one or the new one, at whichever system call the edit is killed', { timeout: 600_000 }, async () => {
    const killed = await killedEverywhere(
      () => aPlace(linked),
      ({ edit }) => edit,
      check,
    );
    const first = linked ? 'utimensat' : 'link';
    expect([...killed.keys()]).toEqual(expect.arrayContaining(['openat', 'write', 'fsync', 'close', first]));
    expect(killed.get('rename') ?? killed.get('renameat') ?? killed.get('renameat2')).toEqual(['old']);
    expect(killed.get('fsync')).toContain('new');
  });
});

it.skipIf(!hasTool('strace'))(
  'a file that is made is not there, or whole, at whichever system call',
  { timeout: 600_000 },
  async () => {
    const killed = await killedEverywhere(
      async () => {
        places += 1;
        const file = join(folder, `c${places}`, '.pgpass');
        await mkdir(join(folder, `c${places}`));
        return { file, copy: `${file}.before`, changes: [{ act: 'append', text: 'h:1:d:u:p' }], absent: true } as const;
      },
      (edit) => edit,
      async ({ file }, where) => {
        const status = await lstat(file).catch(() => undefined);
        if (status === undefined) return 'old';
        expect([await readFile(file, 'utf8'), status.mode & 0o7777], where).toEqual(['h:1:d:u:p\n', 0o600]);
        return 'new';
      },
    );
    expect(killed.get('write')).toContain('old');
    expect(killed.get('fsync')).toContain('new');
  },
);

/** What there was after each kill, by the call at which it came; the last try of each call has come to its end. */
async function killedEverywhere<T>(
  make: () => Promise<T>,
  editOf: (place: T) => FileEdit,
  checked: (place: T, where: string) => Promise<'old' | 'new'>,
): Promise<ReadonlyMap<string, readonly ('old' | 'new')[]>> {
  const killed = new Map<string, ('old' | 'new')[]>();
  const tryAt = async (call: string, nth: number): Promise<boolean> => {
    const place = await make();
    const printed = await editKilledAt(call, nth, editOf(place));
    const state = await checked(place, `killed at ${call} number ${nth}`);
    if (printed !== '') {
      expect(state, printed).toBe('new');
      return true;
    }
    killed.set(call, [...(killed.get(call) ?? []), state]);
    return false;
  };
  const tryAll = async (remaining: string[]): Promise<void> => {
    for (let call = remaining.shift(); call !== undefined; call = remaining.shift())
      for (let nth = 1; !(await tryAt(call, nth)); nth += 1);
  };
  // several at once, for most of the time is that of starting
  const remaining = [...calls];
  await Promise.all([tryAll(remaining), tryAll(remaining), tryAll(remaining)]);
  return killed;
}
