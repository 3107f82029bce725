import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration } from '../facts/standby-configuration.ts';
import type { Host } from '../hosts/host.ts';
import type {
  Configuration,
  ConfigurationRead,
  EffectiveSetting,
  SettingAssignment,
} from '../postgres/configuration.ts';
import { maskSetting } from '../postgres/masked-line.ts';
import { writtenFiles } from '../postgres/written-lines.ts';
import { defineCheck } from './check.ts';
import { ownFiles } from './own-files.ts';
import { straySettings } from './stray-settings.ts';

/** The settings that the standby's server takes from its files and its command line, with the secrets in them masked. */
export const standbyConfigurationCheck = defineCheck({
  brings: ['standbyConfiguration'],
  after: ['dataDirectory', 'standbySettings'],
  async look({ dataDirectory, standbySettings }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbyConfiguration: dataDirectory };
    const { path } = dataDirectory.value;
    const settings = isDataDirectory(dataDirectory.value) ? ifSeen(standbySettings) : undefined;
    if (settings === undefined) return { standbyConfiguration: notApplicable(`${path} is not a data directory`) };
    const { configFile, outside, configuration } = settings;
    return {
      standbyConfiguration: seen(
        {
          configFile,
          isDirectory: await directoryAt(host, configFile),
          outside,
          files: masked(configuration),
          written: writtenFiles(configuration.texts),
          changed: await changedLast(host, [...configuration.texts.keys()]),
          ownFiles: await ownFiles(host, settings),
          strays: await straySettings(host, settings),
        },
        configFile,
      ),
    };
  },
});

async function changedLast(host: Host, paths: readonly string[]): Promise<StandbyConfiguration['changed']> {
  const looked = await Promise.all(
    paths.map(async (file) => {
      const status = await host.status(file, { followLinks: true });
      return status.ok ? [{ file, at: status.value.modifiedAt }] : [];
    }),
  );
  return looked.flat().toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];
}

async function directoryAt(host: Host, path: string): Promise<StandbyConfiguration['isDirectory']> {
  const status = await host.status(path, { followLinks: true });
  if (!status.ok || status.value.kind !== 'directory') return undefined;
  const system = await host.fileSystem(path);
  return system.ok && system.value.mountPoint === path ? 'mounted' : 'not-mounted';
}

const masked = ({ texts: _texts, ...configuration }: ConfigurationRead): Configuration => ({
  ...configuration,
  settings: new Map([...configuration.settings].map(([name, setting]) => [name, maskedSetting(setting)])),
  assignments: configuration.assignments.map(maskedAssignment),
  // what stands where something else was expected can be the rest of a password
  faults: configuration.faults.map((fault) =>
    fault.kind === 'syntax' && fault.near !== null && !/^.?$/u.test(fault.near)
      ? { ...fault, near: short(fault.near) }
      : fault,
  ),
});

const maskedSetting = (setting: EffectiveSetting): EffectiveSetting => ({
  ...setting,
  ...maskedAssignment(setting),
  overridden: setting.overridden.map(maskedAssignment),
});

const maskedAssignment = (assignment: SettingAssignment): SettingAssignment => {
  const value = maskSetting(assignment.name, assignment.value);
  const { source } = assignment;
  if (value === assignment.value) return assignment;
  return {
    ...assignment,
    value,
    source: source.kind === 'command line' ? { ...source, written: `-c ${assignment.name}=${value}` } : source,
  };
};

const short = (near: string): string => `${near.slice(0, 1)}…`;
