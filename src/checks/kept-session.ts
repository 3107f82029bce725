import type { OpenSession } from '../servers/session.ts';

/**
 * The session over --admin, until the examination has looked at all: who asks something more of that server needs no
 * login of its own. One asker at a time has it; each statement ends by itself, and between them it holds nothing.
 */
export class KeptSession {
  #session: OpenSession | undefined;
  #ended = false;

  take(): OpenSession | undefined {
    const session = this.#session;
    this.#session = undefined;
    return session?.isOpen() === true ? session : undefined;
  }

  /** Nobody waits for its place, as the next one does for a walsender's: it is not waited for. */
  keep(session: OpenSession): void {
    if (this.#ended || this.#session !== undefined) void session.close();
    else this.#session = session;
  }

  end(): void {
    this.#ended = true;
    void this.take()?.close();
  }
}
