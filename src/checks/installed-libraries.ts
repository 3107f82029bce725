import { posix } from 'node:path';

import { seen, unseen } from '../facts/observed.ts';
import type { Tool } from '../facts/machine.ts';
import type { Host, Listing } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { standbyServer } from './standby-server.ts';

/** The libraries that the server here can load ($libdir), by their names without an ending. */
export const installedLibrariesCheck = defineCheck({
  brings: ['installedLibraries'],
  after: ['clientTools', 'primary', 'dataDirectory'],
  async look({ clientTools, primary, dataDirectory }, { host }) {
    const found = standbyServer(clientTools, primary, dataDirectory);
    if (found.status !== 'seen') return { installedLibraries: found };
    const libraries = await librariesOf(host, found.value);
    if (libraries === undefined)
      return {
        installedLibraries: unseen(
          'unreadable',
          `the library directory that belongs to ${found.value.path} was not found`,
        ),
      };
    return { installedLibraries: seen(libraries, libraries.directory) };
  },
});

/**
 * A server finds its libraries beside itself (port/path.c, make_relative_path): in `lib` for Debian and for a build into
 * a path that has `pgsql` in it, in `lib/postgresql` for others. Every server has plpgsql there, or at least
 * dict_snowball, which initdb needs. Only where neither place has it is pg_config asked.
 */
async function librariesOf(
  host: Host,
  { binDirectory }: Tool,
): Promise<{ readonly directory: string; readonly names: readonly string[] } | undefined> {
  const beside = [posix.join(binDirectory, '../lib'), posix.join(binDirectory, '../lib/postgresql')];
  for (const directory of beside) {
    const names = await namesIn(host, directory);
    if (names !== undefined) return { directory, names };
  }
  const asked = await host.run(posix.join(binDirectory, 'pg_config'), ['--pkglibdir']);
  const directory = asked.ok && asked.value.exitCode === 0 ? asked.value.stdout.trim() : undefined;
  const names = directory === undefined ? undefined : await namesIn(host, directory);
  return directory === undefined || names === undefined ? undefined : { directory, names };
}

async function namesIn(host: Host, directory: string): Promise<readonly string[] | undefined> {
  const [listing, plugins] = await Promise.all(
    [directory, posix.join(directory, 'plugins')].map(async (path) => host.list(path, { limit: 10_000 })),
  );
  if (listing?.ok !== true) return undefined;
  const names = libraryNames(listing.value);
  if (!names.some((name) => name === 'plpgsql' || name === 'dict_snowball')) return undefined;
  // `$libdir/plugins/NAME` is loaded by users that are no superusers (manual: LOAD)
  return [
    ...names,
    ...(plugins?.ok === true ? libraryNames(plugins.value).map((name) => `plugins/${name}`) : []),
  ].toSorted();
}

const libraryNames = ({ entries }: Listing): readonly string[] =>
  entries.flatMap(({ name }) => /^(.+)\.(?:so|dylib|sl)$/.exec(name)?.[1] ?? []);
