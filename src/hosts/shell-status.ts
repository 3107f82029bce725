import { answer, noAnswer } from './host.ts';
import type { Answer, FileKind, FileStatus } from './host.ts';

/** st_mode's upper four bits (inode(7)). */
export const kinds: ReadonlyMap<number, FileKind> = new Map([
  [0o10, 'file'],
  [0o04, 'directory'],
  [0o12, 'link'],
  [0o01, 'fifo'],
  [0o14, 'socket'],
  [0o02, 'character device'],
  [0o06, 'block device'],
]);

/** `stat -c '%f %u %g %s %d %i %Y %y'`: busybox counts whole seconds, coreutils shows their parts in %y. */
export function statusIn(line: string): Answer<FileStatus> {
  const [mode = '', uid, gid, size, device, inode, seconds, ...date] = line.trim().split(' ');
  const bits = Number.parseInt(mode, 16);
  const kind = kinds.get(bits >> 12);
  if (kind === undefined) return noAnswer('EIO', `stat says ${line.trim()}`);
  const fraction = Number(`0${/\.\d+/u.exec(date.join(' '))?.[0] ?? ''}`);
  return answer({
    kind,
    mode: bits & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    sizeBytes: Number(size),
    device: Number(device),
    inode: Number(inode),
    modifiedAt: new Date((Number(seconds) + fraction) * 1000),
  });
}
