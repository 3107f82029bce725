import { posix } from 'node:path';

import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { ClientTools, PreparedConfiguration, Tool } from '../../facts/machine.ts';

/** A program and its words, to be run or to be printed. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** pg_basebackup with exactly the user's options, and `-P` for the progress, which changes nothing of the copy. */
export function copyCommand(tool: Tool, { args, options }: BaseBackupCommand): Command {
  const hasProgress = options.some(({ name }) => name === 'progress' || name === 'no-estimate-size');
  return { program: tool.path, args: hasProgress ? args : [...args, '-P'] };
}

/**
 * pg_verifybackup of the copy's own release where that is here, else the one beside pg_basebackup. WAL is read only by
 * the same release (pg_waldump), never out of a tar file, and not where it was not copied (-X none): `-n` there.
 */
export function verifyCommand(
  tools: { readonly copying: Tool; readonly server: Tool | undefined },
  copy: { readonly directory: string; readonly major: number | undefined; readonly command: BaseBackupCommand },
): Command | undefined {
  const tool = tools.server ?? tools.copying;
  const isTar = copy.command.format === 'tar';
  // pg_verifybackup reads tar files since 18
  if (copy.command.noManifest || copy.command.target !== undefined || (isTar && tool.major < 18)) return undefined;
  const readsWal = !isTar && copy.command.walMethod !== 'none' && tool.major === copy.major;
  return {
    program: posix.join(tool.binDirectory, 'pg_verifybackup'),
    args: ['-q', ...(readsWal ? [] : ['-n']), copy.directory],
  };
}

/** How the server on the copy is started: Debian's way where the machine has a configuration for this directory. */
export interface StartPlan {
  readonly start: Command;
  readonly stop: Command;
  readonly logFile: string;
}

export interface StartOptions {
  readonly directory: string;
  /** The server of the copy's release. */
  readonly server: Tool;
  readonly prepared: PreparedConfiguration | undefined;
  /** pg_ctlcluster, where it is installed. */
  readonly pgCtlCluster: string | undefined;
  readonly serverOptions: string | undefined;
  readonly timeoutSeconds: number;
}

export function startPlan(options: StartOptions): StartPlan {
  const { directory, server, prepared, pgCtlCluster, serverOptions, timeoutSeconds } = options;
  const [, version, cluster] =
    /^\/etc\/postgresql\/([^/]+)\/([^/]+)\/postgresql\.conf$/u.exec(prepared?.file ?? '') ?? [];
  if (pgCtlCluster !== undefined && version !== undefined && cluster !== undefined) {
    const more = serverOptions === undefined ? [] : ['-o', serverOptions];
    return {
      start: { program: pgCtlCluster, args: [...more, version, cluster, 'start', '--', '-t', String(timeoutSeconds)] },
      stop: { program: pgCtlCluster, args: [version, cluster, 'stop'] },
      logFile: `/var/log/postgresql/postgresql-${version}-${cluster}.log`,
    };
  }
  const pgCtl = posix.join(server.binDirectory, 'pg_ctl');
  // in the data directory: the one place that this user may write in for certain
  const logFile = posix.join(directory, 'startup.log');
  const words = [
    ...(prepared === undefined ? [] : [`-c config_file=${quotedForShell(prepared.file)}`]),
    ...(serverOptions === undefined ? [] : [serverOptions]),
  ].join(' ');
  const args = ['start', '-D', directory, '-l', logFile, '-w', '-s', '-t', String(timeoutSeconds)];
  return {
    start: { program: pgCtl, args: words === '' ? args : [...args, '-o', words] },
    stop: { program: pgCtl, args: ['stop', '-D', directory, '-m', 'fast'] },
    logFile,
  };
}

/** pg_ctl hands the text of -o to a shell (pg_ctl.c, start_postmaster). */
const quotedForShell = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The server of the release that the copy has; undefined where it is not installed here. */
export const serverOf = (tools: ClientTools, major: number | undefined): Tool | undefined =>
  tools.servers.find((tool) => tool.major === major);
