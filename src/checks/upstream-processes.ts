import { posix } from 'node:path';

import type { ConnectionAttempt } from '../facts/connection.ts';
import type { ServerProcesses } from '../facts/machine.ts';
import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';
import { defineCheck } from './check.ts';
import { isOwnAddress } from './own-address.ts';
import { serverProcesses } from './server-processes.ts';
import { textFile } from './text-file.ts';

/**
 * The processes of the server that is followed or copied, where it runs on this machine: the one that has served a session,
 * and where a connection was accepted and not answered, the one whose port that is.
 */
export const upstreamProcessesCheck = defineCheck({
  brings: ['upstreamProcesses'],
  after: ['replicationLogin'],
  async look({ replicationLogin }, { host }) {
    if (replicationLogin.status !== 'seen') return { upstreamProcesses: replicationLogin };
    const { outcome } = replicationLogin.value;
    const found = outcome.accepted
      ? await ofPostmaster(host, outcome.session.postmaster)
      : await behind(host, outcome.decisive);
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

async function ofPostmaster(host: Host, postmaster: number | undefined): Promise<Found> {
  if (postmaster === undefined) return undefined;
  const directory = await host.readLink(`/proc/${postmaster}/cwd`);
  return (await serverProcesses(host, directory.ok ? directory.value : 'its data directory', postmaster)) ?? 'hidden';
}

/** Behind an address of this machine that accepts connections and says nothing. */
async function behind(host: Host, attempt: ConnectionAttempt): Promise<Found> {
  const { outcome } = attempt;
  if (outcome.kind !== 'timed-out' || outcome.phase === 'connect' || !isOwnAddress(attempt, host)) return undefined;
  const candidates = await postmastersHere(host);
  const of = candidates.filter(({ port, socketDirectory }) => {
    if (port !== attempt.port) return false;
    return attempt.address?.startsWith('/') === true ? posix.dirname(attempt.address) === socketDirectory : true;
  });
  const [only] = of;
  // of two on the same port, at different addresses, it cannot be told which one is meant
  if (only === undefined || of.length > 1) return undefined;
  return (await serverProcesses(host, only.directory, only.pid)) ?? 'hidden';
}

interface Postmaster {
  readonly pid: number;
  readonly directory: string;
  readonly port: number | null;
  readonly socketDirectory: string | null;
}

/** The postmasters of this network namespace: each works in its data directory (miscinit.c, ChangeToDataDir). */
async function postmastersHere(host: Host): Promise<readonly Postmaster[]> {
  const [listing, own] = await Promise.all([host.list('/proc', { limit: 20_000 }), host.readLink('/proc/self/ns/net')]);
  if (!listing.ok) return [];
  const found = await Promise.all(
    listing.value.entries
      .filter(({ name }) => /^\d+$/u.test(name))
      .map(async ({ name }): Promise<readonly Postmaster[]> => {
        const directory = await host.readLink(`/proc/${name}/cwd`);
        if (!directory.ok) return [];
        const [file, network] = await Promise.all([
          textFile(host, `/proc/${name}/cwd/postmaster.pid`, 4_096),
          host.readLink(`/proc/${name}/ns/net`),
        ]);
        const lock = file.ok ? parsePostmasterPid(file.value) : undefined;
        if (lock?.ok !== true || lock.value.pid !== Number(name)) return [];
        if (own.ok && network.ok && own.value !== network.value) return [];
        const { port, socketDirectory } = lock.value;
        return [{ pid: Number(name), directory: directory.value, port, socketDirectory }];
      }),
  );
  return found.flat();
}
