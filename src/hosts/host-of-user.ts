import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Account, Host } from './host.ts';

/** A user of the machine with all its groups: its own and those that /etc/group puts it in. */
export interface UserWithGroups extends Account {
  readonly groups: readonly number[];
}

/**
 * The machine as another of its users has it: that account, that environment, and of the files what that user may read.
 * Root reads everything, and so it goes by owner, group and mode bits there (access control lists are not known to it).
 * For a user who is neither root nor that one, what it may not read itself stays unreadable.
 */
export function hostOfUser(host: Host, user: UserWithGroups, environment: Host['environment']): Host {
  const { uid, gid, name, home } = user;
  const same: Host = { ...host, account: { uid, gid, name, home }, environment };
  if (host.account.uid !== 0 || uid === 0) return same;

  const allowed = async (path: string, bits: 4 | 2 | 1): Promise<boolean> => {
    const status = await host.status(path, { followLinks: true });
    if (!status.ok) return true;
    const { mode, uid: owner, gid: group } = status.value;
    if (owner === uid) return ((mode >> 6) & bits) !== 0;
    if (group === gid || user.groups.includes(group)) return ((mode >> 3) & bits) !== 0;
    return (mode & bits) !== 0;
  };
  /** Every directory on the way, that of a link's target included, must let the user through. */
  const reachable = async (path: string): Promise<boolean> => {
    const real = await host.realPath(path);
    const ways = new Set([...above(posix.resolve('/', path)), ...(real.ok ? above(real.value) : [])]);
    return (await Promise.all([...ways].map((way) => allowed(way, 1)))).every(Boolean);
  };
  const denied = (path: string) => noAnswer('EACCES', `${name} may not read ${path}`);
  return {
    ...same,
    lookBegan: undefined,
    // root is asked for what holds for everybody, such as a file system that is read-only
    may: async (path, what) => {
      const may = await host.may(path, what);
      return may.ok && may.value ? answer((await reachable(path)) && (await allowed(path, bitOf[what]))) : may;
    },
    status: async (path, options) => ((await reachable(path)) ? host.status(path, options) : denied(path)),
    read: async (path, options) =>
      (await reachable(path)) && (await allowed(path, 4)) ? host.read(path, options) : denied(path),
    pieces: async (path, options) =>
      path === '-' || ((await reachable(path)) && (await allowed(path, 4))) ? host.pieces(path, options) : denied(path),
    list: async (path, options) =>
      (await reachable(path)) && (await allowed(path, 4)) ? host.list(path, options) : denied(path),
  };
}

const bitOf = { read: 4, write: 2, execute: 1 } as const;

/** `/a/b/c`: `/`, `/a`, `/a/b`. */
function above(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === path ? [path] : [...above(parent), parent];
}
