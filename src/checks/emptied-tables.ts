import { posix } from 'node:path';

import type { LostFile } from '../facts/server-files.ts';
import type { Host } from '../hosts/host.ts';
import type { DataFile } from './internal-facts.ts';

/**
 * Files of tables whose content is gone while what belongs to it is still there: a visibility map with pages over a file
 * without any, or a later part of 1 GB over an earlier one without any. A table that is truncated loses its map in the
 * same record (visibilitymap.c, visibilitymap_prepare_truncate), a file that is dropped loses it before itself (md.c,
 * mdunlinkfork), and a table that is made has a page before it has a map. An unlogged table is empty on a standby.
 */
export async function emptiedTables(
  host: Host,
  directory: string,
  names: readonly string[],
  files?: readonly DataFile[],
): Promise<readonly LostFile[]> {
  if (files !== undefined) return emptiedAmong(files.filter(({ path }) => isBelow(path, names)));
  const paths = names.map((name) => `${posix.join(directory, name)}/`);
  const ran = await host.run('sh', ['-c', script, 'sh', ...paths], { timeoutMs: longestMs });
  if (!ran.ok || ran.value.exitCode !== 0) return [];
  const found = ran.value.stdout.split('\n').filter((line) => line !== '');
  return found.map((line) => {
    const [path = '', over = ''] = line.split('\t');
    const name = (one: string): string => posix.relative(directory, one);
    return emptied(name(path), name(over));
  });
}

const emptied = (path: string, over: string): LostFile => ({
  path,
  because: `it has no content, but ${over}, which belongs to it, has`,
});

const isBelow = (path: string, names: readonly string[]): boolean => names.some((name) => path.startsWith(`${name}/`));

function emptiedAmong(files: readonly DataFile[]): readonly LostFile[] {
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const found = files.flatMap(({ path: over, sizeBytes, isBehindLink }) => {
    const of = sizeBytes === 0 || isBehindLink ? undefined : baseOf(over);
    if (of === undefined || (sizes.get(of) ?? 0) > 0 || sizes.has(`${of.replace(/\.\d+$/u, '')}_init`)) return [];
    return [emptied(of, over)];
  });
  return found.slice(0, most);
}

/** Of a visibility map its relation, and of a part of 1 GB the one before it. */
function baseOf(path: string): string | undefined {
  const [, map] = /^(.*\/\d[^/]*)_vm$/u.exec(path) ?? [];
  const [, first, part] = /^(.*\/\d[^/]*)\.(\d+)$/u.exec(path) ?? [];
  if (map !== undefined || first === undefined) return map;
  return part === '1' ? first : `${first}.${Number(part) - 1}`;
}

const most = 20;

/** Tests of the shell itself, none of which starts a process. */
const script = `command -v find >/dev/null || exit 3
find "$@" -type f '(' -name '[0-9]*_vm' -o -name '[0-9]*.[0-9]*' ')' -size +0 -print 2>/dev/null |
while read -r over; do
  case $over in
    *_vm) of=\${over%_vm} ;;
    *.1) of=\${over%.1} ;;
    *) n=\${over##*.}; of=\${over%.*}.$((n - 1)) ;;
  esac
  name=\${of##*/}
  [ -s "$of" ] || [ -e "\${of%/*}/\${name%.*}_init" ] || printf '%s\\t%s\\n' "$of" "$over"
done | head -n ${most}`;

const longestMs = 3_000;
