import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import type { KeptLogins } from './kept-logins.ts';
import { aheadFor, reachedOver } from './reached.ts';
import type { Purpose, Reached } from './reached.ts';
import { greet } from './shell-greeting.ts';
import type { ThereNow } from './shell-greeting.ts';
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
  const greeted = await greetedBy(kept?.take(asked), ahead, async () => logIn(machine, timeoutMs));
  if (!greeted.ok) return greeted;
  const { login, there } = greeted.value;
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    if (kept === undefined) login.close();
    else kept.giveBack(asked, login);
  };
  const { channel, shell } = login;
  return reachedOver(
    { channel, shell, there, close },
    { label: destination, path, timeoutMs },
    {
      place: { kind: 'ssh', destination, ...(sudo ? { sudo } : {}) },
    },
  );
}

/** A login that was kept may be gone, and nobody has noticed yet: then another one is made. */
async function greetedBy(
  kept: SshLogin | undefined,
  ahead: ReturnType<typeof aheadFor>,
  another: () => Promise<SshLogin>,
): Promise<Answer<{ readonly login: SshLogin; readonly there: ThereNow }>> {
  const login = kept ?? (await another());
  const there = await greet(login.channel, ahead);
  // a shell that had to be brought anew is another login, and may be another machine's
  if (there.ok && login.channel.lost() === undefined) return answer({ login, there: there.value });
  login.close();
  if (kept !== undefined) return greetedBy(undefined, ahead, another);
  return there.ok ? noAnswer('EPIPE', login.channel.lost()?.message ?? 'the connection broke off') : there;
}
