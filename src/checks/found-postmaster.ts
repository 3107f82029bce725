import { posix } from 'node:path';

import type { FoundPostmaster } from '../facts/machine.ts';
import type { Host, ProcessStatus } from '../hosts/host.ts';
import { parsePostmasterPid, readServerArguments } from '../postgres/postmaster-files.ts';

/**
 * What postmaster.pid says, held against the processes that really run. The number alone proves nothing: after a crash or
 * a reboot another program may have it, and that of a server in a container counts in the container only.
 */
export async function foundPostmaster(
  host: Host,
  directory: string,
  pidFile: string,
): Promise<FoundPostmaster | undefined> {
  const parsed = parsePostmasterPid(pidFile);
  if (!parsed.ok) return undefined;
  const { pid, port, startedAt, socketDirectory } = parsed.value;
  const named = { pid, port: port ?? undefined };
  const found = await host.processStatus(pid);
  const who = found.ok ? { program: found.value.program, uid: found.value.uid } : undefined;
  if (found.ok && who !== undefined && isPostmaster(found.value)) {
    const own = await runsOn(host, directory, found.value, startedAt);
    if (own === true) {
      const socket =
        port === null || socketDirectory === null ? undefined : socketFile(directory, socketDirectory, port);
      const missingSocket = socket === undefined ? undefined : await missing(host, socket, pid);
      return { ...named, process: 'running', ...who, ...(missingSocket === undefined ? {} : { missingSocket }) };
    }
    if (own === undefined) return { ...named, process: 'unknown', ...who };
  }
  const elsewhere = await serverOn(host, directory);
  if (elsewhere !== undefined) return { ...named, pid: elsewhere, process: 'running', program: 'postgres' };
  if (who !== undefined) return { ...named, process: 'another-program', ...who };
  const process = endOf(found.ok ? undefined : found.problem.code);
  const leftBehind = process === 'gone' ? await lasting(host, directory) : [];
  return { ...named, process, program: undefined, ...(leftBehind.length === 0 ? {} : { leftBehind }) };
}

/** A child ends by itself as soon as it notices that its postmaster is gone: those that have not a moment later. */
async function lasting(host: Host, directory: string): Promise<readonly number[]> {
  const first = await processesOn(host, directory, isChild);
  if (first.length === 0) return first;
  await new Promise((resolve) => setTimeout(resolve, noticeMs));
  const still = new Set(await processesOn(host, directory, isChild));
  return first.filter((pid) => still.has(pid));
}

const noticeMs = 1_500;

/** The logger holds no shared memory, and ends with the last process that writes to it. */
const isChild = ({ program, commandLine }: ProcessStatus): boolean =>
  isServerProgram(program) && /^postgres: (?!(?:.*: )?logger\b)/u.test(commandLine?.[0] ?? '');

/** A server that runs although postmaster.pid is gone or makes no sense: somebody took the file for a stale one. */
export async function postmasterWithoutLockFile(host: Host, directory: string): Promise<FoundPostmaster | undefined> {
  const pid = await serverOn(host, directory);
  return pid === undefined
    ? undefined
    : { pid, port: undefined, process: 'running', program: 'postgres', withoutLockFile: true };
}

const isServerProgram = (program: string): boolean => /^(?:postgres|postmaster|edb-postgres)/u.test(program);

/** pqcomm.c, UNIXSOCK_PATH; a directory that begins with "@" is an abstract name, and no file. A relative one starts from where the server stands. */
const socketFile = (directory: string, socketDirectory: string, port: number): string | undefined =>
  socketDirectory.startsWith('@') || socketDirectory === ''
    ? undefined
    : posix.resolve(directory, socketDirectory, `.s.PGSQL.${port}`);

/** A server may have a file system of its own (a container, PrivateTmp of systemd): what counts is what it sees itself. */
async function missing(host: Host, socket: string, pid: number): Promise<string | undefined> {
  const [here, there, root] = await Promise.all([
    host.status(socket),
    host.status(`/proc/${pid}/root${socket}`),
    host.status(`/proc/${pid}/root/`, { followLinks: true }),
  ]);
  const isGone = !here.ok && here.problem.code === 'ENOENT' && !there.ok && there.problem.code === 'ENOENT';
  return isGone && root.ok ? socket : undefined;
}

const endOf = (code: string | undefined): FoundPostmaster['process'] =>
  code === 'ESRCH' ? 'gone' : code === 'zombie' ? 'ended' : 'unknown';

/** A child of a postmaster has a title in place of its command line (ps_status.c): one that outlived its server is no server. */
export const isPostmaster = ({ program, commandLine }: ProcessStatus): boolean =>
  isServerProgram(program) && commandLine?.[0]?.startsWith('postgres: ') !== true;

/**
 * A postmaster stands in its data directory (postmaster.c, ChangeToDataDir). The kernel shows that to its own user and to
 * root; its command line, and when it began, to everybody. Undefined when none of the three tells.
 */
async function runsOn(
  host: Host,
  directory: string,
  found: ProcessStatus,
  startedAt: number | null,
): Promise<boolean | undefined> {
  if (found.workingDirectory !== undefined) return sameDirectory(host, found.workingDirectory, directory);
  const [program = '', ...args] = found.commandLine ?? [];
  const named = readServerArguments(program, args).dataDirectory;
  if (named !== null && posix.isAbsolute(named)) return sameDirectory(host, named, directory);
  if (found.startedAt === undefined || startedAt === null) return undefined;
  // a process that is older than the lock file had this number when it was written: it is the server, which an entrypoint may have
  // become (exec) long after its own beginning; one that was given the number afterwards is younger
  return found.startedAt.getTime() / 1_000 - startedAt <= startTolerance;
}

const startTolerance = 5;

async function sameDirectory(host: Host, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([
    host.status(one, { followLinks: true }),
    host.status(other, { followLinks: true }),
  ]);
  return a.ok && b.ok && a.value.device === b.value.device && a.value.inode === b.value.inode;
}

/** A server in a container has another number outside; /proc/PID/cwd leads to the same directory all the same. */
async function serverOn(host: Host, directory: string): Promise<number | undefined> {
  return (await processesOn(host, directory, isPostmaster))[0];
}

/** Processes whose working directory it is. */
async function processesOn(
  host: Host,
  directory: string,
  isMeant: (status: ProcessStatus) => boolean,
): Promise<readonly number[]> {
  const listing = await host.list('/proc', { limit: 20_000 });
  const target = await host.status(directory, { followLinks: true });
  if (!listing.ok || !target.ok) return [];
  const found = await Promise.all(
    listing.value.entries
      .filter(({ name }) => /^\d+$/.test(name))
      .map(async ({ name }) => {
        const stands = await host.status(`/proc/${name}/cwd`, { followLinks: true });
        if (!stands.ok || stands.value.device !== target.value.device || stands.value.inode !== target.value.inode)
          return undefined;
        const process = await host.processStatus(Number(name));
        return process.ok && isMeant(process.value) ? Number(name) : undefined;
      }),
  );
  return found.filter((pid) => pid !== undefined).toSorted((a, b) => a - b);
}
