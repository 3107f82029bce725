import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import type { Reached } from './container.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellProgram } from './shell-channel.ts';
import { greet, prelude } from './shell-greeting.ts';
import { shellHost } from './shell-host.ts';
import { diallingThere } from './shell-socket.ts';

/**
 * Another machine, over the system's own ssh: its configuration, agent, known hosts. It never asks: a key that is not
 * known or a password that is wanted is an answer.
 */
export async function sshHost(
  destination: string,
  path: string | undefined,
  timeoutMs: number,
): Promise<Answer<Reached>> {
  const connectSeconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  const shell: ShellProgram = {
    program: 'ssh',
    // `exec sh`: csh and fish understand it as well
    args: ['-T', '-oBatchMode=yes', `-oConnectTimeout=${connectSeconds}`, '--', destination, 'exec sh'],
  };
  const channel = shellChannel(shell, prelude, timeoutMs);
  const there = await greet(channel);
  if (!there.ok) {
    channel.close();
    return there;
  }
  const dataDirectory = path ?? there.value.environment['PGDATA'];
  if (dataDirectory === undefined) {
    channel.close();
    return noAnswer('no-directory', `PGDATA is not set on ${destination}`);
  }
  const host = shellHost(channel, there.value, {
    label: destination,
    place: { kind: 'ssh', destination },
    timeoutMs,
    shell,
    ...diallingThere(shell, destination),
  });
  return answer({ host, dataDirectory, lost: () => channel.lost(), close: () => channel.close() });
}
