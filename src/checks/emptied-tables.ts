import { posix } from 'node:path';

import type { LostFile } from '../facts/server-files.ts';
import type { Host } from '../hosts/host.ts';

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
): Promise<readonly LostFile[]> {
  const paths = names.map((name) => `${posix.join(directory, name)}/`);
  const ran = await host.run('sh', ['-c', script, 'sh', ...paths], { timeoutMs: longestMs });
  if (!ran.ok || ran.value.exitCode !== 0) return [];
  const found = ran.value.stdout.split('\n').filter((line) => line !== '');
  return found.map((line) => {
    const [path = '', over = ''] = line.split('\t');
    const name = (one: string): string => posix.relative(directory, one);
    return { path: name(path), because: `it has no content, but ${name(over)}, which belongs to it, has` };
  });
}

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
done | head -n 20`;

const longestMs = 3_000;
