import { ifSeen, seen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { InstalledTools } from '../facts/machine.ts';
import type { DataDirectory } from '../facts/standby.ts';
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
      binDirectory: binDirectoryFor(dataDirectory.value, installedTools),
      // a raw copy brings those of another server
      options: dataDirectory.value.lastStart?.here === true ? dataDirectory.value.lastStart.options : [],
    });
    const source = pid === undefined ? path : `process ${pid}`;
    return { standbyControl: seen({ control, running: pid !== undefined }, source) };
  },
});

/** The program that was started on it last; where none was, the one here that is of the directory's release. */
function binDirectoryFor(
  { lastStart, major }: DataDirectory,
  installedTools: Observed<InstalledTools>,
): string | undefined {
  const servers = ifSeen(installedTools)?.servers ?? [];
  const used = folderOf(lastStart?.here === false ? undefined : lastStart?.program);
  const ofTheRelease = servers.filter((tool) => tool.major === major).map(({ binDirectory }) => binDirectory);
  // after an upgrade of the packages the folder of the last start may be gone, or another release's
  const serves = used !== undefined && (ofTheRelease.includes(used) || ofTheRelease.length === 0);
  return serves ? used : (ofTheRelease[0] ?? used);
}
