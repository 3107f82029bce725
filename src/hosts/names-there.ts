import { answer, noAnswer } from './host.ts';
import type { Answer, Ran } from './host.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellChannel } from './shell-channel.ts';
import { runThere } from './shell-run.ts';
import type { ShellProgram } from './shells-together.ts';

/**
 * The addresses of a name as a machine that is reached by a shell knows it. A shell does one thing after the other, and a
 * name that no server knows can take longer than a login may: it is looked up in a shell of its own, so that neither
 * the other names nor the files of this look are late because of it.
 */
export async function addressesThere(
  { channel, shell }: { readonly channel: ShellChannel; readonly shell: ShellProgram },
  name: string,
  timeoutMs: number,
): Promise<Answer<readonly string[]>> {
  const lookup = ['getent', 'ahosts', name] as const;
  const soon = await runThere(channel, 'timeout', [soonSeconds, ...lookup], { timeoutMs });
  const asked = soon.ok && isAnswer(soon.value) ? soon : await apart(shell, lookup, timeoutMs);
  if (!asked.ok) return asked;
  const found = asked.value.stdout.split('\n').flatMap((line) => /^[0-9a-fA-F:.]+(?=\s)/u.exec(line)?.[0] ?? []);
  return found.length === 0 ? noAnswer('ENOTFOUND', 'the name is not known') : answer([...new Set(found)]);
}

/** A name that a file or a server nearby knows is there within milliseconds. */
const soonSeconds = '0.3';

/** Found, or not known (getent(1)): anything else is of timeout, which may be missing, or take no fractions. */
const isAnswer = ({ exitCode }: Ran): boolean => exitCode === 0 || exitCode === 2;

async function apart(
  shell: ShellProgram,
  [program, ...args]: readonly [string, ...string[]],
  timeoutMs: number,
): Promise<Answer<Ran>> {
  const channel = shellChannel(shell, '', timeoutMs);
  try {
    return await runThere(channel, program, args, { timeoutMs });
  } finally {
    channel.close();
  }
}
