import { ifSeen, seen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { InstalledTools } from '../facts/machine.ts';
import type { DataDirectory } from '../facts/standby.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { controlGroupOf, folderOf, serverControl } from './server-control.ts';

/** How the standby's own server is started, stopped and reloaded. */
export const standbyControlCheck = defineCheck({
  brings: ['standbyControl'],
  after: ['dataDirectory', 'standbyConfiguration', 'installedTools'],
  async look({ dataDirectory, standbyConfiguration, installedTools }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbyControl: dataDirectory };
    const { path, postmaster } = dataDirectory.value;
    const pid = postmaster?.process === 'running' ? postmaster.pid : undefined;
    const control = serverControl({
      dataDirectory: path,
      configFile: ifSeen(standbyConfiguration)?.configFile,
      pid,
      controlGroup: pid === undefined ? undefined : await controlGroupOf(host, pid),
      binDirectory: await binDirectoryFor(host, dataDirectory.value, installedTools),
      // a raw copy brings those of another server
      options: dataDirectory.value.lastStart?.here === true ? dataDirectory.value.lastStart.options : [],
    });
    const source = pid === undefined ? path : `process ${pid}`;
    return { standbyControl: seen({ control, running: pid !== undefined }, source) };
  },
});

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
