import type { ServerControl } from '../../facts/primary.ts';
import type { Host } from '../../hosts/host.ts';
import { parsePostmasterOpts, parsePostmasterPid, withoutDirectory } from '../../postgres/postmaster-files.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { controlGroupOf, folderOf, logOf, serverControl } from '../server-control.ts';

/** What this machine shows of the primary, where its data directory lies here. */
export interface LocalPrimary {
  readonly dataDirectory: { readonly path: string; readonly device: number; readonly inode: number };
  readonly pid: number | undefined;
  readonly binDirectory: string | undefined;
  /** The control group of the server, where it has another one than this program: a unit or a container of its own. */
  readonly controlGroup: string | undefined;
  readonly log?: string | undefined;
  /** What it was started with, beside -D. */
  readonly options?: readonly string[];
}

/**
 * Looks for the primary's data directory on this machine. A server that answers on an address of this machine may still
 * run in a container, where the same path is another directory: so the directory must be known to be that server's, by
 * its postmaster.pid (port, and time of start) or, where that cannot be read, by the time of its last change.
 */
export async function findLocally(catalogue: Catalogue, host: Host): Promise<LocalPrimary | undefined> {
  const path = catalogue.settings.get('data_directory')?.value;
  if (path === undefined || !path.startsWith('/')) return undefined;
  const status = await host.status(path);
  if (!status.ok || status.value.kind !== 'directory') return undefined;
  const { device, inode, modifiedAt } = status.value;
  const dataDirectory = { path, device, inode };
  const lockFile = await readText(host, `${path}/postmaster.pid`);
  if (lockFile === undefined) {
    const changed = catalogue.fileTimes.seen ? catalogue.fileTimes.value.get(path)?.getTime() : undefined;
    const same = changed !== undefined && Math.floor(modifiedAt.getTime() / 1000) === Math.floor(changed / 1000);
    return same ? { dataDirectory, pid: undefined, binDirectory: undefined, controlGroup: undefined } : undefined;
  }
  const lock = parsePostmasterPid(lockFile);
  if (!lock.ok || !isThatServer(catalogue, lock.value)) return undefined;
  const [options, controlGroup, log] = await Promise.all([
    readText(host, `${path}/postmaster.opts`),
    controlGroupOf(host, lock.value.pid),
    logOf(host, lock.value.pid),
  ]);
  const lastStart = options === undefined ? undefined : parsePostmasterOpts(options);
  return {
    dataDirectory,
    pid: lock.value.pid,
    binDirectory: lastStart?.ok === true ? folderOf(lastStart.value.program) : undefined,
    controlGroup,
    log,
    options: lastStart?.ok === true ? withoutDirectory(lastStart.value.arguments) : [],
  };
}

/** How the server is reloaded and restarted: what runs it where that was seen, else what its files tell. */
export function controlOf(catalogue: Catalogue, local: LocalPrimary | undefined): ServerControl {
  const dataDirectory = catalogue.settings.get('data_directory')?.value;
  if (dataDirectory === undefined) return { kind: 'unknown' };
  const shown = catalogue.binDirectory.seen ? catalogue.binDirectory.value : undefined;
  return serverControl({
    dataDirectory,
    configFile: catalogue.settings.get('config_file')?.value,
    pid: local?.pid,
    controlGroup: local?.controlGroup,
    binDirectory: shown ?? local?.binDirectory,
    options: local?.options ?? [],
    log: local?.log,
  });
}

function isThatServer(
  { server, settings }: Catalogue,
  lock: { readonly port: number | null; readonly startedAt: number | null },
): boolean {
  // the lock file has the time of the process's start, pg_postmaster_start_time() that of the end of its preparations
  const near = lock.startedAt !== null && Math.abs(server.startedAt.getTime() / 1000 - lock.startedAt) <= 30;
  return near && (lock.port === null || String(lock.port) === settings.get('port')?.value);
}

async function readText(host: Host, path: string): Promise<string | undefined> {
  const content = await host.read(path, { maxBytes: 64 * 1024 });
  return content.ok ? new TextDecoder().decode(content.value.bytes) : undefined;
}
