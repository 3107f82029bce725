import { posix } from 'node:path';

import type { Patroni, Repmgr } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';
import { ofMachineAt } from '../../hosts/of-machine.ts';
import { commandLines } from '../command-lines.ts';

/** A program that runs: the words behind its name, and the directory that relative paths count from. */
export interface RunningProgram {
  readonly pid: number;
  readonly uid: number | undefined;
  readonly words: readonly string[];
  readonly directory: string;
}

/** The processes of a program on the machine. An interpreter may stand before it: `python3 /usr/bin/patroni FILE`. */
export const processesOf = ofMachineAt(async (host, program: string): Promise<readonly RunningProgram[]> => {
  const meant: number[] = [];
  // a machine has thousands, and a look asks for fifteen programs
  for (const [pid, line] of await commandLines(host)) if (line?.includes(program) === true) meant.push(pid);
  const found = await Promise.all(meant.map(async (pid) => runs(host, pid, program)));
  return found.filter((one) => one !== undefined);
});

async function runs(host: Host, pid: number, program: string): Promise<RunningProgram | undefined> {
  const status = await host.processStatus(pid);
  const words = status.ok ? (status.value.commandLine ?? []) : [];
  const at = words.findIndex((word) => posix.basename(word) === program);
  if (!status.ok || at === -1 || at > 2) return undefined;
  return { pid, uid: status.value.uid, words: words.slice(at + 1), directory: status.value.workingDirectory ?? '/' };
}

const programs = { patroni: 'patroni', repmgr: 'repmgrd' } as const;

/** The one that runs with the configuration that names the directory, which may be variables alone. */
export async function processOf(
  host: Host,
  { kind, configFile, runs }: Pick<Patroni | Repmgr, 'kind' | 'configFile' | 'runs'>,
): Promise<number | undefined> {
  if (!runs) return undefined;
  const running = await processesOf(host, programs[kind]);
  return running.find(({ words, directory }) =>
    configFile === undefined
      ? words.every((word) => word.startsWith('-'))
      : words.some((word) => posix.resolve(directory, word.replace(/^--config-file=/u, '')) === configFile),
  )?.pid;
}

/** Whether a path of a configuration is the data directory, whose path has no links; or where it will be made. */
export async function isDirectory(host: Host, named: string | undefined, path: string): Promise<boolean> {
  if (named === undefined || !posix.isAbsolute(named)) return false;
  const real = await host.realPath(named);
  return real.ok ? real.value === path : real.problem.code === 'ENOENT' && posix.resolve(named) === path;
}
