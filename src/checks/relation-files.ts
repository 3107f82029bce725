import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { mostOpened } from './data-files.ts';
import type { RelationFile, RelationFiles } from './internal-facts.ts';

/** It waits for no primary: what is found is ready when that is known. */
export const relationFilesCheck = defineCheck({
  brings: ['relationFiles'],
  after: ['dataDirectory', 'runningStandby', 'dataFiles'],
  async look({ dataDirectory, runningStandby, dataFiles }, { subject, host }) {
    const directory = ifSeen(dataDirectory);
    const isPrimary = ifSeen(runningStandby)?.inRecovery === false;
    if (directory === undefined || isPrimary || subject.command !== 'postmortem' || subject.admin === undefined)
      return { relationFiles: notApplicable('no standby was found whose files could be compared with its primary') };
    if (dataFiles.status !== 'seen') return { relationFiles: await relationFiles(host, directory.path) };
    const found = dataFiles.value.map(({ path, sizeBytes, beginsWithZeros }) => ({
      ...{ path, bytes: sizeBytes },
      firstIsZero: beginsWithZeros === true,
    }));
    return { relationFiles: seen({ files: mainForks(found), areAll: true }, dataFiles.source) };
  },
});

/** The main forks of what is neither temporary nor unlogged. */
function mainForks(found: readonly RelationFile[]): readonly RelationFile[] {
  const paths = new Set(found.map(({ path }) => path));
  return found.filter(
    ({ path }) =>
      /^(?:base\/\d+|global|pg_tblspc\/\d+\/PG_\d+_\d+\/\d+)\/\d+(?:\.\d+)?$/u.test(path) &&
      !paths.has(`${path.replace(/\.\d+$/u, '')}_init`),
  );
}

/** As far as number and time allow. */
async function relationFiles(host: Host, directory: string): Promise<Observed<RelationFiles>> {
  const places = ['base', 'global', 'pg_tblspc'].map((name) => `${posix.join(directory, name)}/`);
  const [ran, zeros] = await Promise.all([
    host.run('sh', ['-c', script, 'sh', ...places], { timeoutMs: longestMs }),
    beginningWithZeros(host, places),
  ]);
  if (!ran.ok) return unseen('timed-out', ran.problem.message);
  const { exitCode, stdout, stderr } = ran.value;
  if (exitCode !== 0) return unseen('unreadable', `the files in ${directory} could not be listed`);
  const lines = stdout.split('\n');
  const found = lines.flatMap((line) => {
    const [, size, path] = /^(\d+) (.+)$/u.exec(line) ?? [];
    if (path === undefined) return [];
    return [{ path: posix.relative(directory, path), bytes: Number(size), firstIsZero: zeros.has(path) }];
  });
  // what goes while it is listed is no gap in the list
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '' && !/no such file/iu.test(line));
  return seen({ files: mainForks(found), areAll: lines.length < mostFiles && complaints.length === 0 }, 'stat(2)');
}

const mostFiles = 20_000;

/** Files whose first 8 bytes are zero: as many at once as a command line holds. */
async function beginningWithZeros(host: Host, places: readonly string[]): Promise<ReadonlySet<string>> {
  const ran = await host.run('sh', ['-c', headers, 'sh', ...places], { timeoutMs: longestMs });
  const found = new Set<string>();
  let paths: string[] = [];
  for (const line of ran.ok ? ran.value.stdout.split('\n') : []) {
    if (line.startsWith('/')) {
      paths.push(line);
      continue;
    }
    // one that is gone, or shorter, since it was listed leaves it open whose the bytes are
    if (line.length === paths.length * 16)
      for (const [index, path] of paths.entries())
        if (line.slice(index * 16, (index + 1) * 16) === '0'.repeat(16)) found.add(path);
    paths = [];
  }
  return found;
}

const headers = `find -L "$@" -type f -name '[1-9]*' ! -name '*_*' -size +0 2>/dev/null | head -n ${mostOpened} | tr '\\n' '\\0' | xargs -0 -r -n 500 sh -c '
  printf "%s\\n" "$@"; head -q -c 8 "$@" | od -An -v -tx1 | tr -d " \\n"; echo' sh 2>/dev/null`;

/** First the forks that tell which relations are unlogged. */
const script = `command -v find >/dev/null || exit 3
find -L "$@" -type f -name '[1-9]*_init' -exec stat -c '%s %n' {} + 2>/dev/null
find -L "$@" -type f -name '[1-9]*' ! -name '*_*' | head -n ${mostFiles} | tr '\\n' '\\0' | xargs -0 -r stat -c '%s %n'
case $? in 123) ;; *) exit $?;; esac`;

const longestMs = 3_000;
