import { posix } from 'node:path';

import { noAnswer } from './host.ts';
import type { Answer, FileStatus, Host } from './host.ts';
import type { UserWithGroups } from './host-of-user.ts';

/**
 * The machine as root has it, but for what is private to somebody else. The owner of a data directory says what a server
 * reads (an `include`, a link, `log_directory`): what is seen there may be handed on, and so it leads root to nothing that
 * this user could not read. Other clusters are read as their own owners keep them; `named` (absolute) is what whoever runs
 * the tool asked for. How a file lies there (stat(2), a listing) is no secret.
 */
export function withoutPrivateFiles(host: Host, owner: UserWithGroups, named: readonly string[]): Host {
  const isPrivate = async (path: string): Promise<boolean> => {
    const whole = posix.resolve(host.workingDirectory, path);
    const [real, status] = await Promise.all([host.realPath(whole), host.status(whole, { followLinks: true })]);
    // what is not there says so itself
    if (!real.ok || !status.ok || isReadableBy(status.value, owner)) return false;
    if (named.includes(real.value) || /^\/(?:proc|sys)\//u.test(real.value)) return false;
    const { uid } = status.value;
    if (uid !== 0 && (await isInClusterOf(host, uid, real.value))) return false;
    // an access control list may say more than the mode
    const tried = await host.run('test', ['-r', real.value], { account: owner });
    return !tried.ok || tried.value.exitCode !== 0;
  };
  const denied = (path: string): Answer<never> =>
    noAnswer('EACCES', `${owner.name}, who owns the data directory, may not read ${path}`);
  const asTheOwner: Pick<Host, 'read' | 'pieces' | 'lookBegan'> = {
    lookBegan: undefined,
    read: async (path, options) => {
      // asked at once: the way there may be long
      const [content, isKept] = await Promise.all([host.read(path, options), isPrivate(path)]);
      return isKept ? denied(path) : content;
    },
    pieces: async (path, options) => {
      const isFile = path !== '-' && path !== host.console;
      return isFile && (await isPrivate(path)) ? denied(path) : host.pieces(path, options);
    },
  };
  // the machine behind it may be reached again meanwhile (cli/examination/site.ts)
  return new Proxy(host, { get: (there, key) => Reflect.get(key in asTheOwner ? asTheOwner : there, key) });
}

const isReadableBy = ({ uid, gid, mode }: FileStatus, user: UserWithGroups): boolean => {
  if (uid === user.uid) return true;
  const isOfGroup = gid === user.gid || user.groups.includes(gid);
  return ((isOfGroup ? mode >> 3 : mode) & 4) !== 0;
};

/** Whether a directory above it is a data directory of that user. */
async function isInClusterOf(host: Host, uid: number, path: string): Promise<boolean> {
  const above = posix.dirname(path);
  if (above === path) return false;
  const control = await host.status(posix.join(above, 'global', 'pg_control'));
  return (control.ok && control.value.uid === uid) || isInClusterOf(host, uid, above);
}
