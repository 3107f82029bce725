import { posix } from 'node:path';

import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import type { RelationFile } from './internal-facts.ts';

/** It waits for no primary: what is found is ready when that is known. */
export const relationFilesCheck = defineCheck({
  brings: ['relationFiles'],
  after: ['dataDirectory', 'runningStandby'],
  async look({ dataDirectory, runningStandby }, { subject, host }) {
    const directory = ifSeen(dataDirectory);
    const isPrimary = ifSeen(runningStandby)?.inRecovery === false;
    if (directory === undefined || isPrimary || subject.command !== 'postmortem' || subject.admin === undefined)
      return { relationFiles: notApplicable('no standby was found whose files could be compared with its primary') };
    return { relationFiles: seen(await relationFiles(host, directory.path), 'stat(2)') };
  },
});

/** The main forks of what is neither temporary nor unlogged, as far as number and time allow. */
async function relationFiles(host: Host, directory: string): Promise<readonly RelationFile[]> {
  const places = ['base', 'global', 'pg_tblspc'].map((name) => `${posix.join(directory, name)}/`);
  const [ran, zeros] = await Promise.all([
    host.run('sh', ['-c', script, 'sh', ...places], { timeoutMs: longestMs }),
    beginningWithZeros(host, places),
  ]);
  if (!ran.ok || ran.value.exitCode !== 0) return [];
  const found = ran.value.stdout.split('\n').flatMap((line) => {
    const [, size, path] = /^(\d+) (.+)$/u.exec(line) ?? [];
    if (path === undefined) return [];
    return [{ path: posix.relative(directory, path), bytes: Number(size), firstIsZero: zeros.has(path) }];
  });
  const paths = new Set(found.map(({ path }) => path));
  return found.filter(
    ({ path }) =>
      /^(?:base\/\d+|global|pg_tblspc\/\d+\/PG_\d+_\d+\/\d+)\/\d+(?:\.\d+)?$/u.test(path) &&
      !paths.has(`${path.replace(/\.\d+$/u, '')}_init`),
  );
}

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

const headers = `find -L "$@" -type f -name '[1-9]*' ! -name '*_*' -size +0 -exec sh -c '
  printf "%s\\n" "$@"; head -q -c 8 "$@" | od -An -v -tx1 | tr -d " \\n"; echo' sh {} + 2>/dev/null`;

/** First the forks that tell which relations are unlogged. */
const script = `command -v find >/dev/null || exit 3
find -L "$@" -type f -name '[1-9]*_init' -exec stat -c '%s %n' {} + 2>/dev/null
find -L "$@" -type f -name '[1-9]*' ! -name '*_*' -exec stat -c '%s %n' {} + 2>/dev/null | head -n 20000`;

const longestMs = 3_000;
