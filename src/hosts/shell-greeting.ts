import { answer, noAnswer } from './host.ts';
import type { Account, Answer, NetworkInterface } from './host.ts';
import type { KnownFiles } from './known-files.ts';
import { lookAhead, preludeOfAhead } from './shell-ahead.ts';
import type { ShellChannel } from './shell-channel.ts';

/** Who looks there, and what the machine is, as it was when the shell came. */
export interface ThereNow {
  readonly account: Account;
  readonly privileged: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly architecture: string;
  readonly platform: string;
  readonly workingDirectory: string;
  readonly now: () => Date;
  readonly interfaces: () => readonly NetworkInterface[];
  /** What was asked before anybody wanted it. */
  readonly ahead: Promise<KnownFiles> | undefined;
}

/**
 * What each script may call. A says that nothing is there, without a program of its own: most of what is looked for is not
 * there. N says that something is not what was asked for; S is stat(2) of it; R reads a part of a
 * plain file, and never opens another one; L lists a directory, in the shell itself, whatever the names are.
 */
export const prelude = String.raw`
LC_ALL=C; export LC_ALL; unset CDPATH ENV BASH_ENV; set -f
N() { if A "$1"; then exit 9; fi; stat -L -c %f "$1" >/dev/null && echo EINVAL >&2; exit 9; }
A() { [ ! -e "$1" ] && [ ! -L "$1" ] && d=${'$'}{1%/*} && [ -d "${'$'}{d:-/}" ] && [ -x "${'$'}{d:-/}" ] && echo ENOENT >&2; }
S() { if A "$2"; then return 9; fi; if [ "$1" = -L ]; then stat -L -c '%f %u %g %s %d %i %Y %y' "$2"; else stat -c '%f %u %g %s %d %i %Y %y' "$2"; fi; }
R() {
  if A "$1"; then exit 9; fi
  if [ ! -f "$1" ]; then stat -L -c %f "$1" || exit 9; if [ -d "$1" ]; then echo EISDIR >&2; else echo ENOTSUP >&2; fi; exit 9; fi
  if [ "$3" = 1 ]; then head -c "$2" "$1"; else tail -c "+$3" "$1" | head -c "$2"; fi
}
L() {
  if A "$1"; then exit 9; fi
  if [ ! -d "$1" ]; then stat -L -c %f "$1" >/dev/null && echo ENOTDIR >&2; exit 9; fi
  [ -r "$1" ] && [ -x "$1" ] || { echo EACCES >&2; exit 9; }
  cd "$1" || exit 9
  set +f; n=0
  for x in .* *; do
    case $x in .|..) continue;; esac
    if [ -L "$x" ]; then k=l; elif [ -f "$x" ]; then k=f; elif [ -d "$x" ]; then k=d; elif [ ! -e "$x" ]; then continue
    elif [ -p "$x" ]; then k=p; elif [ -S "$x" ]; then k=s; elif [ -c "$x" ]; then k=c; elif [ -b "$x" ]; then k=b; else k=u; fi
    printf '%s%s\000' "$k" "$x"
    n=$((n + 1)); [ "$n" -gt "$2" ] && break
  done
  return 0
}
${preludeOfAhead}`;

/**
 * One question for all that does not change while a look lasts. For a look at a data directory (a path, or undefined for
 * the PGDATA of that shell) what it is known to ask goes with it.
 */
export async function greet(
  channel: ShellChannel,
  look?: { readonly dataDirectory: string | undefined },
): Promise<Answer<ThereNow>> {
  const before = Date.now();
  const greeting = channel.ask(
    [
      // of a user without a name GNU's id prints the number, and ends with 1
      'id -u; id -g; n=$(id -un 2>/dev/null) || n=$(id -u); echo "$n"; uname -m; uname -s; pwd -P',
      String.raw`printf '\001'; cat /proc/self/environ 2>/dev/null`,
      String.raw`printf '\001'; cat /proc/net/fib_trie 2>/dev/null`,
      String.raw`printf '\001'; cat /proc/net/if_inet6 2>/dev/null`,
      String.raw`printf '\001'; date +%s`,
      ':',
    ].join('\n'),
    greetingMs,
  );
  const ahead = look && lookAhead(channel, look.dataDirectory);
  const asked = await greeting;
  if (!asked.ok) return asked;
  const [first = '', environment = '', four = '', six = '', clock = ''] = asked.value.out.toString().split('\x01');
  const [uid = '', gid = '', name = '', machine = '', system = '', ...directory] = first.split('\n');
  if (!/^\d+$/u.test(uid)) return noAnswer('ENOTSUP', `the shell there does not tell who runs it: ${asked.value.err}`);
  const variables = Object.fromEntries(
    environment.split('\0').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
  const interfaces = [...addressesIn(four), ...addressesIn6(six)];
  return answer({
    account: { uid: Number(uid), gid: Number(gid), name, home: variables['HOME'] ?? '/' },
    privileged: uid === '0',
    environment: variables,
    architecture: architectures.get(machine) ?? machine,
    platform: system.toLowerCase(),
    workingDirectory: directory.join('\n').replace(/\n$/u, '') || '/',
    interfaces: () => interfaces,
    now: clockOf(clock, before, Date.now()),
    ahead,
  });
}

/** It shows whole seconds, at a moment between the two of this machine: a clock that may be the same is taken for it. */
function clockOf(shown: string, before: number, after: number): () => Date {
  const from = Number(shown.trim() || Number.NaN) * 1_000;
  const to = from + 1_000;
  const ahead = to < before ? to - before : from > after ? from - after : 0;
  return () => new Date(Date.now() + ahead);
}

const greetingMs = 15_000;

/** uname's names, in Node's words. */
const architectures: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'x64'],
  ['aarch64', 'arm64'],
  ['armv7l', 'arm'],
  ['i686', 'ia32'],
  ['ppc64le', 'ppc64'],
]);

/** /proc/net/fib_trie: a leaf `|-- 172.18.0.2`, and under it `/32 host LOCAL` where the address is the machine's own. */
function addressesIn(trie: string): readonly NetworkInterface[] {
  const own = [...trie.matchAll(/\|--\s(\S+)\n\s+\/32 host LOCAL/gu)].flatMap(([, address]) => address ?? []);
  return [...new Set(own)].map((address) => ({ address, netmask: '255.255.255.255' }));
}

/** /proc/net/if_inet6: 32 digits, index, prefix length, scope, flags, name. */
function addressesIn6(lines: string): readonly NetworkInterface[] {
  return lines.split('\n').flatMap((line) => {
    const digits = /^[0-9a-f]{32}(?=\s)/u.exec(line)?.[0];
    if (digits === undefined) return [];
    const groups = (digits.match(/.{4}/gu) ?? []).join(':');
    return { address: new URL(`http://[${groups}]`).hostname.slice(1, -1), netmask: '' };
  });
}
