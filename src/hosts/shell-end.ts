import { openProgram } from './local-programs.ts';

/**
 * Ends what a shell there has started and waits for, from the last child on: each is waited for by the one before it, so that
 * none is left to the first process of a container, which may be a postmaster and take it for a backend that crashed. The
 * shell then comes to the end of its input.
 */
export function endThere(
  { program, args }: { readonly program: string; readonly args: readonly string[] },
  pid: number,
): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      child.kill();
      resolve();
    }, longestMs);
    const child = openProgram(program, args, {
      onStdout: () => undefined,
      onStderr: () => undefined,
      onEnd: () => {
        clearTimeout(late);
        resolve();
      },
    });
    child.write(`p=${pid}\n${script}\n`);
    child.end();
  });
}

/**
 * One that has children of its own meanwhile goes on, and they come first. What has a session of its own was meant to stay: a
 * postmaster that pg_ctl still waits for (pg_ctl.c, start_postmaster).
 */
const script = String.raw`{
s() { t=; { read -r t; } 2>/dev/null <"/proc/$1/stat"; set -- ${'$'}{t##*)}; s=$4; }
c() { k=; a=; { read -r a; } 2>/dev/null <"/proc/$1/task/$1/children"; for i in $a; do s "$i"; [ "$s" = "$own" ] && k=$i; done; }
s "$p"; own=$s; [ -n "$own" ] || exit 0
n=0; while [ "$n" -lt 50 ]; do
  n=$((n + 1)); q=$p
  while c "$q"; [ -n "$k" ]; do q=$k; done
  [ "$q" = "$p" ] && exit 0
  kill -s STOP "$q" 2>/dev/null; c "$q"
  if [ -n "$k" ]; then kill -s CONT "$q"; else kill -s KILL "$q"; fi 2>/dev/null
  sleep 0.02 2>/dev/null || :
done
}`;

const longestMs = 3_000;
