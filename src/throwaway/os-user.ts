import { execa } from 'execa';

/** An operating-system user as whom programs are run; `null` where a function takes one means: as the user that we are. */
export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user for PostgreSQL's server programs, which refuse to run as root: `null` (ourselves) for everybody but root, and for root
 * the user `postgres` where packages made one, else `nobody`.
 */
export async function serverUser(): Promise<OsUser | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const uid = await id('-u', name);
    const gid = await id('-g', name);
    if (uid !== null && gid !== null) return { name, uid, gid };
  }
  throw new Error(
    'PostgreSQL does not run as root, and this machine has neither a user "postgres" nor a user "nobody".',
  );
}

/** The options of a child process that make it run as that user. Node drops the supplementary groups of root together with the user. */
export function asUser(user: OsUser | null): { readonly uid?: number; readonly gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

async function id(option: '-u' | '-g', name: string): Promise<number | null> {
  const { exitCode, stdout } = await execa('id', [option, name], { reject: false });
  return exitCode === 0 ? Number(stdout) : null;
}
