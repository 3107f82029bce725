import { dirname } from 'node:path';

import { answer } from './host.ts';
import type { Answer, FileSystem, Host } from './host.ts';
import { look } from './local-calls.ts';
import type { FileCalls } from './local-calls.ts';
import { mountOf, mountsHere } from './local-mounts.ts';
import type { Mount } from './local-mounts.ts';
import { ofMachine } from './of-machine.ts';

/** The file system that an existing path lies on: statfs(2), and what /proc/self/mountinfo tells of the mount. */
export async function fileSystemOf(host: Host, path: string, timeoutMs: number): Promise<Answer<FileSystem>> {
  return look(path, timeoutMs, async (files) => {
    const real = await files.realpath(path);
    const [sizes, { dev }] = await Promise.all([files.statfs(real), files.stat(real)]);
    const mount = mountOf(real, await mountsNow(host));
    return answer({
      mountPoint: mount?.mountPoint ?? (await topOf(files, real, dev)),
      type: mount?.type ?? '',
      device: dev,
      source: mount?.source ?? '',
      readOnly: mount?.readOnly ?? false,
      totalBytes: sizes.blocks * sizes.bsize,
      freeBytes: sizes.bavail * sizes.bsize,
      totalInodes: sizes.files,
      freeInodes: sizes.ffree,
    });
  });
}

/** One table for the targets of a fleet, which ask for it ten times each; a single look reads what is mounted at that moment. */
const mountsNow = async (host: Host): Promise<readonly Mount[]> =>
  (host.sharedMs?.() ?? 0) > 0 ? sharedMounts(host) : mountsHere();

const sharedMounts = ofMachine(async () => mountsHere());

/** The highest directory on the same device: where no mount is told of (within chroot(2)), this is as near as it gets. */
async function topOf(files: FileCalls, path: string, device: number): Promise<string> {
  const above = dirname(path);
  return above === path || (await files.stat(above)).dev !== device ? path : topOf(files, above, device);
}
