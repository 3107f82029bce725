import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { localHost } from '../../src/hosts/local.ts';

let folder = '';
const host = localHost({ timeoutMs: 2_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-logs-'));
  await mkdir(join(folder, 'log'));
  await writeFile(join(folder, 'log', 'postgresql-1.log'), 'one');
  await writeFile(join(folder, 'log', 'postgresql-2.log'), 'two');
  await writeFile(join(folder, 'log', '[2].log'), 'brackets');
  await writeFile(join(folder, 'log', 'old.log.gz'), gzipSync('packed'));
  await symlink('postgresql-2.log', join(folder, 'log', 'current'));
  spawnSync('mkfifo', [join(folder, 'log', 'fifo.log')]);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const found = async (...patterns: readonly string[]): Promise<readonly string[]> => {
  const answer = await host.glob(patterns.map((pattern) => join(folder, 'log', pattern)));
  if (!answer.ok) throw new Error(answer.problem.message);
  return answer.value.map((path) => path.slice(folder.length + '/log/'.length));
};

const content = async (name: string, options?: { readonly from?: number; readonly unpacked?: boolean }) => {
  const opened = await host.pieces(join(folder, 'log', name), options);
  if (!opened.ok) return opened.problem.code;
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.value.pieces) pieces.push(piece);
  return { text: Buffer.concat(pieces).toString(), problem: opened.value.problem()?.code };
};

describe('glob', () => {
  it('finds plain files and links to them, sorted, and nothing else', async () => {
    expect(await found('postgresql-*.log')).toEqual(['postgresql-1.log', 'postgresql-2.log']);
    expect(await found('current', 'postgresql-1.log')).toEqual(['current', 'postgresql-1.log']);
    expect(await found('fifo.log', 'nothing-*', '.')).toEqual([]);
  });

  it('knows all signs of a shell, and those of more than a shell', async () => {
    expect(await found('*-[!2].log', 'post*?2.log')).toEqual(['postgresql-1.log', 'postgresql-2.log']);
    expect(await found('../l*/{current,nothing}', '../**/postgresql-1.log', 'c*')).toEqual([
      'current',
      'postgresql-1.log',
    ]);
    await writeFile(join(folder, 'log', '.hidden.log'), '');
    expect(await found('*hidden*')).toEqual(['.hidden.log']);
    const below = await localHost({}).glob(['src/hosts/local-log?.ts']);
    expect(below.ok && below.value).toEqual([join(process.cwd(), 'src/hosts/local-logs.ts')]);
  });

  it('takes a path that is there for itself', async () => {
    expect(await found('[2].log')).toEqual(['[2].log']);
  });
});

describe('pieces', () => {
  it('are what stands in the file, from a position on', async () => {
    expect(await content('postgresql-1.log')).toEqual({ text: 'one', problem: undefined });
    expect(await content('postgresql-1.log', { from: 2 })).toEqual({ text: 'e', problem: undefined });
    expect(await content('postgresql-1.log', { from: 20 })).toEqual({ text: '', problem: undefined });
  });

  it('are whole where the file is bigger than one of them', async () => {
    await truncate(join(folder, 'log', 'postgresql-2.log'), 2_500_000);
    const read = await content('postgresql-2.log');
    expect(typeof read === 'string' ? read : read.text.length).toBe(2_500_000);
  });

  it('can be unpacked, and say when the archive is damaged', async () => {
    expect(await content('old.log.gz', { unpacked: true })).toEqual({ text: 'packed', problem: undefined });
    await writeFile(join(folder, 'log', 'cut.gz'), gzipSync('packed '.repeat(10_000)).subarray(0, 60));
    expect(await content('cut.gz', { unpacked: true })).toMatchObject({ problem: 'Z_BUF_ERROR' });
    expect(await content('postgresql-1.log', { unpacked: true })).toEqual({ text: '', problem: 'Z_DATA_ERROR' });
  });

  it('are refused where there is no plain file, without waiting', async () => {
    expect(await content('fifo.log')).toBe('ENOTSUP');
    expect(await content('nothing')).toBe('ENOENT');
    expect(await content('.')).toBe('EISDIR');
  });
});
