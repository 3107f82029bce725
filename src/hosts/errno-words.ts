/** errno's name for what a C library (glibc, musl) says at the end of a message; undefined for other words. */
export const errnoIn = (message: string): string | undefined =>
  words.find(([end]) => message.trimEnd().toLowerCase().endsWith(end))?.[1];

const words: readonly (readonly [string, string])[] = [
  ['no such file or directory', 'ENOENT'],
  ['nonexistent directory', 'ENOENT'],
  ['permission denied', 'EACCES'],
  ['not a directory', 'ENOTDIR'],
  ['is a directory', 'EISDIR'],
  ['too many levels of symbolic links', 'ELOOP'],
  ['symbolic link loop', 'ELOOP'],
  ['input/output error', 'EIO'],
  ['i/o error', 'EIO'],
  ['read-only file system', 'EROFS'],
  ['operation not permitted', 'EPERM'],
  ['file name too long', 'ENAMETOOLONG'],
  ['filename too long', 'ENAMETOOLONG'],
  ['stale file handle', 'ESTALE'],
  ['invalid argument', 'EINVAL'],
  ['no space left on device', 'ENOSPC'],
  ['connection refused', 'ECONNREFUSED'],
  ['connection timed out', 'ETIMEDOUT'],
  ['operation timed out', 'ETIMEDOUT'],
  ['no route to host', 'EHOSTUNREACH'],
  ['host is unreachable', 'EHOSTUNREACH'],
  ['network is unreachable', 'ENETUNREACH'],
  ['network unreachable', 'ENETUNREACH'],
  ['connection reset by peer', 'ECONNRESET'],
  ['cannot assign requested address', 'EADDRNOTAVAIL'],
  ['address not available', 'EADDRNOTAVAIL'],
];
