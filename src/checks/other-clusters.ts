import { posix } from 'node:path';

import type { OtherCluster, StoragePart } from '../facts/shared-storage.ts';
import type { Host, ProcessStatus } from '../hosts/host.ts';
import { ofMachine } from '../hosts/of-machine.ts';
import { readControlFile } from '../postgres/control-file.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import type { SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import { parsePostmasterOpts, parsePostmasterPid, readServerArguments } from '../postgres/postmaster-files.ts';
import { commandLines } from './command-lines.ts';
import { identityOf } from './directory-identity.ts';
import type { DirectoryIdentity } from './directory-identity.ts';
import { isPostmaster } from './found-postmaster.ts';
import { textFile } from './text-file.ts';

/** A cluster on this machine, and how this process reaches its directories. */
export interface ClusterHere {
  readonly cluster: OtherCluster;
  readonly directory: DirectoryIdentity;
  readonly storage: readonly Storage[];
  readonly systemIdentifier: SystemIdentifier | undefined;
  readonly state: ControlFile['state'] | undefined;
  /** Of its last checkpoint. */
  readonly timeline: TimelineId | undefined;
  /** standby.signal is there. */
  readonly isStandby: boolean;
  /** The lock file of the directory is its own, and no server's that was there before. */
  readonly holdsLock: boolean;
}

/** The clusters of this machine, whatever they have in common with the one that is looked at. */
export interface ClustersHere {
  readonly running: readonly ClusterHere[];
  /** Those that are stopped and near. */
  readonly stopped: readonly ClusterHere[];
}

export interface Storage {
  readonly part: StoragePart;
  readonly identity: DirectoryIdentity;
  /** Of a tablespace: the folder in it that this cluster writes to; undefined where that is not known. */
  readonly folder: string | undefined;
}

/** The clusters that a server runs on, in containers and other mount namespaces too, as far as this user may see them. */
export const runningClusters = ofMachine(async (host): Promise<readonly ClusterHere[]> => {
  const servers = await serversOf(host);
  const own = await host.readLink('/proc/self/ns/mnt');
  const found = await Promise.all(
    servers
      // a backend is the child of its postmaster
      .filter(({ status }) => !servers.some(({ pid }) => pid === status.parent))
      .map(async ({ pid, status }) => {
        const space = await host.readLink(`/proc/${pid}/ns/mnt`);
        const apart = own.ok && space.ok && own.value !== space.value;
        const directory = apart ? `/proc/${pid}/cwd` : directoryOf(status);
        return directory === undefined
          ? undefined
          : clusterAt(host, directory, {
              pid,
              called: status.workingDirectory ?? directory,
              root: apart ? `/proc/${pid}/root` : '',
            });
      }),
  );
  return found.filter((one) => one !== undefined);
});

/** Servers whose data directory was removed while they ran: the kernel keeps its name (proc(5), d_path). */
export async function serversOnRemoved(host: Host): Promise<readonly OtherCluster[]> {
  const servers = await serversOf(host);
  return servers
    .filter(({ status }) => !servers.some(({ pid }) => pid === status.parent))
    .flatMap(({ pid, status }) => {
      const [, path] = /^(.+) \(deleted\)$/u.exec(status.workingDirectory ?? '') ?? [];
      return path === undefined ? [] : [{ dataDirectory: path, pid, port: undefined, removed: true as const }];
    });
}

/**
 * Stopped clusters in these directories. Only one that was last started where it is now and that is no standby: a directory
 * that was moved aside has links that lead to storage which is another cluster's by now.
 */
export async function stoppedClusters(host: Host, directories: readonly string[]): Promise<readonly ClusterHere[]> {
  const found = await Promise.all(
    directories.map(async (directory) => {
      const [opts, control, signal] = await Promise.all([
        textFile(host, posix.join(directory, 'postmaster.opts'), 64 * 1024),
        controlIn(host, directory),
        host.status(posix.join(directory, 'standby.signal')),
      ]);
      const started = opts.ok ? parsePostmasterOpts(opts.value) : undefined;
      const named = started?.ok === true ? started.value.dataDirectory : null;
      if (named === null || signal.ok || !(control?.state === 'shut down' || control?.state === 'in production'))
        return undefined;
      const [itself, startedOn] = await Promise.all([identityOf(host, directory), identityOf(host, named)]);
      return itself !== undefined && itself.itself === startedOn?.itself
        ? clusterAt(host, directory, { pid: undefined, called: directory, root: '' })
        : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** The folder of a tablespace's directory that a cluster writes to (catalog.c, GetTablespacePath; relpath.h). */
export const tablespaceFolder = (major: number | string, catalogVersion: number): string =>
  `PG_${major}_${catalogVersion}`;

interface ServerProcess {
  readonly pid: number;
  readonly status: ProcessStatus;
}

async function serversOf(host: Host): Promise<readonly ServerProcess[]> {
  const found = await Promise.all(
    [...(await commandLines(host))].map(async ([pid, line]) => {
      // a server has a dozen children, which carry a title; a thread of the kernel has no command line at all
      if (line === '' || line?.startsWith('postgres: ') === true) return undefined;
      const name = await textFile(host, `/proc/${pid}/comm`, 64);
      if (!name.ok || !isServer(name.value)) return undefined;
      const status = await host.processStatus(pid);
      return status.ok && isPostmaster(status.value) ? { pid, status: status.value } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

const isServer = (program: string): boolean => /^(?:postgres|postmaster|edb-postgres)/u.test(program);

/** A postmaster works in its data directory (miscinit.c, ChangeToDataDir). */
function directoryOf({ workingDirectory, commandLine }: ProcessStatus): string | undefined {
  if (workingDirectory !== undefined) return workingDirectory;
  const [program = '', ...args] = commandLine ?? [];
  const named = readServerArguments(program, args).dataDirectory;
  return named !== null && posix.isAbsolute(named) ? named : undefined;
}

interface Way {
  readonly pid: number | undefined;
  /** What its own namespace calls the directory. */
  readonly called: string;
  /** What stands before an absolute path of that namespace. */
  readonly root: string;
}

async function clusterAt(host: Host, directory: string, way: Way): Promise<ClusterHere | undefined> {
  const [identity, version, control, lock, listing, signal] = await Promise.all([
    identityOf(host, directory),
    textFile(host, `${directory}/PG_VERSION`, 64),
    controlIn(host, directory),
    textFile(host, `${directory}/postmaster.pid`, 4_096),
    host.list(`${directory}/pg_tblspc`, { limit: 10_000 }),
    host.status(`${directory}/standby.signal`),
  ]);
  if (identity === undefined) return undefined;
  // a server that is only just starting still works where its caller did
  if (!version.ok && version.problem.code === 'ENOENT' && control === undefined) return undefined;
  const folder =
    version.ok && control !== undefined ? tablespaceFolder(version.value.trim(), control.catalogVersion) : undefined;
  const oids = (listing.ok ? listing.value.entries : []).map(({ name }) => name).filter((name) => /^\d+$/u.test(name));
  const [wal, ...tablespaces] = await Promise.all([
    partAt(host, directory, 'pg_wal', way),
    ...oids.map(async (oid) => partAt(host, directory, `pg_tblspc/${oid}`, way)),
  ]);
  const parsed = lock.ok ? parsePostmasterPid(lock.value) : undefined;
  const port = way.pid !== undefined && parsed?.ok === true ? (parsed.value.port ?? undefined) : undefined;
  return {
    cluster: { dataDirectory: way.called, pid: way.pid, port },
    directory: identity,
    systemIdentifier: control?.systemIdentifier,
    state: control?.state,
    timeline: control?.checkpoint.timeline,
    isStandby: signal.ok,
    holdsLock: way.pid !== undefined && parsed?.ok === true && Math.abs(parsed.value.pid) === way.pid,
    storage: [
      {
        part: { part: 'data-directory', path: way.called, realPath: way.called },
        identity,
        folder: undefined,
      },
      ...(wal === undefined ? [] : [{ ...wal, part: { ...wal.part, part: 'pg_wal' as const }, folder: undefined }]),
      ...tablespaces.flatMap((one, index) =>
        one === undefined
          ? []
          : [{ ...one, part: { ...one.part, part: 'tablespace' as const, oid: Number(oids[index]) }, folder }],
      ),
    ],
  };
}

/** A link that is absolute starts from the root of the namespace that its server runs in. */
async function partAt(
  host: Host,
  directory: string,
  name: string,
  { called, root }: Way,
): Promise<{ readonly part: Omit<StoragePart, 'part'>; readonly identity: DirectoryIdentity } | undefined> {
  const link = await host.readLink(`${directory}/${name}`);
  const target = link.ok ? link.value : undefined;
  const reached = target !== undefined && posix.isAbsolute(target) ? `${root}${target}` : `${directory}/${name}`;
  const [identity, real] = await Promise.all([
    identityOf(host, reached),
    root === '' ? host.realPath(reached) : undefined,
  ]);
  if (identity === undefined) return undefined;
  const path = target === undefined ? posix.join(called, name) : posix.resolve(called, posix.dirname(name), target);
  return { part: { path, realPath: real?.ok === true ? real.value : path }, identity };
}

/** Of one that is torn, because its server writes it at this moment, what is asked for is there all the same. */
async function controlIn(
  host: Host,
  directory: string,
): Promise<Pick<ControlFile, 'catalogVersion' | 'checkpoint' | 'state' | 'systemIdentifier'> | undefined> {
  for (const _ of [1, 2]) {
    const content = await host.read(`${directory}/global/pg_control`, { maxBytes: 8_192 });
    const read = content.ok ? readControlFile(content.value.bytes) : undefined;
    if (read?.ok === true) return read.value;
    if (read?.fault.kind !== 'crc-differs') return undefined;
  }
  return undefined;
}
