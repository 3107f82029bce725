import { execa } from 'execa';

import { serverUser } from './os-user.ts';

/**
 * PostgreSQL does not run as root: root goes on as the user whom serverUser() names, for good. Everything that this
 * process makes from now on is that user's, and it can do no harm to the rest of the machine. Undefined where nothing
 * had to be done.
 */
export async function leaveRoot(): Promise<string | undefined> {
  // whoever goes on may not read the folder that this program lies in
  await import('pg');
  const user = await serverUser();
  if (user === null) return undefined;
  process.setgroups?.([user.gid]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  return user.name;
}

/**
 * Whether Node lets this process become another user: where io_uring may be in use it refuses (CVE-2024-22017), as
 * Debian's Node does unless UV_USE_IO_URING is 0.
 */
export function mayLeaveRoot(): boolean {
  if (process.getuid?.() !== 0) return true;
  try {
    process.setgid?.(process.getgid?.() ?? 0);
    return true;
  } catch {
    return false;
  }
}

/** The same command once more, by a Node that may; gives its exit status. */
export async function againWithoutIoUring(signal: AbortSignal): Promise<number> {
  const { exitCode } = await execa(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { UV_USE_IO_URING: '0' },
    cancelSignal: signal,
    reject: false,
  });
  return exitCode ?? 1;
}
