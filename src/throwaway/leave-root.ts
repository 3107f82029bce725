import { isSea } from 'node:sea';

import { execa } from 'execa';

import { asUser, serverUser } from './os-user.ts';

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
 * Debian's own Node does.
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

/** The same command in a process that is the other user's from its beginning; gives its exit status. */
export async function againAsServerUser(signal: AbortSignal, told: (user: string) => Promise<void>): Promise<number> {
  const user = await serverUser();
  await told(user?.name ?? '');
  // the single executable has no script of its own among the words
  const { exitCode } = await execa(process.execPath, process.argv.slice(isSea() ? 2 : 1), {
    ...asUser(user),
    cwd: '/',
    stdio: 'inherit',
    cancelSignal: signal,
    reject: false,
  });
  return exitCode ?? 1;
}
