import { posix } from 'node:path';

import type { InstalledTools, Tool } from '../facts/machine.ts';
import { seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { ofMachine } from '../hosts/of-machine.ts';
import { formatVersion, parseVersion } from '../postgres/versions.ts';
import { defineCheck } from './check.ts';
import { wrappedBinDirectory } from './debian-wrapper.ts';

/** PostgreSQL's programs on this machine: on PATH, and where packages and a build from source put them. */
export const installedToolsCheck = defineCheck({
  brings: ['installedTools'],
  after: [],
  async look(_facts, { subject, host }) {
    const { program, args } = subject.command === 'postmortem' ? noCommandLine : subject.baseBackup;
    const [found, foundServers] = await Promise.all([
      host.findPrograms('pg_basebackup', usualPlaces),
      host.findPrograms('postgres', usualPlaces),
    ]);
    const named = program === undefined ? undefined : posix.resolve(host.workingDirectory, program);
    const [basebackups, servers] = await Promise.all([
      located(host, named === undefined ? found : [named, ...found], args),
      located(host, foundServers, args),
    ]);
    // the first is what a copy runs, unless it turns out not to serve (client-tools.ts); a post-mortem runs none
    const first = subject.command === 'postmortem' ? undefined : basebackups[0]?.binDirectory;
    const versions = await versionsOf(host, [...basebackups, ...servers], first);
    const tool = ({ path, binDirectory }: Located): Tool | undefined => {
      const version = versions.get(binDirectory);
      return version === undefined ? undefined : { path, binDirectory, ...version };
    };
    const path = new Set((host.environment['PATH'] ?? '').split(':'));
    const tools = basebackups.map(tool).filter((one) => one !== undefined);
    const value: InstalledTools = {
      basebackups: tools,
      onPath: tools.find((one) => path.has(posix.dirname(one.path))),
      servers: servers
        .map(tool)
        .filter((one) => one !== undefined)
        .toSorted((a, b) => b.major - a.major),
    };
    return { installedTools: seen(value, 'the programs on this host') };
  },
});

/** A post-mortem comes with no pg_basebackup command line. */
const noCommandLine = { program: undefined, args: [] };

/** Debian and Ubuntu, the PGDG's RPMs, a build from source, Homebrew (both of its prefixes), Postgres.app. */
const usualPlaces = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/local/pgsql/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

interface Located {
  readonly path: string;
  /** The folder that the program itself lies in, whatever links lead to it. */
  readonly binDirectory: string;
}

async function located(host: Host, paths: readonly string[], args: readonly string[]): Promise<readonly Located[]> {
  const all = await Promise.all(
    paths.map(async (path) => {
      const real = await host.realPath(path);
      if (!real.ok) return undefined;
      const isWrapper = posix.basename(real.value) === 'pg_wrapper';
      const binDirectory = isWrapper ? await wrappedBinDirectory(host, args) : posix.dirname(real.value);
      return binDirectory === undefined ? undefined : { path, binDirectory };
    }),
  );
  const known = all.filter((one) => one !== undefined);
  // /bin is often a link to /usr/bin: the same program by a second name tells nothing
  return known.filter((one, index) => {
    const isFirst = known.findIndex((other) => other.binDirectory === one.binDirectory) === index;
    return isFirst || posix.dirname(one.path) === one.binDirectory;
  });
}

/** Packages name the folder of a release by it: to run each program there would take a tenth of the whole time. */
function majorOfFolder(binDirectory: string): number | undefined {
  const [, digits] = /(?:\/postgresql[/@]|\/pgsql-|\/Versions\/)(\d{2})\/bin$/u.exec(binDirectory) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** What lies in one folder is of one release: one program of each is asked, side by side, where the folder is `first` or does not tell. */
async function versionsOf(
  host: Host,
  programs: readonly Located[],
  first: string | undefined,
): Promise<ReadonlyMap<string, { readonly version: string; readonly major: number }>> {
  const names = new Map<string, string>();
  for (const { path, binDirectory } of programs)
    if (!names.has(binDirectory)) names.set(binDirectory, posix.basename(path));
  const asked = await Promise.all(
    [...names].map(async ([binDirectory, name]) => {
      const known = binDirectory === first ? undefined : majorOfFolder(binDirectory);
      if (known !== undefined) return [binDirectory, { version: String(known), major: known }] as const;
      const version = await versionOf(host, posix.join(binDirectory, name));
      return version === undefined ? undefined : ([binDirectory, version] as const);
    }),
  );
  return new Map(asked.filter((one) => one !== undefined));
}

type Version = { readonly version: string; readonly major: number } | undefined;
const asking = new Map<string, (host: Host) => Promise<Version>>();

/** What a program says of itself; undefined for one that does not run. */
export async function versionOf(host: Host, program: string): Promise<Version> {
  const ask =
    asking.get(program) ??
    ofMachine(async (machine) => {
      const ran = await machine.run(program, ['--version']);
      const version = ran.ok ? parseVersion(ran.value.stdout) : undefined;
      return version && { version: formatVersion(version), major: version.major };
    });
  asking.set(program, ask);
  return ask(host);
}
