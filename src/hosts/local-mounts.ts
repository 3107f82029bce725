import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import { run } from './local-programs.ts';

/**
 * Whether a path can be touched without being held forever: a call into a network file system whose server is gone never
 * comes back, cannot be stopped, and keeps even the exit of this process waiting. So each such mount on the way is first
 * tried by a child process, which can be left behind. `mayHang`: there is one on the way, and it answered just now.
 * Where no such mount exists this costs nothing.
 */
export async function wayTo(path: string, timeoutMs: number): Promise<Answer<{ readonly mayHang: boolean }>> {
  const mounts = pointsThatMayHang();
  if (mounts.size === 0) return answer({ mayHang: false });
  let left = resolve(path).split('/').slice(1);
  let here = '';
  let mayHang = false;
  for (let links = 0; left.length > 0;) {
    const [name, ...rest] = left;
    const next = `${here}/${name ?? ''}`;
    if (mounts.has(next)) {
      const tried = await tryMount(next, timeoutMs);
      if (!tried.ok) return tried;
      mayHang = true;
    }
    const leadsTo = mayHang ? await distantLinkAt(next) : linkAt(next);
    links += leadsTo === undefined ? 0 : 1;
    // path_resolution(7): the system itself follows 40 links and then says ELOOP
    if (links > 40) return answer({ mayHang });
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
  return answer({ mayHang });
}

/** Where a link leads; undefined for what is none, or is not there. */
function linkAt(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

async function distantLinkAt(path: string): Promise<string | undefined> {
  const { readlink } = await import('node:fs/promises');
  return readlink(path).catch(() => undefined);
}

/** Whether there is such a mount at all. */
export const anythingMayHang = (): boolean => pointsThatMayHang().size > 0;

/** Read once: the whole examination lasts moments, and touches a hundred paths. */
const pointsThatMayHang = (): ReadonlySet<string> => (hangingPoints ??= mountsThatMayHang());
let hangingPoints: ReadonlySet<string> | undefined;

const mountsThatMayHang = (): ReadonlySet<string> =>
  new Set(
    mountsHere()
      .filter(({ type }) => hangingTypes.test(type))
      .map(({ mountPoint }) => mountPoint),
  );

const hangingTypes = /^(?:nfs|cifs|smb|fuse\b(?!blk)|autofs|ceph|9p|afs|lustre|beegfs|virtiofs|gfs2|ocfs2)/;

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

/** The mounts of this machine, as the kernel has them now; none where there is no /proc. */
export function mountsHere(): readonly Mount[] {
  try {
    return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** proc(5): space, tab, newline and backslash stand as octal escapes (fs/proc_namespace.c, mangle()). */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
