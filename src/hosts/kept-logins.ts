import type { SshLogin } from './ssh-login.ts';

/**
 * Logins over ssh that outlive a look: whoever goes to the same machine next (the next look of a watch, another target of
 * a fleet, the session of --admin) takes one over. One that is in use is nobody else's.
 */
export class KeptLogins {
  readonly #idle = new Map<string, SshLogin[]>();
  #closed = false;

  take(destination: string): SshLogin | undefined {
    return this.#idle.get(destination)?.pop();
  }

  /** One that broke off meanwhile is ended. */
  giveBack(destination: string, login: SshLogin): void {
    if (this.#closed || login.channel.lost() !== undefined) return login.close();
    this.#idle.set(destination, [...(this.#idle.get(destination) ?? []), login]);
  }

  /** Ends what nobody uses, and from now on what is given back. */
  close(): void {
    this.#closed = true;
    for (const login of [...this.#idle.values()].flat()) login.close();
    this.#idle.clear();
  }
}
