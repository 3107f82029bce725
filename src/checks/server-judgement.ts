import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { Tool } from '../facts/machine.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { containerOfVolume } from './container-volume.ts';
import { judgedConfiguration } from './server-judgement/judged.ts';
import { noStandbyYet } from './subject.ts';

/** What the server program itself says of the configuration of a standby that is down. A running one tells it over a session. */
export const serverJudgementCheck = defineCheck({
  brings: ['serverJudgement'],
  after: ['dataDirectory', 'controlFile', 'standbySettings', 'installedTools', 'standbyServerUser'],
  async look({ dataDirectory, controlFile, standbySettings, installedTools, standbyServerUser }, surroundings) {
    const { host, subject } = surroundings;
    if (subject.command !== 'postmortem') return { serverJudgement: noStandbyYet };
    if (dataDirectory.status !== 'seen') return { serverJudgement: dataDirectory };
    const directory = dataDirectory.value;
    if (!isDataDirectory(directory))
      return { serverJudgement: notApplicable(`${directory.path} is not a data directory`) };
    if (directory.postmaster?.process === 'running')
      return { serverJudgement: notApplicable('the server runs: it took its configuration') };
    if (ifSeen(controlFile)?.ok === false)
      return { serverJudgement: notApplicable('without a control file, the server judges nothing') };
    const owner = ifSeen(standbyServerUser);
    const program = await programFor(host, directory, ifSeen(installedTools)?.servers ?? []);
    if (program.status !== 'seen') return { serverJudgement: program };
    // root never runs what a data directory names as itself
    if (owner === undefined || !owner.canActAs || owner.uid === 0)
      return {
        serverJudgement: unseen(
          'permission',
          `the server program was not asked: it can be run as ${directory.owner.name} alone, who owns ${directory.path}`,
          owner?.uid === 0 ? undefined : 'run standbylint as the owner of the data directory, or as root',
        ),
      };
    if (standbySettings.status !== 'seen') return { serverJudgement: standbySettings };
    const { configFile, configuration, commandLine } = standbySettings.value;
    const judged = await judgedConfiguration(host, {
      program: program.value,
      owner,
      dataDirectory: directory.path,
      configFile,
      commandLine,
      configuration,
      timeoutMs: surroundings.timeoutMs,
      signal: surroundings.signal,
    });
    return { serverJudgement: judged };
  },
});

/** The program of the last start where it is there still, and else an installed one of the directory's release. */
async function programFor(
  host: Host,
  { lastStart, major, path, owner }: DataDirectory,
  servers: readonly Tool[],
): Promise<Observed<string>> {
  if (major === undefined) return notApplicable('PG_VERSION does not contain the release');
  if ((await containerOfVolume(host, path)) !== undefined)
    return notApplicable('its server runs in a container, with its own programs');
  if (lastStart?.here === true && posix.isAbsolute(lastStart.program)) {
    const status = await host.status(lastStart.program, { followLinks: true });
    const mayRun = await host.may(lastStart.program, 'execute');
    const isTrusted =
      status.ok && (status.value.uid === 0 || status.value.uid === owner.uid) && (status.value.mode & 0o022) === 0;
    if (isTrusted && mayRun.ok && mayRun.value) return seen(lastStart.program, 'postmaster.opts');
  }
  const installed = servers.find((tool) => tool.major === major);
  return installed === undefined
    ? notApplicable(`no server of PostgreSQL ${major} is installed on this host`)
    : seen(posix.join(installed.binDirectory, 'postgres'), 'the programs on this host');
}
