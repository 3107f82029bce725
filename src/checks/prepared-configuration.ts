import { posix } from 'node:path';

import type { PreparedConfiguration } from '../facts/machine.ts';
import { notApplicable, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { readConfiguration } from '../postgres/configuration.ts';
import type { Configuration } from '../postgres/configuration.ts';
import { portOf } from '../postgres/settings.ts';
import { writtenFiles } from '../postgres/written-lines.ts';
import { defineCheck } from './check.ts';
import { configurationFiles } from './configuration-files.ts';
import { noCopyIsMade } from './subject.ts';

/**
 * Settings that this machine has for a server on the target directory, outside of it: Debian's
 * /etc/postgresql/N/NAME/postgresql.conf whose data_directory it is, with all that it includes.
 */
export const preparedConfigurationCheck = defineCheck({
  brings: ['preparedConfiguration'],
  after: [],
  async look(_facts, { subject, host }) {
    if (subject.command === 'postmortem') return { preparedConfiguration: noCopyIsMade };
    const { directory } = subject.baseBackup;
    if (directory === undefined) return { preparedConfiguration: notApplicable('no -D is given') };
    const target = posix.resolve(host.workingDirectory, directory);
    const files = await candidates(host);
    const read = await Promise.all(files.map((file) => configurationFor(host, file, target)));
    const found = read.find((one) => one !== undefined);
    return {
      preparedConfiguration:
        found === undefined
          ? notApplicable(`no postgresql.conf under /etc/postgresql names ${target} as its data_directory`)
          : seen(found, found.file),
    };
  },
});

async function candidates(host: Host): Promise<readonly string[]> {
  const namesIn = async (directory: string): Promise<readonly string[]> => {
    const listing = await host.list(directory);
    return listing.ok ? listing.value.entries.map(({ name }) => posix.join(directory, name)) : [];
  };
  const clusters = await Promise.all((await namesIn('/etc/postgresql')).map(namesIn));
  return clusters.flat().map((cluster) => posix.join(cluster, 'postgresql.conf'));
}

async function configurationFor(host: Host, file: string, target: string): Promise<PreparedConfiguration | undefined> {
  if (!(await host.status(file, { followLinks: true })).ok) return undefined;
  // what stands in a data directory that is in the way will not be in the copy: postgresql.auto.conf is left out
  const configuration = await readConfiguration(configurationFiles(host), {
    configFile: file,
    dataDirectory: '/nonexistent',
  });
  const named = configuration.settings.get('data_directory')?.value;
  if (named === undefined || !(await samePlace(host, named, target))) return undefined;
  const settings = settingsOf(configuration);
  const port = portOf(settings.get('port')?.value ?? '5432') ?? 5432;
  const inUse = await host.portInUse(port);
  return {
    file,
    settings,
    port: inUse.ok ? { number: port, inUse: inUse.value } : undefined,
    written: writtenFiles(configuration.texts),
  };
}

/** Equal as written, or the same place by way of links, of which the last part need not exist yet. */
async function samePlace(host: Host, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([realPlace(host, one), realPlace(host, other)]);
  return a === b;
}

async function realPlace(host: Host, path: string): Promise<string> {
  const real = await host.realPath(path);
  if (real.ok) return real.value;
  const parent = await host.realPath(posix.dirname(path));
  return parent.ok ? posix.join(parent.value, posix.basename(path)) : posix.resolve('/', path);
}

const settingsOf = ({ settings }: Configuration): PreparedConfiguration['settings'] =>
  new Map(
    [...settings].flatMap(([name, { value, source }]) =>
      source.kind === 'file' ? [[name, { value, file: source.file, line: source.line }] as const] : [],
    ),
  );
