import { stat, statfs, realpath, readFile } from 'node:fs/promises';

import { answer } from './host.ts';
import type { Answer, FileSystem } from './host.ts';
import { withinTime } from './local-answers.ts';

/** The file system that an existing path lies on: statfs(2), and what /proc/self/mountinfo tells of the mount. */
export async function fileSystemOf(path: string, timeoutMs: number): Promise<Answer<FileSystem>> {
  const way = await reachable(path, timeoutMs);
  if (!way.ok) return way;
  return withinTime(timeoutMs, path, async () => {
    const real = await realpath(path);
    const [sizes, { dev }, mounts] = await Promise.all([statfs(real), stat(real), mountsHere()]);
    const mount = mountOf(real, mounts);
    return answer({
      mountPoint: mount?.mountPoint ?? real,
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

export async function reachable(_path: string, _timeoutMs: number): Promise<Answer<true>> {
  return answer(true);
}

/** A line of /proc/PID/mountinfo (proc(5)). */
export interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** The mount that a resolved path lies on: the longest mount point above it, and of several on one place the last. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
    .reduce<Mount | undefined>(
      (best, mount) => (best === undefined || mount.mountPoint.length >= best.mountPoint.length ? mount : best),
      undefined,
    );
}

/** Reads the lines of /proc/PID/mountinfo; one that is not understood is left out. */
export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ', 2);
    const [, , , , mountPoint, options] = before?.split(' ') ?? [];
    const [type, source, superOptions] = after?.split(' ') ?? [];
    if (mountPoint === undefined || options === undefined || type === undefined) return [];
    return {
      mountPoint: unescaped(mountPoint),
      type: unescaped(type),
      source: unescaped(source ?? ''),
      readOnly: [options, superOptions ?? ''].some((some) => some.split(',').includes('ro')),
    };
  });
}

const mountsHere = (): Promise<readonly Mount[]> =>
  readFile('/proc/self/mountinfo', 'utf8').then(parseMounts, () => []);

/** proc(5): space, tab, newline and backslash stand as octal escapes (fs/proc_namespace.c, mangle()). */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
