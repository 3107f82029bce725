import { answer, noAnswer } from './host.ts';
import type { Answer, Host, Problem } from './host.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellChannel } from './shell-channel.ts';
import { greet, prelude } from './shell-greeting.ts';
import type { ThereNow } from './shell-greeting.ts';
import { shellHost } from './shell-host.ts';
import { diallerThere } from './shell-socket.ts';
import { shellsTogether } from './shells-together.ts';
import type { ShellProgram } from './shells-together.ts';
import type { Dialler } from './shell-socket.ts';

/** A machine that the tool does not run on, the directory that is meant there, and what is left to be ended. */
export interface Reached {
  readonly host: Host;
  /** Empty: none is meant. */
  readonly dataDirectory: string;
  /** Of a container: what stays the same when it is renamed. */
  readonly containerId?: string;
  /** Why it broke off meanwhile, where it did: then nothing that was seen counts. */
  readonly lost: () => Problem | undefined;
  readonly close: () => void;
}

/**
 * To look at a standby that is there, to fix it, to see whether one can be made there, to ask the server that runs there,
 * or to make the copy, beside a container that runs as well: what pg_basebackup leaves when it is interrupted would become
 * the child of the container's first process, and a postmaster takes that for a backend that crashed.
 */
export type Purpose = 'postmortem' | 'fix' | 'preflight' | 'session' | 'copy';

/** Which directory is meant there, where it is not the PGDATA of that shell, and what the place is called. */
interface Asked {
  readonly label: string;
  readonly path: string | undefined;
  readonly timeoutMs: number;
  readonly purpose: Purpose;
  /** It is reached without one as well: what is there can be named then. */
  readonly mayLack?: boolean;
}

/** Of a look at a data directory, and not of one that only asks a server, or copies. */
export const aheadFor = (
  purpose: Purpose,
  dataDirectory: string | undefined,
): { readonly dataDirectory: string | undefined } | undefined =>
  purpose === 'session' || purpose === 'copy' ? undefined : { dataDirectory };

/** A machine that a program of this one brings a shell of. What the place is may depend on who the shell runs as. */
export async function reachedByShell(
  shell: ShellProgram,
  asked: Asked,
  more: (there: ThereNow) => Partial<Host>,
): Promise<Answer<Reached>> {
  const shells = shellsTogether(shell);
  const channel = shellChannel(shell, prelude, asked.timeoutMs, shells);
  const dialler = diallerThere(shells, asked.label, () => channel.lost());
  const close = (): void => {
    channel.close();
    shells.close();
  };
  const ahead = aheadFor(asked.purpose, asked.path);
  const greeting = greet(channel, ahead);
  if (ahead !== undefined) dialler.prepare(...usualConnections);
  const there = await greeting;
  if (there.ok) return reachedOver({ channel, shell, there: there.value, close, dialler }, asked, more(there.value));
  dialler.close();
  close();
  return there;
}

/** The same over a shell that has greeted. */
export function reachedOver(
  {
    channel,
    shell,
    there,
    close,
    dialler,
  }: {
    readonly channel: ShellChannel;
    readonly shell: ShellProgram;
    readonly there: ThereNow;
    readonly close: () => void;
    readonly dialler: Dialler;
  },
  { label, path, timeoutMs, mayLack = false }: Omit<Asked, 'purpose'>,
  more: Partial<Host>,
): Answer<Reached> {
  const dataDirectory = path ?? there.environment['PGDATA'] ?? (mayLack ? '' : undefined);
  if (dataDirectory === undefined) {
    dialler.close();
    close();
    return noAnswer('no-directory', `PGDATA is not set on ${label}`);
  }
  const base = shellHost(channel, there, { label, timeoutMs, shell, ...dialler.dialling });
  return answer({
    host: overlaid(base, more),
    dataDirectory,
    lost: () => channel.lost(),
    close: () => {
      dialler.close();
      close();
    },
  });
}

/** A look connects to the server there and to its primary, and without --admin once more: each needs a shell of its own. */
export const usualConnections = [2, 1] as const;

/** `pieces` of what the place keeps the output of; everything else is the shell's. */
const overlaid = (base: Host, more: Partial<Host>): Host => ({
  ...base,
  ...more,
  pieces: (wanted, options) =>
    wanted === more.console && more.pieces !== undefined ? more.pieces(wanted, options) : base.pieces(wanted, options),
});
