import { readFile, readlink, realpath, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer, FileSystem } from './host.ts';
import { withinTime } from './local-answers.ts';
import { run } from './local-programs.ts';

/** The file system that an existing path lies on: statfs(2), and what /proc/self/mountinfo tells of the mount. */
export async function fileSystemOf(path: string, timeoutMs: number): Promise<Answer<FileSystem>> {
  const way = await reachable(path, timeoutMs);
  if (!way.ok) return way;
  return withinTime(timeoutMs, path, async () => {
    const real = await realpath(path);
    const [sizes, { dev }, mounts] = await Promise.all([statfs(real), stat(real), mountsHere()]);
    const mount = mountOf(real, mounts);
    return answer({
      mountPoint: mount?.mountPoint ?? (await topOf(real, dev)),
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

/** The highest directory on the same device: where no mount is told of (within chroot(2)), this is as near as it gets. */
async function topOf(path: string, device: number): Promise<string> {
  const above = dirname(path);
  return above === path || (await stat(above)).dev !== device ? path : topOf(above, device);
}

/**
 * Whether a path can be touched without being held for ever: a call into a network file system whose server is gone never
 * comes back, cannot be stopped, and keeps even the exit of this process waiting. So each such mount on the way is first
 * tried by a child process, which can be left behind. Where no such mount exists, which is the rule, this costs nothing.
 */
export async function reachable(path: string, timeoutMs: number): Promise<Answer<true>> {
  hangingPoints ??= mountsThatMayHang();
  const points = await hangingPoints;
  if (points.size === 0) return answer(true);
  let left = resolve(path).split('/').slice(1);
  let here = '';
  for (let links = 0; left.length > 0;) {
    const [name, ...rest] = left;
    const next = `${here}/${name ?? ''}`;
    if (points.has(next)) {
      const tried = await tryMount(next, timeoutMs);
      if (!tried.ok) return tried;
    }
    const leadsTo = await readlink(next).catch(() => undefined);
    links += leadsTo === undefined ? 0 : 1;
    // path_resolution(7): the system itself follows 40 links and then says ELOOP
    if (links > 40) return answer(true);
    if (leadsTo === undefined) [here, left] = [next, rest];
    else
      [here, left] = [
        '',
        [
          ...resolve(here === '' ? '/' : here, leadsTo)
            .split('/')
            .slice(1),
          ...rest,
        ],
      ];
  }
  return answer(true);
}

/** Read once: the whole examination lasts moments, and touches a hundred paths. */
let hangingPoints: Promise<ReadonlySet<string>> | undefined;

const mountsThatMayHang = async (): Promise<ReadonlySet<string>> =>
  new Set((await mountsHere()).filter(({ type }) => mayHang.test(type)).map(({ mountPoint }) => mountPoint));

const mayHang = /^(?:nfs|cifs|smb|fuse\b(?!blk)|autofs|ceph|9p|afs|lustre|beegfs|virtiofs|gfs2|ocfs2)/;

const tries = new Map<string, Promise<Answer<true>>>();

/** Once for each mount in the life of the process: what hangs now hangs for all that is looked at. */
function tryMount(mountPoint: string, timeoutMs: number): Promise<Answer<true>> {
  const tried = tries.get(mountPoint) ?? statInChild(mountPoint, timeoutMs);
  tries.set(mountPoint, tried);
  return tried;
}

async function statInChild(mountPoint: string, timeoutMs: number): Promise<Answer<true>> {
  const ran = await run('stat', ['-f', '--', mountPoint], { timeoutMs });
  return !ran.ok && ran.problem.code === 'ETIMEDOUT'
    ? noAnswer(
        'ETIMEDOUT',
        `the file system mounted at ${mountPoint} does not answer (tried for ${timeoutMs / 1000} s)`,
      )
    : answer(true);
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
