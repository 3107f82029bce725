import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { assert, asyncProperty, constantFrom, uniqueArray } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { identityOf, relationOf } from '../../src/checks/directory-identity.ts';
import { localHost } from '../../src/hosts/local.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-identity-')));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function relation(ours: string, theirs: string) {
  const [one, other] = await Promise.all([identityOf(localHost(), ours), identityOf(localHost(), theirs)]);
  return one === undefined || other === undefined ? 'unknown' : relationOf(one, other);
}

describe('two directories', () => {
  it('are one behind any chain of links', async () => {
    await mkdir(at('a/b/c'), { recursive: true });
    await symlink('a/b', at('relative'));
    await symlink(at('relative/c'), at('absolute'));
    await symlink('../..', at('a/b/up'));
    const ways = ['a/b/c', 'relative/c', 'absolute', 'a/b/up/a/b/c', 'a/b/up/absolute', 'a/./b/../b/c'];
    await assert(
      asyncProperty(uniqueArray(constantFrom(...ways), { minLength: 2, maxLength: 2 }), async (two) => {
        const [one = '', other = ''] = two;
        expect(await relation(at(one), at(other))).toBe('same');
        expect(await relation(at(one), at('relative'))).toBe('within');
        expect(await relation(at('relative'), at(one))).toBe('around');
      }),
      { numRuns: 40 },
    );
  });

  it('are two beside each other, whatever their names have in common', async () => {
    for (const name of ['space', 'space-2', 'spac']) await mkdir(at(name));
    expect(await relation(at('space'), at('space-2'))).toBeUndefined();
    expect(await relation(at('spac'), at('space'))).toBeUndefined();
  });

  it('are not compared where one is a file, is not there, or is a link to itself', async () => {
    await writeFile(at('file'), '');
    await symlink('loop', at('loop'));
    for (const name of ['file', 'absent', 'loop']) expect(await relation(at(name), folder)).toBe('unknown');
  });
});
