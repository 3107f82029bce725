import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';
import { readConfiguration } from '../postgres/configuration.ts';
import {
  argumentsIn,
  parsePostmasterOpts,
  parsePostmasterPid,
  readServerArguments,
} from '../postgres/postmaster-files.ts';
import type { ServerCommandLine } from '../postgres/postmaster-files.ts';
import { seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { configurationFiles } from './configuration-files.ts';
import { foundPostmaster } from './found-postmaster.ts';
import { environmentOf } from './server-environment.ts';
import { noStandbyYet } from './subject.ts';
import { textFile } from './text-file.ts';

/**
 * The settings as the server on the data directory would read them: of the running server's command line (or the last
 * one's, from postmaster.opts) what it says of the configuration file and of settings.
 */
export const standbySettingsCheck = defineCheck({
  brings: ['standbySettings'],
  after: [],
  asksServer: true,
  async look(_facts, { subject, host }) {
    if (subject.command !== 'postmortem') return { standbySettings: noStandbyYet };
    const given = posix.resolve(host.workingDirectory, subject.dataDirectory);
    const real = await host.realPath(given);
    const dataDirectory = real.ok ? real.value : given;
    const pid = await runningServer(host, dataDirectory);
    const commandLine = await commandLineOf(host, dataDirectory, pid);
    const configFile =
      (pid === undefined ? subject.configFile : undefined) ?? (await configFileOf(host, dataDirectory, commandLine));
    const settings = commandLine?.settings ?? [];
    const configuration = await readConfiguration(configurationFiles(host), {
      configFile,
      dataDirectory,
      commandLine: settings,
    });
    const outside = !configFile.startsWith(`${dataDirectory}/`);
    const found = { dataDirectory, configFile, outside, configuration, commandLine: settings, pid };
    return { standbySettings: seen(found, configFile) };
  },
});

async function runningServer(host: Host, dataDirectory: string): Promise<number | undefined> {
  const pidFile = await textFile(host, posix.join(dataDirectory, 'postmaster.pid'), 4_096);
  if (!pidFile.ok || !parsePostmasterPid(pidFile.value).ok) return undefined;
  const found = await foundPostmaster(host, dataDirectory, pidFile.value);
  return found?.process === 'running' ? found.pid : undefined;
}

async function commandLineOf(
  host: Host,
  dataDirectory: string,
  pid: number | undefined,
): Promise<ServerCommandLine | undefined> {
  if (pid !== undefined) {
    const process = await host.processStatus(pid);
    const [program, ...args] = (process.ok ? process.value.commandLine : undefined) ?? [];
    if (program !== undefined) return withWholeDirectory(host, pid, readServerArguments(program, args));
  }
  const made = serverWordsOf(host, dataDirectory);
  if (made !== undefined) return readServerArguments('postgres', made);
  const options = await textFile(host, posix.join(dataDirectory, 'postmaster.opts'), 64 * 1024);
  const read = options.ok ? parsePostmasterOpts(options.value) : undefined;
  if (read?.ok !== true || (await isOfAnother(host, read.value, dataDirectory))) return undefined;
  return read.value;
}

/** A relative -D begins where the server was started, and not where it works: the shell's PWD tells, where the files there confirm it. */
async function withWholeDirectory(host: Host, pid: number, line: ServerCommandLine): Promise<ServerCommandLine> {
  const { dataDirectory: named } = line;
  const { PWD: from } = await environmentOf(host, pid);
  if (named === null || posix.isAbsolute(named) || from === undefined || !posix.isAbsolute(from)) return line;
  const whole = posix.resolve(from, named);
  return (await host.status(posix.join(whole, 'postgresql.conf'), { followLinks: true })).ok
    ? { ...line, dataDirectory: whole }
    : line;
}

/** What the next start of a container on its PGDATA gives the server; the image's entrypoint takes a leading option for one of the server's. */
function serverWordsOf({ place }: Host, dataDirectory: string): readonly string[] | undefined {
  if (place?.kind !== 'container' || place.made === undefined || place.pgdata === undefined) return undefined;
  if (posix.normalize(place.pgdata) !== dataDirectory) return undefined;
  return argumentsIn(place.made.command);
}

/** A raw copy brings the postmaster.opts of the server that it was copied from: -D is another data directory there. */
async function isOfAnother(host: Host, { dataDirectory: named }: ServerCommandLine, own: string): Promise<boolean> {
  if (named === null || !posix.isAbsolute(named)) return false;
  const real = await host.realPath(named);
  if (real.ok && real.value === own) return false;
  return (await host.status(posix.join(named, 'PG_VERSION'))).ok;
}

/** -c config_file, else `-D`'s, else the data directory's own where a server was started on it, else the one under /etc/postgresql that names it. */
async function configFileOf(
  host: Host,
  dataDirectory: string,
  commandLine: ServerCommandLine | undefined,
): Promise<string> {
  const own = posix.join(dataDirectory, 'postgresql.conf');
  const named = commandLine?.settings.findLast(({ name }) => name === 'config_file')?.value;
  if (named !== undefined && (await host.status(named, { followLinks: true })).ok)
    return posix.resolve(dataDirectory, named);
  // postmaster -D names the directory of the configuration where the file there has data_directory (guc.c, SelectConfigFiles)
  const started = commandLine?.dataDirectory;
  if (
    started !== undefined &&
    started !== null &&
    posix.isAbsolute(started) &&
    posix.resolve(started) !== dataDirectory
  ) {
    const there = posix.join(started, 'postgresql.conf');
    const real = await host.realPath(started);
    if (real.ok && real.value !== dataDirectory && (await host.status(there, { followLinks: true })).ok) return there;
  }
  const isThere = (await host.status(own, { followLinks: true })).ok;
  // a server that was started without naming another file has the one in its directory; before the first start
  // pg_ctlcluster's counts, whatever file the copy brought
  if (isThere && commandLine !== undefined) return own;
  return (await debianConfigFile(host, dataDirectory)) ?? own;
}

async function debianConfigFile(host: Host, dataDirectory: string): Promise<string | undefined> {
  const namesIn = async (directory: string): Promise<readonly string[]> => {
    const listing = await host.list(directory);
    return listing.ok ? listing.value.entries.map(({ name }) => posix.join(directory, name)) : [];
  };
  const clusters = (await Promise.all((await namesIn('/etc/postgresql')).map(namesIn))).flat();
  const files = clusters.map((cluster) => posix.join(cluster, 'postgresql.conf'));
  const named = await Promise.all(
    files.map(async (configFile) => {
      if (!(await host.status(configFile, { followLinks: true })).ok) return false;
      const read = await readConfiguration(configurationFiles(host), { configFile, dataDirectory: '/nonexistent' });
      const directory = read.settings.get('data_directory')?.value;
      const real = directory === undefined ? undefined : await host.realPath(directory);
      return real?.ok === true && real.value === dataDirectory;
    }),
  );
  return files.find((_, index) => named[index] === true);
}
