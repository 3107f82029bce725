import type { OtherContainer } from '../../facts/machine.ts';
import type { ServerControl } from '../../facts/primary.ts';
import type { Host } from '../../hosts/host.ts';
import { parsePostmasterOpts, withoutDirectory, type ServerCommandLine } from '../../postgres/postmaster-files.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { controlGroupOf, folderOf, logOf, serverControl } from '../server-control.ts';
import { isDataDirectoryOf } from '../served-here.ts';

/** What this machine shows of the primary, where its data directory lies here. */
export interface LocalPrimary {
  readonly dataDirectory: { readonly path: string; readonly device: number; readonly inode: number };
  readonly pid: number;
  readonly binDirectory: string | undefined;
  /** The control group of the server, where it has another one than this program: a unit or a container of its own. */
  readonly controlGroup: string | undefined;
  readonly log?: string | undefined;
  /** config_file of its command line. */
  readonly configFile?: string | undefined;
  /** What it was started with, beside -D. */
  readonly options?: readonly string[];
}

/**
 * The primary's data directory on this machine, where its postmaster runs here. In a container, or in another mount
 * namespace, the same path is another directory: it must be the one in which that postmaster works.
 */
export async function findLocally(
  catalogue: Catalogue | undefined,
  postmaster: number,
  host: Host,
): Promise<LocalPrimary | undefined> {
  // most roles are not shown data_directory; its own user sees where the postmaster stands
  const path = catalogue?.settings.get('data_directory')?.value ?? (await workingDirectory(host, postmaster));
  if (path === undefined || !path.startsWith('/')) return undefined;
  const status = await host.status(path, { followLinks: true });
  if (!status.ok || status.value.kind !== 'directory') return undefined;
  if (!(await isThere(path, catalogue, postmaster, status.value.modifiedAt, host))) return undefined;
  const { device, inode } = status.value;
  const [options, controlGroup, log] = await Promise.all([
    readText(host, `${path}/postmaster.opts`),
    controlGroupOf(host, postmaster),
    logOf(host, postmaster),
  ]);
  const lastStart = options === undefined ? undefined : parsePostmasterOpts(options);
  return {
    dataDirectory: { path, device, inode },
    pid: postmaster,
    binDirectory: lastStart?.ok === true ? folderOf(lastStart.value.program) : undefined,
    controlGroup,
    log,
    configFile: lastStart?.ok === true ? configFileOf(lastStart.value) : undefined,
    options: lastStart?.ok === true ? withoutDirectory(lastStart.value.arguments) : [],
  };
}

/** Where this user sees neither the postmaster's directory nor its lock file, the time of the directory's last change tells. */
async function isThere(
  path: string,
  catalogue: Catalogue | undefined,
  postmaster: number,
  modifiedAt: Date,
  host: Host,
): Promise<boolean> {
  if (await isDataDirectoryOf(host, path, postmaster)) return true;
  const hidden = !(await host.read(`${path}/postmaster.pid`, { maxBytes: 4_096 })).ok;
  const changed = catalogue?.fileTimes.seen === true ? catalogue.fileTimes.value.get(path)?.getTime() : undefined;
  return hidden && changed !== undefined && Math.floor(modifiedAt.getTime() / 1000) === Math.floor(changed / 1000);
}

const configFileOf = ({ settings }: ServerCommandLine): string | undefined =>
  settings.findLast(({ name }) => name === 'config_file')?.value;

async function workingDirectory(host: Host, postmaster: number): Promise<string | undefined> {
  const found = await host.processStatus(postmaster);
  return found.ok ? found.value.workingDirectory : undefined;
}

/** How the server is reloaded and restarted: what runs it where that was seen, else what its files tell. */
export function controlOf(
  catalogue: Catalogue | undefined,
  local: LocalPrimary | undefined,
  container: OtherContainer | undefined,
  engine: 'docker' | 'podman' | undefined,
): ServerControl {
  const dataDirectory = catalogue?.settings.get('data_directory')?.value ?? local?.dataDirectory.path;
  if (container !== undefined && engine !== undefined) {
    const { name, made, pgdata } = container;
    return { kind: 'container', dataDirectory: dataDirectory ?? pgdata ?? '', name, engine, ...(made && { made }) };
  }
  if (dataDirectory === undefined) return { kind: 'unknown' };
  const shown = catalogue?.binDirectory.seen === true ? catalogue.binDirectory.value : undefined;
  return serverControl({
    dataDirectory,
    configFile: catalogue?.settings.get('config_file')?.value ?? local?.configFile,
    pid: local?.pid,
    controlGroup: local?.controlGroup,
    binDirectory: shown ?? local?.binDirectory,
    options: local?.options ?? [],
    log: local?.log,
  });
}

async function readText(host: Host, path: string): Promise<string | undefined> {
  const content = await host.read(path, { maxBytes: 64 * 1024 });
  return content.ok ? new TextDecoder().decode(content.value.bytes) : undefined;
}
