import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';
import { readConfiguration } from '../postgres/configuration.ts';
import { configurationFiles } from './configuration-files.ts';

/** A directory that holds the configuration of a cluster, and not its data. */
export interface ConfigurationDirectory {
  readonly configFile: string;
  /** The data_directory that the file names. */
  readonly dataDirectory: string;
}

/**
 * `postgres -D` takes the directory of postgresql.conf, and goes to the data_directory that is set there (guc.c,
 * SelectConfigFiles; manual: File Locations). Undefined for a data directory, and for whatever else a path leads to.
 */
export async function configurationDirectory(host: Host, given: string): Promise<ConfigurationDirectory | undefined> {
  const path = posix.resolve(host.workingDirectory, given);
  const configFile = posix.join(path, 'postgresql.conf');
  const [version, control, file] = await Promise.all([
    host.status(posix.join(path, 'PG_VERSION')),
    host.status(posix.join(path, 'global', 'pg_control')),
    host.status(configFile, { followLinks: true }),
  ]);
  if (version.ok || control.ok || !file.ok) return undefined;
  const { settings } = await readConfiguration(configurationFiles(host), { configFile, dataDirectory: path });
  const named = settings.get('data_directory')?.value ?? '';
  if (named === '') return undefined;
  // relative to the directory that the server is started from (miscinit.c, make_absolute_path)
  const dataDirectory = posix.resolve(host.workingDirectory, named);
  const [here, there] = await Promise.all([host.realPath(path), host.realPath(dataDirectory)]);
  return here.ok && there.ok && here.value === there.value ? undefined : { configFile, dataDirectory };
}
