import { ifSeen } from '../facts/observed.ts';
import type { Unseen } from '../facts/observed.ts';
import type { Location } from '../findings/report.ts';
import type { StandbyConfiguration } from '../facts/standby-configuration.ts';
import { inOneSpelling, settingDefinition } from '../postgres/settings.ts';
import { parseVersion } from '../postgres/versions.ts';
import { at } from '../findings/judgement.ts';
import type { SeenBy } from './derived.ts';

/** Where the standby's settings are seen: in its files, and in its server while it runs. */
export const settingsFacts = ['standbyConfiguration', 'runningStandby', 'dataDirectory'] as const;
export type SettingsSeen = SeenBy<{ needs: []; wants: typeof settingsFacts }>;

/** A setting of the standby, and where it was seen. */
export interface InForce {
  readonly value: string;
  /** `pg_settings`, `/data/postgresql.auto.conf line 3`, `the default of 15`. */
  readonly source: string;
  readonly where: Location;
}

/** What runs, where a server runs; else what the files give it at its next start. Undefined where neither was seen. */
export const inForce = (name: string, seen: SettingsSeen): InForce | undefined =>
  inServer(name, seen) ?? inFiles(name, seen);

/** What the running server goes by. */
export function inServer(name: string, { runningStandby, standbyConfiguration }: SettingsSeen): InForce | undefined {
  const setting = ifSeen(runningStandby)?.settings.get(name);
  if (setting === undefined) return undefined;
  return { value: setting.value, source: 'pg_settings', where: whereIn(name, ifSeen(standbyConfiguration)) };
}

/** What a start would take: from the command line, the files, or the default of this release. */
export function inFiles(name: string, seen: SettingsSeen): InForce | undefined {
  const configuration = ifSeen(seen.standbyConfiguration);
  if (configuration === undefined) return undefined;
  const where = whereIn(name, configuration);
  const set = configuration.files.settings.get(name);
  const major = majorOf(seen);
  if (set !== undefined) {
    const { source } = set;
    const words =
      source.kind === 'file' ? `${source.file} line ${source.line}` : `the command line (${source.written})`;
    return { value: inOneSpelling(name, set.value, major ?? 18), source: words, where };
  }
  const definition = major === undefined ? undefined : settingDefinition(name, major);
  return definition === undefined ? undefined : { value: definition.default, source: `the default of ${major}`, where };
}

/** The standby's major release, from PG_VERSION or from the running server. */
export function majorOf({
  dataDirectory,
  runningStandby,
}: Omit<SettingsSeen, 'standbyConfiguration'>): number | undefined {
  const running = ifSeen(runningStandby)?.version;
  return ifSeen(dataDirectory)?.major ?? (running === undefined ? undefined : parseVersion(running)?.major);
}

function whereIn(name: string, configuration: StandbyConfiguration | undefined): Location {
  const source = configuration?.files.settings.get(name)?.source;
  return source?.kind === 'file' ? at('standby', undefined, source.file, source.line) : at('standby');
}

/** Why a setting was not seen: the server's reason counts where there is a server. */
export function whyUnseen({ standbyConfiguration, runningStandby }: SettingsSeen): Unseen {
  if (runningStandby.status === 'unseen' && standbyConfiguration.status !== 'unseen') return runningStandby.why;
  if (standbyConfiguration.status === 'unseen') return standbyConfiguration.why;
  return { kind: 'unreadable', because: "the standby's settings were not read" };
}
