import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import { integerOf, textOf } from '../facts/settings.ts';
import { listensOn } from '../postgres/listen-addresses.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';
import type { Surroundings } from './check.ts';
import { foundPostmaster } from './found-postmaster.ts';
import { textFile } from './text-file.ts';

/**
 * What shows that a server was just being started or stopped while it was looked at, so that one fact is of the time before
 * and another of the time after; undefined: nothing does. The same answer to two looks is a lasting state.
 */
export async function movedOn(
  facts: Partial<Facts>,
  surroundings: Surroundings,
  began: Date,
): Promise<string | undefined> {
  return betweenStates(facts, began) ?? (await otherPostmaster(facts, surroundings, began));
}

/** Facts that a server shows for a moment as it comes or goes, and that contradict each other. */
export function betweenStates(facts: Partial<Facts>, began: Date): string | undefined {
  const { process, withoutLockFile } = ifSeen(facts.dataDirectory)?.postmaster ?? {};
  // miscinit.c, CreateLockFile and UnlinkLockFiles: the file comes after the process, and goes before it
  if (withoutLockFile === true) return 'no lock file yet, or no more';
  if (ifSeen(facts.dataDirectory)?.pidFileUnreadable !== undefined) return 'the lock file is being written';
  if (process === 'ended') return 'the process of the lock file has ended';
  if (ifSeen(facts.timelines)?.upstream.isOld === true) return 'the upstream was asked before the standby went on';
  const admin = ifSeen(facts.adminServer);
  if (admin !== undefined && admin.startedAt > began) return 'the server of --admin has been started';
  const { replicationLogin } = facts;
  if (replicationLogin?.status === 'unseen' && replicationLogin.why.kind === 'connection')
    return 'the replication connection broke';
  const server = ifSeen(facts.runningStandby);
  const senders = ifSeen(facts.walSenders);
  if (
    server?.receiver?.status === 'streaming' &&
    senders?.some(({ applicationName }) => applicationName === server.reportsAs) === false
  )
    return 'the standby streams, and the primary does not list it';
  const login = ifSeen(replicationLogin)?.outcome;
  if (login === undefined) return undefined;
  if (login.accepted) {
    const refusal = ifSeen(facts.adminRefusal)?.refusal;
    return refusal !== undefined && passing.has(refusal) ? `--admin: ${refusal}` : undefined;
  }
  const { outcome, port, address } = login.decisive;
  if (outcome.kind === 'closed') return `closed: ${outcome.phase}`;
  if (outcome.kind === 'server-refused') return passing.has(outcome.refusal) ? outcome.refusal : undefined;
  // it refuses, and lets somebody else in at the same time
  const isThere =
    outcome.kind === 'refused' &&
    address !== undefined &&
    admin?.identity.is === 'the-upstream' &&
    integerOf(admin.settings, 'port') === port &&
    listensOn(textOf(admin.settings, 'listen_addresses') ?? '', address);
  return isThere ? 'refused, by a server that listens' : undefined;
}

const passing: ReadonlySet<string> = new Set(['shutting-down', 'starting-up']);

/** Another process is the server on the data directory now, or the same number was started since. */
async function otherPostmaster(
  facts: Partial<Facts>,
  { host }: Surroundings,
  began: Date,
): Promise<string | undefined> {
  const directory = ifSeen(facts.dataDirectory);
  if (directory === undefined) return undefined;
  const { path, postmaster: before } = directory;
  host.anew?.();
  const file = await textFile(host, posix.join(path, 'postmaster.pid'), 4_096);
  const now = file.ok ? parsePostmasterPid(file.value) : undefined;
  if (now?.ok !== true) return before === undefined ? undefined : `process ${before.pid} has ended`;
  const { pid, startedAt } = now.value;
  if (startedAt !== null && startedAt * 1_000 > began.getTime()) return `process ${pid}, started at ${startedAt}`;
  if (before?.pid === pid) return undefined;
  // in a container it has another number than its file says
  const found = file.ok ? await foundPostmaster(host, path, file.value) : undefined;
  return found?.pid === before?.pid ? undefined : `process ${pid} has taken its place`;
}
