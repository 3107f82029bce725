import { posix } from 'node:path';

import type { DebianClusterToBe, ServerControl } from '../facts/primary.ts';
import type { Host } from '../hosts/host.ts';
import type { ContainerSeen } from './container-volume.ts';
import { textFile } from './text-file.ts';

/** What was seen of a server: its process, its files. */
export interface ControlSeen {
  readonly dataDirectory: string;
  readonly configFile: string | undefined;
  readonly pid: number | undefined;
  readonly controlGroup: string | undefined;
  readonly binDirectory: string | undefined;
  /** The directory of the configuration that -D named, where it is not the data directory. */
  readonly configDirectory?: string | undefined;
  /** What the server was started with last, beside -D. */
  readonly options?: readonly string[];
  /** The file that its output goes to. */
  readonly log?: string | undefined;
  /** Undefined: it is no directory of Debian's packages, or they know it. */
  readonly toBeCreated?: DebianClusterToBe | undefined;
  /** The container whose volume the directory is in, read from outside of it. */
  readonly container?: ContainerSeen | undefined;
}

/** How a server is reloaded and restarted: what runs it where that was seen, else what its files tell. */
export function serverControl({
  dataDirectory,
  configFile,
  pid,
  controlGroup = '',
  binDirectory,
  configDirectory,
  options = [],
  log,
  toBeCreated,
  container,
}: ControlSeen): ServerControl {
  if (container !== undefined) return { kind: 'container', dataDirectory, ...container };
  if (pid === 1 || /docker|containerd|kubepods|libpod|lxc|machine\.slice/.test(controlGroup))
    return { kind: 'container', dataDirectory };
  const unit = unitOf(controlGroup);
  if (unit !== undefined) return { kind: 'systemd', unit };
  const [, version, cluster] = debianPath.exec(configFile ?? '') ?? [];
  if (version !== undefined && cluster !== undefined) return { kind: 'pg_ctlcluster', version, cluster };
  return {
    kind: 'pg_ctl',
    dataDirectory,
    binDirectory,
    ...(configDirectory === undefined ? {} : { configDirectory }),
    ...(options.length === 0 ? {} : { options }),
    ...(log === undefined ? {} : { log }),
    ...(toBeCreated === undefined ? {} : { toBeCreated }),
  };
}

/**
 * The control group of a process where it is another one than this program's own: a unit or a container of its own. A
 * server that was started from the same session tells nothing by it.
 */
export async function controlGroupOf(host: Host, pid: number): Promise<string | undefined> {
  const [server, own] = await Promise.all([host.processStatus(pid), textFile(host, '/proc/self/cgroup', 64 * 1024)]);
  const group = server.ok ? server.value.controlGroup?.trim() : undefined;
  return own.ok && group === own.value.trim() ? undefined : group;
}

/** The plain file that a server writes its output to; undefined where there is none, or it is not shown. */
export async function logOf(host: Host, pid: number): Promise<string | undefined> {
  const output = await host.readLink(`/proc/${pid}/fd/2`);
  if (!output.ok) return undefined;
  const status = await host.status(output.value);
  return status.ok && status.value.kind === 'file' ? output.value : undefined;
}

/** The folder of the server program that was started last, by its whole path. */
export const folderOf = (program: string | undefined): string | undefined =>
  program === undefined || !posix.isAbsolute(program) ? undefined : posix.dirname(program);

const debianPath = /^\/etc\/postgresql\/([^/]+)\/([^/]+)\/postgresql\.conf$/;

/** The unit that a control group belongs to: `…/system-postgresql.slice/postgresql@15-main.service`. */
export function unitOf(controlGroup: string): string | undefined {
  for (const line of controlGroup.split('\n')) {
    const unit = line.split('/').find((part) => part.endsWith('.service') && !/^user@\d+\.service$/.test(part));
    if (unit !== undefined) return unit;
  }
  return undefined;
}
