import { posix } from 'node:path';

import type { Host } from '../../hosts/host.ts';

/** A program that runs: the words behind its name, and the directory that relative paths count from. */
export interface RunningProgram {
  readonly words: readonly string[];
  readonly directory: string;
}

/** The processes of a program on the machine. An interpreter may stand before it: `python3 /usr/bin/patroni FILE`. */
export async function processesOf(host: Host, program: string): Promise<readonly RunningProgram[]> {
  const listed = await host.list('/proc', { limit: 50_000 });
  const numbers = listed.ok ? listed.value.entries.map(({ name }) => Number(name)).filter((pid) => pid > 0) : [];
  const statuses = await Promise.all(numbers.map((pid) => host.processStatus(pid)));
  return statuses.flatMap((status) => {
    const words = status.ok ? (status.value.commandLine ?? []) : [];
    const at = words.findIndex((word) => posix.basename(word) === program);
    if (!status.ok || at === -1 || at > 2) return [];
    return [{ words: words.slice(at + 1), directory: status.value.workingDirectory ?? '/' }];
  });
}

/** Whether a path of a configuration is the data directory, whose path has no links. */
export async function isDirectory(host: Host, named: string | undefined, path: string): Promise<boolean> {
  if (named === undefined || !posix.isAbsolute(named)) return false;
  const real = await host.realPath(named);
  return real.ok && real.value === path;
}
