import { chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { answer } from './host.ts';
import type { Answer, ScratchContent } from './host.ts';
import { guardPath, releasePath } from './if-killed.ts';
import { problemOf } from './local-answers.ts';

/** See {@link Host.withScratch}. */
export async function withScratch<T>(
  content: ScratchContent,
  use: (directory: string) => Promise<T>,
): Promise<Answer<T>> {
  let directory: string;
  try {
    directory = mkdtempSync(join(tmpdir(), 'standbylint-scratch-'));
  } catch (error) {
    return problemOf(error);
  }
  directories.add(directory);
  guardPath(directory);
  try {
    fill(directory, content);
    return answer(await use(directory));
  } catch (error) {
    return problemOf(error);
  } finally {
    remove(directory);
  }
}

/** What is there still when the tool ends goes with it. */
const directories = new Set<string>();
process.on('exit', () => {
  for (const directory of directories) remove(directory);
});

function fill(directory: string, { owner, files, links }: ScratchContent): void {
  const given = process.geteuid?.() === 0;
  for (const [name, bytes] of files) {
    const path = join(directory, name);
    const folder = dirname(path);
    if (folder !== directory) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (given) chownSync(folder, owner.uid, owner.gid);
    }
    writeFileSync(path, bytes, { mode: 0o600, flag: 'wx' });
    if (given) chownSync(path, owner.uid, owner.gid);
  }
  for (const [name, target] of links) {
    symlinkSync(target, join(directory, name));
    if (given) lchownSync(join(directory, name), owner.uid, owner.gid);
  }
  // last: from now on it is another one's
  if (given) chownSync(directory, owner.uid, owner.gid);
}

/** It is ours; a link in it is removed, and not what it leads to. */
function remove(directory: string): void {
  directories.delete(directory);
  try {
    // so that nothing is exchanged for a link while it goes
    if (process.geteuid?.() === 0) chownSync(directory, 0, 0);
    rmSync(directory, { recursive: true, force: true });
    releasePath(directory);
  } catch {
    // nothing is to be done about it
  }
}
