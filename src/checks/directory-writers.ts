import { posix } from 'node:path';

import type { DirectoryWriter } from '../facts/machine.ts';
import { notApplicable, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { processesOf } from './manager/processes.ts';
import type { RunningProgram } from './manager/processes.ts';

/**
 * What writes the data directory at this moment, known by the directory on its command line. Only its owner and root can: what
 * another user calls a process of his proves nothing. A program in another container is not seen.
 */
export const directoryWritersCheck = defineCheck({
  brings: ['directoryWriters'],
  after: [],
  async look(_facts, { subject, host }) {
    const given = subject.command === 'postmortem' ? subject.dataDirectory : subject.baseBackup.directory;
    if (given === undefined || given === '-') return { directoryWriters: notApplicable('no directory is written to') };
    const real = await host.realPath(posix.resolve(host.workingDirectory, given));
    if (!real.ok) return { directoryWriters: seen([], given) };
    const [status, found] = await Promise.all([
      host.status(real.value),
      Promise.all(
        Object.keys(directoriesOf).map(async (program) =>
          writing(host, await processesOf(host, program), program, real.value),
        ),
      ),
    ]);
    const mayWrite = ({ uid }: Found): boolean => uid === 0 || !status.ok || uid === status.value.uid;
    const writers = found.flat().filter(mayWrite);
    return {
      directoryWriters: seen(
        writers.map(({ pid, program }) => ({ pid, program })),
        '/proc',
      ),
    };
  },
});

interface Found extends DirectoryWriter {
  readonly uid: number | undefined;
}

async function writing(
  host: Host,
  running: readonly RunningProgram[],
  program: string,
  directory: string,
): Promise<readonly Found[]> {
  const found = await Promise.all(
    running.map(async ({ pid, uid, words, directory: from }): Promise<Found | undefined> => {
      const named = directoriesOf[program]?.(words) ?? [];
      const real = await Promise.all(named.map(async (one) => host.realPath(posix.resolve(from, one))));
      return real.some((one) => one.ok && one.value === directory) ? { pid, uid, program } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

const dataDirectory = (words: readonly string[]): readonly string[] =>
  valuesOf(words, '-D', '--pgdata', '--target-pgdata');

/** Where each of them writes, by the words behind its name. */
const directoriesOf: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  pg_basebackup: dataDirectory,
  pg_rewind: dataDirectory,
  initdb: dataDirectory,
  pg_createsubscriber: dataDirectory,
  pg_upgrade: (words) => valuesOf(words, '-D', '--new-datadir'),
  // without one of these it only reads
  pg_checksums: (words) =>
    words.some((word) => /^(?:-[de]|--(?:dis|en)able)$/u.test(word)) ? dataDirectory(words) : [],
  pg_combinebackup: (words) => valuesOf(words, '-o', '--output'),
  pgbackrest: (words) => (words.includes('restore') ? valuesOf(words, '', '--pg1-path') : []),
  barman: (words) => (words.some((word) => /^(?:recover|restore)$/u.test(word)) ? words.slice(-1) : []),
  rsync: (words) => words.slice(-1),
};

/** The values of an option, as getopt_long takes them: `-D DIR`, `-DDIR`, `--pgdata DIR`, `--pgdata=DIR`. */
function valuesOf(words: readonly string[], short: string, ...long: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === short || long.includes(word)) return words.slice(index + 1, index + 2);
    const name = long.find((one) => word.startsWith(`${one}=`));
    if (name !== undefined) return [word.slice(name.length + 1)];
    return short !== '' && word.startsWith(short) ? [word.slice(short.length)] : [];
  });
}
