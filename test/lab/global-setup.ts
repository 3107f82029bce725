import { rmSync } from 'node:fs';
import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { asLastResort } from '../../src/throwaway/last-resort.ts';
import { serverUser } from '../../src/throwaway/os-user.ts';

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- merged into vitest's own interface
  interface ProvidedContext {
    readonly templateFolder: string;
  }
}

/** One folder a run for what all test files share: a cluster of each release, made when the first test asks for it (templates.ts). */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-templates-'));
  if (user !== null) await chown(folder, user.uid, user.gid);
  project.provide('templateFolder', folder);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const forget = asLastResort(remove);
  return async () => {
    remove();
    forget();
  };
}
