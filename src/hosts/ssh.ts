import type { Answer } from './host.ts';
import { reachedByShell } from './reached.ts';
import type { Reached } from './reached.ts';

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
  // `exec sh`: csh and fish understand it as well
  const words = ['-T', '-oBatchMode=yes', `-oConnectTimeout=${connectSeconds}`, '--', destination, 'exec sh'];
  return reachedByShell({ program: 'ssh', args: words }, { label: destination, path, timeoutMs }, () => ({
    place: { kind: 'ssh', destination },
  }));
}
