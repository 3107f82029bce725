import { answer, noAnswer } from './host.ts';
import type { Answer, Host, Problem } from './host.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellProgram } from './shell-channel.ts';
import { greet, prelude } from './shell-greeting.ts';
import type { ThereNow } from './shell-greeting.ts';
import { shellHost } from './shell-host.ts';
import { diallingThere } from './shell-socket.ts';

/** A machine that the tool does not run on, the directory that is meant there, and what is left to be ended. */
export interface Reached {
  readonly host: Host;
  readonly dataDirectory: string;
  /** Why it broke off meanwhile, where it did: then nothing that was seen counts. */
  readonly lost: () => Problem | undefined;
  readonly close: () => void;
}

/**
 * To look at a standby that is there, to mend it, to see whether one can be made there, to ask the server that runs there,
 * or to make the copy, beside a container that runs as well: what pg_basebackup leaves when it is interrupted would become
 * the child of the container's first process, and a postmaster takes that for a backend that crashed.
 */
export type Purpose = 'postmortem' | 'mend' | 'preflight' | 'session' | 'copy';

/**
 * A machine that a program of this one brings a shell of; `path`: the directory that is meant, where it is not the PGDATA of
 * that shell. What the place is may depend on who the shell runs as.
 */
export async function reachedByShell(
  shell: ShellProgram,
  { label, path, timeoutMs }: { readonly label: string; readonly path: string | undefined; readonly timeoutMs: number },
  more: (there: ThereNow) => Partial<Host>,
): Promise<Answer<Reached>> {
  const channel = shellChannel(shell, prelude, timeoutMs);
  const close = (): void => channel.close();
  const there = await greet(channel);
  const dataDirectory = path ?? (there.ok ? there.value.environment['PGDATA'] : undefined);
  if (!there.ok || dataDirectory === undefined) {
    close();
    return there.ok ? noAnswer('no-directory', `PGDATA is not set on ${label}`) : there;
  }
  const base = shellHost(channel, there.value, { label, timeoutMs, shell, ...diallingThere(shell, label) });
  return answer({
    host: overlaid(base, more(there.value)),
    dataDirectory,
    lost: () => channel.lost(),
    close,
  });
}

/** `pieces` of what the place keeps the output of; everything else is the shell's. */
const overlaid = (base: Host, more: Partial<Host>): Host => ({
  ...base,
  ...more,
  pieces: (wanted, options) =>
    wanted === more.console && more.pieces !== undefined ? more.pieces(wanted, options) : base.pieces(wanted, options),
});
