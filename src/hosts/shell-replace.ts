import { createHash, randomBytes } from 'node:crypto';
import { posix } from 'node:path';

import { errnoIn } from './errno-words.ts';
import { answer, noAnswer } from './host.ts';
import type { Answer, FileStatus, Host, Replaced, Replacement } from './host.ts';
import { word } from './shell-word.ts';

/**
 * See {@link Host.replaceFile}. It is done by one script, as the owner of the file: root would follow what that owner may put
 * in the place of a name. The text is on the script's own input, so that no list of processes shows it. The new content
 * is written beside the file and takes its place by rename(2); the old one goes on under the copy's name.
 */
export async function replaceThere(host: Host, path: string, replacement: Replacement): Promise<Answer<Replaced>> {
  const { expected, content, copy } = replacement;
  const real = await host.realPath(expected === null ? posix.dirname(path) : path);
  if (!real.ok) return named(real.problem, path);
  const file = expected === null ? posix.join(real.value, posix.basename(path)) : real.value;
  const owned = await host.status(real.value, { followLinks: true });
  if (!owned.ok) return named(owned.problem, path);
  if (expected !== null && owned.value.kind !== 'file') return noAnswer('ENOTSUP', `${file} is not a plain file`);
  const account = whoMay(host, owned.value);
  if (account === 'nobody')
    return noAnswer(
      'EPERM',
      `${file} belongs to the user with the number ${owned.value.uid}: only that user or root can edit it`,
    );
  const written = posix.join(posix.dirname(file), `.standbylint-${randomBytes(6).toString('hex')}.tmp`);
  const head = [
    `f=${word(file)}; t=${word(written)}; c=${word(copy)}; n=${sumOf(content)}; w=${expected === null ? '' : sumOf(expected)}`,
    `put() { ${printed(content)}; }`,
  ];
  const script = [...head, common, expected === null ? making : exchanging].join('\n');
  const ran = await host.run('sh', ['-s'], {
    input: script,
    timeoutMs,
    ...(account === undefined ? {} : { account }),
  });
  if (!ran.ok) return ran;
  const { exitCode, stdout, stderr } = ran.value;
  if (exitCode !== 0) return refusal(file, copy, stderr);
  return answer({ file, notKept: notKept(stdout.trim()) });
}

/** What waits for a disk. */
const timeoutMs = 30_000;

/** Undefined: who looks there is the owner. The group is the file's own, so that the new file can have it. */
function whoMay(host: Host, { uid, gid }: FileStatus): { uid: number; gid: number } | undefined | 'nobody' {
  if (host.account.uid === uid) return undefined;
  return host.account.uid === 0 ? { uid, gid } : 'nobody';
}

const sumOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Any bytes, by a printf that every POSIX shell has itself; a long text in parts. */
function printed(content: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < content.length; at += partBytes) {
    const escaped = Array.from(content.subarray(at, at + partBytes), (byte) =>
      isPlain(byte) ? String.fromCodePoint(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
    );
    parts.push(`printf '${escaped.join('')}'`);
  }
  return parts.length === 0 ? ':' : parts.join(' && ');
}

const partBytes = 16 * 1024;
/** Printable, or a line feed, and neither of the three that printf or the quotes take otherwise: %, ', \. */
const isPlain = (byte: number): boolean =>
  byte === 0x0a || (byte >= 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x27 && byte !== 0x5c);

/** `no CODE` or `no '' WORDS`: it is refused, and what was made is taken away. */
const common = String.raw`
umask 077; k=
no() { rm -f -- "$t" "$t.copy"; [ -z "$k" ] || rm -f -- "$c"; printf '%s\n' "$*" >&2; exit 9; }
is() { s=$(sha256sum <"$1") && [ "${'$'}{s%% *}" = "$2" ]; }
there() { [ -e "$1" ] || [ -L "$1" ]; }
fill() { e=$( { put >"$t"; } 2>&1 ) || no "${'$'}{1:-ENOSPC}" "$e"; is "$t" "$n" || no ENOSPC; }
safe() { sync "$1" 2>/dev/null || sync; }
`;

const exchanging = String.raw`
id=$(stat -c %d:%i "$f"); h=$(stat -c %h "$f"); m=$(stat -c %a "$f")
is "$f" "$w" || no EBUSY-changed
there "$c" && no EEXIST
p=all; cp --preserve=all -- "$f" "$t" 2>/dev/null || { p=some; rm -f -- "$t"; e=$(cp -p -- "$f" "$t" 2>&1) || no beside "$e"; }
[ "$(stat -c %u:%g "$f")" = "$(stat -c %u:%g "$t")" ] || no EPERM-group
chmod u+w "$t"; fill; chmod "$m" "$t"; safe "$t"
if e=$(ln -- "$f" "$c" 2>&1); then k=linked
else
  there "$c" && no EEXIST
  e=$(cp -p -- "$f" "$t.copy" 2>&1) && e=$(mv -n -- "$t.copy" "$c" 2>&1) && [ ! -e "$t.copy" ] || no '' "$e"
  k=copied; safe "$c"
fi
is "$f" "$w" && [ "$id" = "$(stat -c %d:%i "$f")" ] || no EBUSY-changing
e=$(mv -f -- "$t" "$f" 2>&1) || no mounted "$e"
safe "${'$'}{f%/*}/"; safe "${'$'}{c%/*}/"
if [ "$k" = linked ] && ! is "$c" "$w"; then
  # whoever had the old file open has written into it
  ln -- "$c" "$t" && mv -f -- "$t" "$f" && no EBUSY-changing
fi
[ "$h" = 1 ] || p=names
echo "$p"
`;

const making = String.raw`
there "$f" && no EEXIST-file
set -C; fill beside; set +C; chmod 600 "$t"; safe "$t"
e=$(ln -- "$t" "$f" 2>&1) || { there "$f" && no EEXIST-file; e=$(mv -n -- "$t" "$f" 2>&1) && [ ! -e "$t" ] || no '' "$e"; }
rm -f -- "$t"; safe "${'$'}{f%/*}/"
echo all
`;

function refusal(file: string, copy: string, said: string): Answer<never> {
  const [, why = '', system = ''] = /^(\S*) ?([\s\S]*)$/u.exec(said.trim()) ?? [];
  const code = errnoIn(system) ?? (system === '' ? 'EIO' : why);
  const words = (system.split('\n').at(-1) ?? '').replace(/^.*: /u, '');
  switch (why) {
    case 'EBUSY-changed':
      return noAnswer('EBUSY', `${file} has changed since it was read`);
    case 'EBUSY-changing':
      return noAnswer('EBUSY', `another program is changing ${file}: its changes are kept`);
    case 'EEXIST':
      return noAnswer('EEXIST', `${copy} is there already`);
    case 'EEXIST-file':
      return noAnswer('EEXIST', `${file} is there already`);
    case 'EPERM-group':
      return noAnswer('EPERM', `${file} has a group that its owner cannot give a new file`);
    case 'ENOSPC':
      return noAnswer('ENOSPC', `${file} could not be written: no space is left there`);
    case 'beside':
      return noAnswer(code, `no file can be made beside ${file}: ${words}`);
    case 'mounted':
      return /busy/iu.test(system)
        ? noAnswer('EBUSY', `${file} is mounted by itself, and cannot be replaced as a whole`)
        : noAnswer(code, `${file}: ${words}`);
    default:
      return noAnswer(errnoIn(said) ?? 'EIO', said.trim().split('\n').at(-1) ?? `${file} was not replaced`);
  }
}

function notKept(kept: string): string | undefined {
  if (kept === 'names') return 'the other names of the file (hard links), which still show it as it was';
  return kept === 'all'
    ? undefined
    : 'access control lists and SELinux labels: the cp of that machine does not carry them over';
}

const named = ({ code, message }: { code: string; message: string }, path: string): Answer<never> =>
  noAnswer(code, `${message}: ${path}`);
