import { posix } from 'node:path';

import type { StraySetting } from '../facts/standby-configuration.ts';
import type { Host } from '../hosts/host.ts';
import { parseConfigurationText } from '../postgres/configuration-file.ts';
import { maskSetting } from '../postgres/masked-line.ts';
import { textFile } from './text-file.ts';
import type { StandbySettings } from './internal-facts.ts';

/**
 * A standby's own settings in files that its server does not read: in a signal file, whose content does not matter
 * (xlogrecovery.c, readRecoverySignalFile), and in configuration files that nothing includes. recovery.conf, which the
 * server refuses, is a fault of its own.
 */
export async function straySettings(
  host: Host,
  { dataDirectory, configFile, configuration }: StandbySettings,
): Promise<readonly StraySetting[]> {
  const directories = [...new Set([dataDirectory, posix.dirname(configFile)])];
  const places = [...directories, ...directories.map((directory) => posix.join(directory, 'conf.d'))];
  const found = await Promise.all(places.map((directory) => candidatesIn(host, directory)));
  const read = new Set(configuration.filesRead);
  const unread = [...directories.flatMap(signalFilesIn), ...found.flat()].filter((file) => !read.has(file));
  const strays = await Promise.all(unread.slice(0, mostFiles).map((file) => straysIn(host, file)));
  return strays.flat();
}

const mostFiles = 50;

const signalFilesIn = (directory: string): readonly string[] =>
  ['standby.signal', 'recovery.signal'].map((name) => posix.join(directory, name));

async function candidatesIn(host: Host, directory: string): Promise<readonly string[]> {
  const listing = await host.list(directory, { limit: 5_000 });
  if (!listing.ok) return [];
  return listing.value.entries
    .filter(({ name }) => likeConfiguration.test(name) && !otherFormats.has(name))
    .map(({ name }) => posix.join(directory, name))
    .toSorted();
}

/** include_dir reads what ends in .conf alone; .cnf is what MySQL has. */
const likeConfiguration = /\.(?:conf|cnf|cfg|config|conf\.txt)$/u;

const otherFormats: ReadonlySet<string> = new Set(['recovery.conf', 'pg_hba.conf', 'pg_ident.conf']);

async function straysIn(host: Host, file: string): Promise<readonly StraySetting[]> {
  const text = await textFile(host, file, 64 * 1024);
  if (!text.ok) return [];
  return parseConfigurationText(text.value).lines.flatMap(({ name, value, line }) => {
    const known = name.toLowerCase();
    return ofStandbys.has(known) ? [{ name: known, value: maskSetting(known, value), file, line }] : [];
  });
}

const ofStandbys: ReadonlySet<string> = new Set(['primary_conninfo', 'primary_slot_name', 'restore_command']);
