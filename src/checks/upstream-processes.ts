import { posix } from 'node:path';

import type { ConnectionAttempt } from '../facts/connection.ts';
import type { ServerProcesses } from '../facts/machine.ts';
import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';
import { defineCheck } from './check.ts';
import { listensAt } from './listening-sockets.ts';
import { isOwnAddress } from './own-address.ts';
import { isOnThisSystem } from './served-here.ts';
import { serverProcesses } from './server-processes.ts';
import { textFile } from './text-file.ts';

/**
 * The processes of the server that is followed or copied, where it runs on this machine: the one that has served a session,
 * and where a connection was accepted and not answered, the one whose port that is.
 */
export const upstreamProcessesCheck = defineCheck({
  brings: ['upstreamProcesses'],
  after: ['replicationLogin'],
  goesBy: async ({ replicationLogin }) => [replicationLogin],
  async look({ replicationLogin }, { host, now }) {
    if (replicationLogin.status !== 'seen') return { upstreamProcesses: replicationLogin };
    const { outcome } = replicationLogin.value;
    const found = outcome.accepted
      ? await ofPostmaster(host, outcome.session.postmaster, now())
      : await behind(host, outcome.decisive, now());
    return {
      upstreamProcesses:
        found === undefined
          ? notApplicable('the server is not seen to run on this host')
          : found === 'hidden'
            ? unseen('permission', 'the system does not show the processes of the server', 'run standbylint as root')
            : seen(found, 'the states of its processes (/proc)'),
    };
  },
});

type Found = ServerProcesses | 'hidden' | undefined;

async function ofPostmaster(host: Host, postmaster: number | undefined, now: Date): Promise<Found> {
  if (postmaster === undefined) return undefined;
  const directory = await host.readLink(`/proc/${postmaster}/cwd`);
  return (
    (await serverProcesses(host, directory.ok ? directory.value : 'its data directory', postmaster, now)) ?? 'hidden'
  );
}

/** Behind an address of this machine that accepts connections and says nothing. */
async function behind(host: Host, attempt: ConnectionAttempt, now: Date): Promise<Found> {
  const { outcome } = attempt;
  if (outcome.kind !== 'timed-out' || outcome.phase === 'connect' || !isOwnAddress(attempt, host)) return undefined;
  const { address = '', port } = attempt;
  const candidates = (await postmasters(host)).filter((one) => one.port === port);
  const listen = await Promise.all(
    candidates.map(async ({ pid, socketDirectory }) => {
      if (!(await isOnThisSystem(host, pid))) return false;
      return address.startsWith('/') ? posix.dirname(address) === socketDirectory : listensAt(host, pid, address, port);
    }),
  );
  const only = candidates.find((_, index) => listen[index]);
  if (only === undefined) return undefined;
  return (await serverProcesses(host, only.directory, only.pid, now)) ?? 'hidden';
}

interface Postmaster {
  readonly pid: number;
  readonly directory: string;
  readonly port: number | null;
  readonly socketDirectory: string | null;
}

/** All that the system shows: a postmaster works in its data directory (miscinit.c, ChangeToDataDir). */
async function postmasters(host: Host): Promise<readonly Postmaster[]> {
  const listing = await host.list('/proc', { limit: 20_000 });
  if (!listing.ok) return [];
  const found = await Promise.all(
    listing.value.entries
      .filter(({ name }) => /^\d+$/u.test(name))
      .map(async ({ name }): Promise<readonly Postmaster[]> => {
        const directory = await host.readLink(`/proc/${name}/cwd`);
        if (!directory.ok) return [];
        const file = await textFile(host, `/proc/${name}/cwd/postmaster.pid`, 4_096);
        const lock = file.ok ? parsePostmasterPid(file.value) : undefined;
        if (lock?.ok !== true || lock.value.pid !== Number(name)) return [];
        const { port, socketDirectory } = lock.value;
        return [{ pid: Number(name), directory: directory.value, port, socketDirectory }];
      }),
  );
  return found.flat();
}
