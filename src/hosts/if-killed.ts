import type { ChildProcess } from 'node:child_process';

/**
 * Should this process be killed, which runs no handler of its own: the programs that it has started end as an interrupt ends
 * them, three seconds later as SIGKILL does, and its temporary files go. One shell sees to it, which reads what there is, and for
 * which the end of its input is the end of this process. It is in a session of its own, so that no signal to a terminal or to
 * our group reaches it; whoever kills everything at once (a container, a unit of systemd) ends the programs as well.
 */
const script = String.raw`
g=
while IFS= read -r l; do
  x=${'$'}{l#??}
  case $l in
    'g '*) g=$x ;;
    '+ '*) set -- "$@" "$x" ;;
    '- '*) n=$#; while [ "$n" -gt 0 ]; do [ "$1" = "$x" ] || set -- "$@" "$1"; shift; n=$((n - 1)); done ;;
  esac
done
for p in $g; do kill -s INT -- "-$p"; kill -s CONT -- "-$p"; done
# so that nothing of another user's is exchanged for a link while it goes
[ "$(id -u)" != 0 ] || for f; do [ ! -d "$f" ] || chown -h 0:0 "$f"; done
[ $# = 0 ] || rm -rf -- "$@"
n=0; while [ -n "$g" ] && [ "$n" -lt 3 ]; do
  a=; for p in $g; do kill -s 0 -- "-$p" && a="$a $p"; done
  g=$a; n=$((n + 1)); [ -z "$g" ] || sleep 1
done
for p in $g; do kill -s KILL -- "-$p"; done
`;

let guard: ChildProcess | undefined;
const groups = new Set<number>();

/** A program's process group, from its start to its end. */
export function guardGroup(group: number): void {
  groups.add(group);
  tell(`g ${[...groups].join(' ')}`);
}

export function releaseGroup(group: number): void {
  if (groups.delete(group)) tell(`g ${[...groups].join(' ')}`);
}

/** A temporary file, or a folder with all that is in it, from before it is made until it is gone. */
export function guardPath(path: string): void {
  if (!path.includes('\n')) tell(`+ ${path}`);
}

export function releasePath(path: string): void {
  if (!path.includes('\n')) tell(`- ${path}`);
}

function tell(line: string): void {
  // a shell that is not there, or was killed before us, is no reason to do less
  guard ??= start();
  guard?.stdin?.write(`${line}\n`);
}

function start(): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn('sh', ['-c', script, 'sh'], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  // it holds up the end of nothing
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}
