import { randomBytes } from 'node:crypto';

import { answer, noAnswer } from './host.ts';
import type { Answer, Running, StartOptions } from './host.ts';
import { openProgram } from './local-programs.ts';
import type { ShellProgram } from './shells-together.ts';
import { word } from './shell-word.ts';

/**
 * Starts a program there that lives longer than a look, in a shell of its own. What it is given (a password) is in the
 * script that this shell reads: no list of processes shows it, nor what the engine tells of the container. An interrupt is
 * a line on the same input; where that ends (the tool, or the way there, broke off) the program is interrupted as well.
 */
export function startThere(
  shell: ShellProgram,
  program: string,
  args: readonly string[],
  { environment = {}, onStdout, onStderr }: StartOptions = {},
): Running {
  const mark = randomBytes(16).toString('hex');
  const out = behind(mark, onStdout);
  const err = behind(mark, onStderr);
  const decoder = new TextDecoder();
  // a shell reads ahead: before it has begun, an interrupt would be a part of its script
  let early: string | undefined;
  let ended = false;
  let late: NodeJS.Timeout | undefined;
  let tell: (end: Awaited<Running['ended']>) => void = () => undefined;
  const end: Running['ended'] = new Promise((resolve) => {
    tell = resolve;
  });
  const opened = openProgram(shell.program, shell.args, {
    onStdout: (chunk) => {
      out.push(decoder.decode(chunk, { stream: true }));
      if (out.began() && early !== undefined) opened.write(early);
      if (out.began()) early = undefined;
    },
    onStderr: err.push,
    onEnd: (problem, exitCode) => {
      ended = true;
      clearTimeout(late);
      tell(endOf(problem, exitCode, out.began(), shell.program, err.before() || `${shell.program} ended`));
    },
  });
  const given = Object.entries(environment).map(([name, value]) => `${name}=${word(value)}; export ${name}`);
  opened.write(
    [
      ...['{', ...given, 'exec 3<&0'],
      // what is started in the background ignores SIGINT: so this does, and the program, in the foreground, does not
      // the program may not have begun yet; what it has started comes first, for all of this ends with the program
      '{ trap "" TERM; read -r me s </proc/self/stat; g=; while [ -z "$g" ]; do read -r s <&3 || { s=INT; g=1; }; n=',
      'while [ -z "$n" ] && k=$(cat /proc/$$/task/$$/children); do for c in $k; do [ "$c" = "$me" ] ||',
      '{ n=1; kill -s "$s" $(cat "/proc/$c/task/$c/children") "$c"; }; done; done; done; } >/dev/null 2>&1 &',
      `w=$!; printf '%s\\n' ${mark}; printf '%s\\n' ${mark} >&2`,
      `${[program, ...args].map(word).join(' ')} </dev/null 3<&-`,
      // one that is not waited for would be left to the first process of a container, often a postmaster, as a crashed child
      's=$?; kill -9 "$w"; wait "$w" 2>/dev/null; exit "$s"',
      ...['}', ''],
    ].join('\n'),
  );
  return {
    pid: undefined,
    ended: end,
    interrupt: (signal) => {
      const line = `${signal.slice(3)}\n`;
      if (ended) return;
      if (out.began()) opened.write(line);
      else early = line;
      // where the way there is stopped, its end is what is heard there
      late ??= setTimeout(() => opened.kill(), interruptMs);
    },
  };
}

/** What comes behind the mark is the program's; what comes before it is a greeting, or why there is no shell. */
function behind(mark: string, tell: ((text: string) => void) | undefined) {
  let held: string | undefined = '';
  return {
    began: (): boolean => held === undefined,
    before: (): string => (held ?? '').trim().split('\n').at(-1) ?? '',
    push: (text: string): void => {
      if (held === undefined) return tell?.(text);
      held += text;
      const at = held.indexOf(`${mark}\n`);
      if (at === -1) return;
      const rest = held.slice(at + mark.length + 1);
      held = undefined;
      if (rest !== '') tell?.(rest);
    },
  };
}

function endOf(
  problem: { readonly code: string; readonly message: string } | undefined,
  exitCode: number | undefined,
  began: boolean,
  way: string,
  otherwise: string,
): Answer<{ readonly exitCode: number | undefined; readonly signal: string | undefined }> {
  if (problem !== undefined) return { ok: false, problem };
  if (!began) return noAnswer('EPIPE', otherwise);
  // ssh's own failures are 255: what became of the program itself nobody has seen
  if (exitCode === undefined || (exitCode === 255 && way === 'ssh'))
    return answer({ exitCode: undefined, signal: `the end of ${way}, through which it ran` });
  const signal = signals.get(exitCode - 128);
  return answer(signal === undefined ? { exitCode, signal } : { exitCode: undefined, signal });
}

/** How a shell tells that a signal ended a program: 128 and its number. */
const signals: ReadonlyMap<number, string> = new Map([
  [2, 'SIGINT'],
  [9, 'SIGKILL'],
  [15, 'SIGTERM'],
]);

/** How long what is interrupted there may take to end. */
const interruptMs = 10_000;
