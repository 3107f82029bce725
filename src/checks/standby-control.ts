import { posix } from 'node:path';

import { ifSeen, seen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { DebianClusterToBe } from '../facts/primary.ts';
import type { InstalledTools } from '../facts/machine.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration } from '../facts/standby-configuration.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { containerOfPlace, containerOfVolume } from './container-volume.ts';
import { controlGroupOf, folderOf, logOf, serverControl } from './server-control.ts';

/** How the standby's own server is started, stopped and reloaded. */
export const standbyControlCheck = defineCheck({
  brings: ['standbyControl'],
  after: ['dataDirectory', 'standbyConfiguration', 'installedTools'],
  async look({ dataDirectory, standbyConfiguration, installedTools }, { host, subject }) {
    if (dataDirectory.status !== 'seen') return { standbyControl: dataDirectory };
    const { path, postmaster, lastStart } = dataDirectory.value;
    const configuration = ifSeen(standbyConfiguration);
    const given = subject.command === 'postmortem' ? subject.configFile : undefined;
    const named = lastStart?.directory ?? (given && posix.dirname(given));
    const configDirectory =
      configuration && named && (await configDirectoryOf(host, dataDirectory.value, named, configuration));
    const pid = postmaster?.process === 'running' ? postmaster.pid : undefined;
    const control = serverControl({
      dataDirectory: path,
      configFile: configuration?.configFile,
      pid,
      controlGroup: pid === undefined ? undefined : await controlGroupOf(host, pid),
      binDirectory: await binDirectoryFor(host, dataDirectory.value, installedTools),
      configDirectory,
      log: pid === undefined ? undefined : await logOf(host, pid),
      toBeCreated: pid === undefined ? await debianClusterToBe(host, dataDirectory.value) : undefined,
      container: (await containerOfPlace(host, path)) ?? (await containerOfVolume(host, path)),
      // a raw copy brings those of another server
      options: lastStart?.here === true || configDirectory !== undefined ? (lastStart?.options ?? []) : [],
    });
    const source = pid === undefined ? path : `process ${pid}`;
    return { standbyControl: seen({ control, running: pid !== undefined }, source) };
  },
});

/**
 * A directory where Debian's packages have their data, with nothing in /etc/postgresql, and that was not started here without
 * their tools: a copy from another machine, or from a backup. Without a cluster there it is not started with the machine, and no tool of Debian's sees it.
 */
async function debianClusterToBe(
  host: Host,
  { path, major, lastStart }: DataDirectory,
): Promise<DebianClusterToBe | undefined> {
  const [, version, cluster] = /^\/var\/lib\/postgresql\/(\d+)\/([\w.-]+)$/u.exec(path) ?? [];
  if (version === undefined || cluster === undefined || version !== String(major)) return undefined;
  const byTools = lastStart?.options.some((option) => option.includes('config_file=/etc/postgresql/')) === true;
  if (lastStart?.here === true && !byTools) return undefined;
  const isThere = async (file: string): Promise<boolean> => (await host.status(file, { followLinks: true })).ok;
  const folder = `/etc/postgresql/${version}/${cluster}`;
  if (!(await isThere('/usr/bin/pg_createcluster')) || (await isThere(folder))) return undefined;
  if (!(await isThere(`/usr/lib/postgresql/${version}/bin/postgres`))) return undefined;
  return { version, cluster, lacksIdent: !(await isThere(posix.join(path, 'pg_ident.conf'))) };
}

/** -D may name the directory of postgresql.conf, and data_directory there the data (manual: File Locations). */
async function configDirectoryOf(
  host: Host,
  { path }: DataDirectory,
  named: string,
  { configFile, files, outside }: StandbyConfiguration,
): Promise<string | undefined> {
  const data = files.settings.get('data_directory')?.value;
  if (!outside || data === undefined || !posix.isAbsolute(data)) return undefined;
  if (posix.dirname(configFile) !== posix.resolve(named)) return undefined;
  const real = await host.realPath(data);
  return real.ok && real.value === path ? named : undefined;
}

/**
 * The folder of the program that was started on it last, which is of its release, wherever it lies; where there is none
 * (or an upgrade of the packages took it away), that of a server here which is of the directory's release.
 */
async function binDirectoryFor(
  host: Host,
  { lastStart, major }: DataDirectory,
  installedTools: Observed<InstalledTools>,
): Promise<string | undefined> {
  const used = folderOf(lastStart?.here === false ? undefined : lastStart?.program);
  if (used !== undefined && (await host.status(`${used}/pg_ctl`, { followLinks: true })).ok) return used;
  return ifSeen(installedTools)?.servers.find((tool) => tool.major === major)?.binDirectory ?? used;
}
