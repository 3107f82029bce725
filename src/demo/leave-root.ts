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
