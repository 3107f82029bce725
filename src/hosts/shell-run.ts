import { answer, noAnswer } from './host.ts';
import type { Answer, Ran, RunOptions } from './host.ts';
import type { ShellChannel } from './shell-channel.ts';
import { word } from './shell-word.ts';

/**
 * Runs a program there. Values stand in the script that the shell reads, and in no list of processes; timeout(1) ends the
 * program where that is there, and the channel ends its shell where it is not.
 */
export async function runThere(
  channel: ShellChannel,
  program: string,
  args: readonly string[],
  { timeoutMs = 5_000, environment = {}, alone, input, maxOutputBytes = 4 * 1024 * 1024, signal }: RunOptions,
): Promise<Answer<Ran>> {
  if (signal?.aborted === true) return noAnswer('ECANCELED', `${program} was not run: the examination was interrupted`);
  const given = Object.entries(environment).map(([name, value]) => `${name}=${word(value)}; export ${name}`);
  const words = [program, ...args].map(word).join(' ');
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  const script = [
    't=$(command -v timeout 2>/dev/null)',
    `p=$(command -v ${word(program)} 2>/dev/null) || { echo ${notThere} >&2; exit 127; }`,
    // a shell keeps what may not be unset
    alone === true
      ? String.raw`for v in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do unset "$v" 2>/dev/null; done`
      : ':',
    ...given,
    `${input === undefined ? '' : `printf %s ${word(input)} | `}\${t:+"$t"} \${t:+${seconds}} "$p" ${args.map(word).join(' ')}`,
  ].join('\n');
  const since = Date.now();
  const ran = await channel.ask(script, timeoutMs + graceMs);
  if (!ran.ok) return ran;
  const { status, out, err } = ran.value;
  if (status === 127 && err === notThere) return noAnswer('ENOENT', `${program} is not there`);
  if (status === 126) return noAnswer('EACCES', `${program} may not be run by this user`);
  // busybox tells of the signal
  const late = status === 124 || (status === 143 && Date.now() - since >= timeoutMs);
  if (late) return noAnswer('ETIMEDOUT', `${program} did not end within ${timeoutMs / 1000} s`);
  if (out.length > maxOutputBytes) return noAnswer('EMSGSIZE', `${words} printed more than ${maxOutputBytes} bytes`);
  return answer({ exitCode: status, stdout: out.toString(), stderr: err });
}

const graceMs = 2_000;
const notThere = 'standbylint-not-there';
