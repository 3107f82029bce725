import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import { KnownFiles } from './known-files.ts';
import type { FilePart } from './known-files.ts';
import type { ShellChannel } from './shell-channel.ts';
import { statusIn } from './shell-status.ts';
import { word } from './shell-word.ts';

/**
 * What a look at a data directory is known to ask, asked by the first message, in one program for many files: how the
 * files lie there, what the small ones of the configuration hold, what runs. Nothing is answered from it that it does not
 * hold. What has no room in it (a directory of thousands, a large file) is asked for when it is wanted.
 */
export async function lookAhead(channel: ShellChannel, dataDirectory: string | undefined): Promise<KnownFiles> {
  // the frames are lines; and a path from the working directory on is not known here yet
  if (dataDirectory !== undefined && !/^\/[^\p{Cc}]*$/u.test(dataDirectory)) return new KnownFiles(Date.now());
  const directory = dataDirectory === undefined ? '"$PGDATA"' : word(posix.normalize(dataDirectory));
  const known = new KnownFiles(Date.now());
  await Promise.all(
    ['Z1', 'Z2', 'Z3'].map(async (part) => knownOf(channel, known, `${part} ${directory}\n:`, aheadMs)),
  );
  return known;
}

/** How paths lie there, and what is in some of them (at most so many bytes), in one question. */
export const lookAtMany = async (
  channel: ShellChannel,
  paths: readonly string[],
  contents: ReadonlyMap<number, readonly string[]>,
  parts: readonly FilePart[],
  into?: KnownFiles,
): Promise<Answer<KnownFiles>> =>
  knownOf(
    channel,
    into ?? new KnownFiles(Date.now()),
    [
      `P ${paths.map(word).join(' ')}`,
      ...[...contents].map(([maxBytes, files]) => `C ${maxBytes} ${files.map(word).join(' ')}`),
      ...parts.map(({ path, from, length }) => `X ${from} ${length} ${word(path)}`),
      ':',
    ].join('\n'),
  );

async function knownOf(
  channel: ShellChannel,
  known: KnownFiles,
  script: string,
  timeoutMs?: number,
): Promise<Answer<KnownFiles>> {
  const mark = randomBytes(16).toString('hex');
  // above the root is the root, so an absolute path stays what it is with this before it: whatever a file holds, none holds the path that head was given
  const bits = [...randomBytes(6)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const before = bits.replaceAll('0', '/.').replaceAll('1', '/..');
  const asked = await channel.ask(`Y ${mark} ${word(before)}\n${script}`, timeoutMs);
  if (!asked.ok) return asked;
  if (asked.value.status !== 0) return noAnswer('EIO', asked.value.err);
  learn(known, asked.value.out, mark, before);
  return answer(known);
}

/** A machine that cannot tell it in this time is asked for each thing by itself. */
const aheadMs = 10_000;

/**
 * V tells of a directory with all that is in it, P of single paths, and what of them is not there; C of contents, of at
 * most so many bytes each, and X of a part of one; H of directories where they are when links on the way are followed.
 * P leaves out what is no absolute path (of a PGDATA that is not set there, or is `/`): no directory above it comes to an end.
 */
export const preludeOfAhead = String.raw`
T() { n=$#; for y do [ -L "$y" ] && set -- "$@" "$y"; done; shift "$n"; [ $# -eq 0 ] || stat -L -c "$G" -- "$@" 2>/dev/null; }
H() { cd -P "$1" 2>/dev/null && printf '%sp%s%s%s' "$M" "$1" "$M" "$PWD"; }
V() {
  [ -d "$1/" ] && [ -r "$1/" ] && [ -x "$1/" ] || return 0
  H "$1"; v=${'$'}{1%/}; set -- "$v/." "$v"/.* "$v"/*; [ $# -gt 3000 ] && return 0
  printf '%sl%s' "$M" "$v"; stat -c "$F" "$@" 2>/dev/null; printf '%se' "$M"; T "$@"
}
P() {
  h=
  for y do
    case $y in /*) ;; *) continue;; esac
    d=${'$'}{y%/*}; d=${'$'}{d:-/}; [ "$d" = "$h" ] || { h=$d; H "$d"; }
    if [ -e "$y" ] || [ -L "$y" ]; then
      a=; [ -r "$y" ] && a=r; [ -w "$y" ] && a=${'$'}{a}w; [ -x "$y" ] && a=${'$'}{a}x; printf '%sa%s%s%s' "$M" "$a" "$M" "$y"
    else
      e=$y; while [ ! -e "$d" ] && [ ! -L "$d" ]; do e=$d; d=${'$'}{d%/*}; d=${'$'}{d:-/}; done
      [ -d "$d" ] && [ -x "$d" ] && printf '%sm%s' "$M" "$e"
    fi
  done
  stat -c "$F" -- "$@" 2>/dev/null; T "$@"
}
O() { c=$1; shift; printf '%sc%s%s' "$M" "$c" "$M"; head -v -c "$c" "$@" 2>/dev/null; printf '\n==> %s <==\n' "$B"; }
C() { c=$1; shift; n=$#; for y do [ -f "$y" ] && set -- "$@" "$B$y"; done; shift "$n"; [ $# -eq 0 ] || O "$c" "$@"; }
X() { [ -f "$3" ] || return 0; printf '%sx%s %s%s%s%s' "$M" "$1" "$2" "$M" "$3" "$M"
  if [ "$2" -le 64 ]; then dd if="$3" bs=1 skip="$1" count="$2" 2>/dev/null; else tail -c "+$(($1 + 1))" "$3" | head -c "$2"; fi; }
K() { k=$1; shift; for f do set -- "$@" "$k/$f"; shift; done; P "$k" "$@"; C 65536 "$@"; }
Y() {
  M=$1; B=$2; F="${'$'}{M}s%f %u %g %s %d %i %Y %y$M%n$M%N"; G="${'$'}{M}S%f %u %g %s %d %i %Y %y$M%n"
  QUOTING_STYLE=literal; export QUOTING_STYLE
}
E() {
  D=${'$'}{1%/}; U=${'$'}{D%/*}; W=${'$'}{U%/*}; J="PG_VERSION global/pg_control postmaster.pid postmaster.opts standby.signal pg_hba.conf pg_ident.conf pg_wal"; set +f
  i=; q=; r=; [ -f "$D/postmaster.pid" ] && { read -r i; read -r r; read -r r; read -r q; read -r r; } 2>/dev/null <"$D/postmaster.pid"; case $i in *[!0-9]*) i=;; esac
}
Z1() {
  E "$1"; N=$(date +%Y-%m-%d)
  P / "$U" "$W" "$D" "$D-standby" "$D.before-standby-$N" "$U/server.log" "$U/keeperstate" "$r/.s.PGSQL.$q" ${'$'}{i:+"/proc/$i/root$r/.s.PGSQL.$q"} \
    "$U/.pg_service.conf" "$U/.pgpass" /var/lib/postgresql/.pg_service.conf /var/lib/postgresql/.pgpass
  set --; for x in "$U" ${'$'}{W:+"$W"} /var/lib/postgresql /var/lib/postgresql/*; do
    V "$x"; for y in "$x"/*; do [ $# -lt 400 ] && [ -d "$y" ] && set -- "$@" "$y/PG_VERSION" "$y/data/PG_VERSION"; done
  done
  P "$@"
  K "$D" $J recovery.signal recovery.conf backup_label backup_label.old backup_manifest backup_manifest.tmp tablespace_map postgresql.conf postgresql.auto.conf global/pg_filenode.map
  set --; for x in "$D"/pg_wal/[0-9A-F]*; do case $x in *.*) ;; *) [ $# -lt 300 ] && set -- "$@" "$x";; esac; done; C 41 "$@"
  for x in '' /global /pg_wal /pg_wal/archive_status /base /pg_tblspc /pg_replslot /pg_multixact /pg_logical /pg_xact /pg_dynshmem /pg_notify /pg_serial /pg_snapshots /pg_subtrans /conf.d /log; do V "$D$x"; done
  P "$D"/base/[0-9]*/pg_filenode.map "$D"/base/[0-9]*/PG_VERSION
  C 65536 "$D"/base/[0-9]*/pg_filenode.map "$D"/base/[0-9]*/PG_VERSION
}
Z2() {
  E "$1"; I=' '; set --; IFS=:; set -f; for x in $PATH; do for f in pg_basebackup postgres; do [ -z "$x" ] || set -- "$@" "$x/$f"; done; done; IFS=${'$'}{I}; set +f
  P "$@" /usr/lib/postgresql/*/bin/postgres /usr/lib/postgresql/*/bin/pg_basebackup /usr/share/postgresql-common/pg_wrapper /usr/local/pgsql/bin/postgres /usr/local/pgsql/bin/pg_basebackup
  set -- /etc/passwd /etc/group /etc/fstab /proc/meminfo /proc/stat /proc/sys/vm/overcommit_memory /proc/self/cgroup /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes "$HOME/.postgresqlrc" "$HOME/.pg_service.conf" "$HOME/.pgpass" /etc/postgresql-common/user_clusters /etc/postgresql-common/pg_service.conf
  P "$@" /dev/shm /usr /tmp /var /run /opt /var/run /var/lib /var/lib/postgresql /etc /etc/patroni.yml /etc/patroni.yaml /etc/repmgr.conf /home/postgres/postgres.yml /run/postgres.yml /controller/manager /opt/bitnami/scripts/libpostgresql.sh /opt/bitnami/repmgr/conf/repmgr.conf /etc/postgresql /etc/patroni /etc/repmgr /etc/postgresql-common/repmgr.conf /opt/homebrew/opt /usr/local/opt /Applications/Postgres.app/Contents/Versions /proc/self/ns/mnt /proc/self/ns/net /proc/self/root /proc/1/cgroup /var/run/postgresql
  C 65536 "$@"
  for x in /usr/lib/postgresql/*/lib /usr/lib/postgresql/*/lib/plugins /usr/pgsql-*/lib /usr/local/lib/postgresql /usr /usr/local/opt /usr/lib/postgresql /etc/postgresql /etc/postgresql/* /etc/postgresql/*/* /etc/patroni /etc/repmgr; do V "$x"; done
  C 65536 /etc/postgresql/*/*/postgresql.conf
  for x in "${'$'}{D:-/}" "$D/pg_wal" /dev/shm; do printf '%sf%s%s' "$M" "$x" "$M"; stat -f -c '%S %b %a %c %d' "$x" 2>/dev/null; done
  C 1048576 /proc/self/mountinfo
}
Z3() {
  [ -r /proc/1/comm ] || return 0
  E "$1"; V /proc; set -- /proc/[0-9]*; [ $# -gt 3000 ] && return 0
  s=; for p do
    c=; { read -r c; } 2>/dev/null <"$p/comm"
    [ -e "$p/cwd/postmaster.pid" ] || [ -L "$p/cwd/postmaster.pid" ] || { [ -x "$p/cwd/" ] && printf '%sm%s' "$M" "$p/cwd/postmaster.pid"; continue; }
    case $c in postgres*|postmaster*|edb-postgres*) m=; [ -f "$p/cwd/postmaster.pid" ] && { read -r m; } 2>/dev/null <"$p/cwd/postmaster.pid"; [ "/proc/$m" = "$p" ] && s="$s $p";; esac
  done
  stat -c "$F" /proc/[0-9]*/comm /proc/[0-9]*/cwd /proc/[0-9]*/cwd/postmaster.pid 2>/dev/null
  stat -L -c "$G" /proc/[0-9]*/cwd 2>/dev/null
  C 4096 /proc/[0-9]*/cwd/postmaster.pid
  O 65536 "$B"/proc/[0-9]*/comm "$B"/proc/[0-9]*/stat "$B"/proc/[0-9]*/cmdline "$B"/proc/[0-9]*/cgroup
  O 448 "$B"/proc/[0-9]*/status
  [ -n "$s" ] || return 0
  set --; for p in $s; do set -- "$@" "$p/ns/mnt" "$p/ns/net" "$p/root" "$p/fd/1" "$p/fd/2" "$p/environ" "$p/task/${'$'}{p#/proc/}/children"; done; P "$@"
  set --; for p in $s; do set -- "$@" "$p/task/${'$'}{p#/proc/}/children"; done
  for q in $s; do
    k=; { read -r k; } 2>/dev/null <"$q/task/${'$'}{q#/proc/}/children"
    for p in $k; do [ $# -lt 200 ] && set -- "$@" "/proc/$p/task/$p/children"; done
  done
  P "$@"; C 65536 "$@" ${'$'}{i:+"/proc/$i/environ"}
  set -- "$U"/* ${'$'}{W:+"$W"/*} ${'$'}{W:+"$W"/*/data} /var/lib/postgresql/*/*; for p in $s; do cd -P "$p/cwd" 2>/dev/null && set -- "$@" "$PWD"; done
  w=:$D:; n=0
  for x do
    [ -f "$x/PG_VERSION" ] && [ "$n" -lt 8 ] || continue
    case $x in *[[:cntrl:]]*) continue;; esac; case $w in *":$x:"*) continue;; esac
    w=$w$x:; n=$((n + 1)); K "$x" $J; V "$x/pg_tblspc"; U=${'$'}{x%/*}; P "$U" "${'$'}{U%/*}" "$U/server.log"
  done
  [ -n "$i" ] && e=$(readlink "/proc/$i/exe") || return 0
  P "$e" "${'$'}{e%/*}/pg_ctl" "${'$'}{e%/*}/pg_basebackup"; V "${'$'}{e%/bin/*}/lib"; P "${'$'}{e%/bin/*}/lib/plugins"; V "${'$'}{e%/bin/*}/lib/plugins"
  set -- "${'$'}{e%/usr/lib/*}/etc/postgresql-common/pg_service.conf" "${'$'}{e%/bin/*}/etc/pg_service.conf"
  P "${'$'}{1%/*}" "${'$'}{2%/*}" "$@"; x=${'$'}{1%/*}; while [ -n "${'$'}{x%/*}" ]; do x=${'$'}{x%/*}; P "$x"; done; C 65536 "$@"
  return 0
}
`;

function learn(known: KnownFiles, out: Buffer, mark: string, before: string): void {
  // one character for each byte: what is split by ASCII is split as the bytes are
  const fields = out.toString('latin1').split(mark);
  const text = (field = ''): string => Buffer.from(field, 'latin1').toString();
  let listing: { readonly directory: string; readonly names: string[] } | undefined;
  for (let at = 1; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    const rest = field.slice(1);
    const next = (): string => fields[(at += 1)] ?? '';
    switch (field.charAt(0)) {
      case 's': {
        const [path, named] = [text(next()), text(next()).replace(/\n$/u, '')];
        const status = statusIn(rest);
        if (!status.ok) break;
        const target = status.value.kind === 'link' ? targetIn(named, path) : undefined;
        if (listing === undefined) known.entry(path, status.value, target);
        else {
          const name = path.slice(listing.directory.length + 1);
          if (name === '..' || (name === '.' && listing.names.length > 0)) break;
          if (name !== '.') known.entry(path, status.value, target);
          listing.names.push(name);
        }
        break;
      }
      case 'S': {
        const status = statusIn(rest);
        const path = text(next()).replace(/\n$/u, '');
        if (status.ok) known.followed(path, status.value);
        break;
      }
      case 'l':
        listing = { directory: text(rest), names: [] };
        break;
      case 'e':
        // itself is in it, where stat could be started at all
        if (listing?.names[0] === '.') known.directory(listing.directory, listing.names.slice(1));
        listing = undefined;
        break;
      case 'p':
        known.physical(text(rest), text(next()));
        break;
      case 'm':
        known.missing(text(rest));
        break;
      case 'a':
        known.access(text(next()), rest);
        break;
      case 'f':
        known.sizes(text(rest), next());
        break;
      case 'c':
        for (const [path, bytes] of contentsIn(next(), before)) known.content(path, bytes, bytes.length < Number(rest));
        break;
      case 'x': {
        const [from = 0, length = 0] = rest.split(' ').map(Number);
        known.part({ path: text(next()), from, length }, Buffer.from(next(), 'latin1'));
        break;
      }
      default:
    }
  }
}

/** What `head -v` printed: each file behind a line with its path, and a newline before the next one. */
function contentsIn(printed: string, before: string): readonly (readonly [string, Buffer])[] {
  const parts = printed.split(`==> ${before}`).slice(1, -1);
  return parts.flatMap((part): readonly (readonly [string, Buffer])[] => {
    const end = part.indexOf(' <==\n');
    if (end === -1) return [];
    const path = Buffer.from(part.slice(0, end), 'latin1').toString();
    return [[path, Buffer.from(part.slice(end + 5, -1), 'latin1')]];
  });
}

/**
 * Where a link leads, as `stat -c %N` shows it: coreutils `PATH -> TARGET`, as they are; busybox and old coreutils with
 * both in quotes, where only a target without signs of its own is certain. Coreutils shows the path alone where the link
 * may not be read.
 */
function targetIn(named: string, path: string): string | null | undefined {
  if (named === path) return null;
  if (named.startsWith(`${path} -> `)) return named.slice(path.length + 4);
  const quoted = named.startsWith(`'${path}' -> `) ? named.slice(path.length + 6) : '';
  return /^'([^'"\\\n]+)'$|^`([^'"\\\n]+)'$/u.exec(quoted)?.[1];
}
