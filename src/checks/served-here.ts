import type { Host, ProcessStatus } from '../hosts/host.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';
import type { OpenSession } from '../servers/session.ts';
import { isOwnAddress } from './own-address.ts';
import { textFile } from './text-file.ts';

/**
 * The postmaster, by its number on this machine, of the server that serves a session; undefined where that server does not
 * run here, or the system does not show it. This is the one proof that a server runs on this machine: an address can lead
 * through a tunnel, and a system identifier is shared by every standby.
 *
 * The session's backend is a child of its postmaster (postmaster.c, BackendStartup), has the number that BackendKeyData
 * gives, and began when the session did. `since`: a moment before the session was asked for. `from`: the machine that it was
 * dialled from, where that is another one.
 */
export async function postmasterOf(
  { backendPid, attempt }: Pick<OpenSession, 'backendPid' | 'attempt'>,
  host: Host,
  since: Date,
  from?: Host,
): Promise<number | undefined> {
  if (backendPid === undefined) return undefined;
  // containers count their processes from 1: two servers may well have given the same number at the same time
  if (host.place !== undefined && !isOwnAddress(attempt, host, from)) return undefined;
  const found = await host.processStatus(backendPid);
  if (!found.ok || !isServer(found.value) || !beganSince(found.value, since)) return undefined;
  const { parent } = found.value;
  const postmaster = parent === undefined ? undefined : await host.processStatus(parent);
  return postmaster?.ok === true && isServer(postmaster.value) ? parent : undefined;
}

/**
 * Whether a directory, as this process sees it, is the data directory of the server of that postmaster. Another mount
 * namespace can have another directory at the same path: a postmaster works in its data directory (miscinit.c,
 * ChangeToDataDir), and where that is hidden from this user its number in postmaster.pid decides.
 */
export async function isDataDirectoryOf(host: Host, path: string, postmaster: number): Promise<boolean> {
  const [directory, stands] = await Promise.all([
    host.status(path, { followLinks: true }),
    host.status(`/proc/${postmaster}/cwd`, { followLinks: true }),
  ]);
  if (!directory.ok) return false;
  if (stands.ok) return stands.value.device === directory.value.device && stands.value.inode === directory.value.inode;
  const file = await textFile(host, `${path}/postmaster.pid`, 4_096);
  const lock = file.ok ? parsePostmasterPid(file.value) : undefined;
  return lock?.ok === true && lock.value.pid === postmaster;
}

/**
 * Whether the server of that postmaster has the files and the network of this machine: in a container or a network namespace
 * the locales, the libraries, the paths and the ports are others. Where the system hides it (another user's process), a
 * process that has a number here has them.
 */
export async function isOnThisSystem(host: Host, postmaster: number | undefined): Promise<boolean> {
  if (postmaster === undefined) return false;
  const same = await Promise.all(
    ['root', 'ns/net'].map(async (name) => {
      const [theirs, ours] = await Promise.all(
        [postmaster, 'self'].map(async (pid) => host.status(`/proc/${pid}/${name}`, { followLinks: true })),
      );
      if (theirs?.ok !== true || ours?.ok !== true) return true;
      return theirs.value.device === ours.value.device && theirs.value.inode === ours.value.inode;
    }),
  );
  return same.every(Boolean);
}

const isServer = ({ program }: ProcessStatus): boolean => /^(?:postgres|postmaster|edb-postgres)/u.test(program);

/** /proc counts from a boot time that is known to the second. Where no start is shown, the number and the parent decide. */
function beganSince({ startedAt }: ProcessStatus, since: Date): boolean {
  return startedAt === undefined || startedAt.getTime() >= since.getTime() - clockStepMs;
}

const clockStepMs = 2_000;
