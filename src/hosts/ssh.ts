import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import type { KeptLogins } from './kept-logins.ts';
import { aheadFor, reachedOver, usualConnections } from './reached.ts';
import type { Purpose, Reached } from './reached.ts';
import { greet } from './shell-greeting.ts';
import type { ThereNow } from './shell-greeting.ts';
import { diallerThere } from './shell-socket.ts';
import type { Dialler } from './shell-socket.ts';
import { logIn } from './ssh-login.ts';
import type { SshLogin, SshMachine } from './ssh-login.ts';

/** Another machine, over the system's own ssh: its configuration, agent, known hosts. */
export async function sshHost(
  machine: SshMachine,
  path: string | undefined,
  timeoutMs: number,
  purpose: Purpose,
  kept: KeptLogins | undefined,
): Promise<Answer<Reached>> {
  const { destination, sudo } = machine;
  const asked = `${timeoutMs} ${sudo ? 'sudo ' : ''}${destination}`;
  const ahead = aheadFor(purpose, path);
  const greeted = await greetedBy(kept?.take(asked), ahead, destination, async () => logIn(machine, timeoutMs));
  if (!greeted.ok) return greeted;
  const { login, there, dialler } = greeted.value;
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    if (kept === undefined) login.close();
    else kept.giveBack(asked, login);
  };
  const { channel, shell } = login;
  return reachedOver(
    { channel, shell, there, close, dialler },
    { label: destination, path, timeoutMs, mayLack: purpose === 'postmortem' || purpose === 'fix' },
    {
      place: { kind: 'ssh', destination, ...(sudo ? { sudo } : {}) },
    },
  );
}

/** A login that was kept may be gone, and nobody has noticed yet: then another one is made. */
async function greetedBy(
  kept: SshLogin | undefined,
  ahead: ReturnType<typeof aheadFor>,
  label: string,
  another: () => Promise<SshLogin>,
): Promise<Answer<{ readonly login: SshLogin; readonly there: ThereNow; readonly dialler: Dialler }>> {
  const login = kept ?? (await another());
  const { channel, shells } = login;
  const dialler = diallerThere(shells, label, () => channel.lost());
  const greeting = greet(channel, ahead);
  if (ahead !== undefined) dialler.prepare(...usualConnections);
  const there = await greeting;
  // a shell that had to be brought again is another login, and may be another machine's
  if (there.ok && channel.lost() === undefined) return answer({ login, there: there.value, dialler });
  dialler.close();
  login.close();
  if (kept !== undefined) return greetedBy(undefined, ahead, label, another);
  return there.ok ? noAnswer('EPIPE', channel.lost()?.message ?? 'the connection broke off') : there;
}
