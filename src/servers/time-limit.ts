/** Time is up, or the user has stopped us: the signal of a {@link Limit} says which. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * How long something may take: until `ms` have passed, or `signal` says stop. While this process itself is held up (by too
 * much to do, or stopped), no answer can be read that may have come: that time does not count.
 */
export class Limit {
  readonly ms: number;
  readonly #outer: AbortSignal;
  #ends: number;

  constructor(ms: number, signal: AbortSignal) {
    this.ms = ms;
    this.#outer = signal;
    this.#ends = now() + ms;
  }

  /** What it takes does not count. */
  async aside<T>(promise: Promise<T>): Promise<T> {
    const since = now();
    try {
      return await promise;
    } finally {
      this.#ends += now() - since;
    }
  }

  /** When it is reached, the one or the other. */
  async passed(): Promise<void> {
    await this.race(new Promise(nothing)).catch(nothing);
  }

  /** The promise's own result, or a rejection with {@link TimedOut} or {@link Interrupted} when the limit comes first. */
  async race<T>(promise: Promise<T>): Promise<T> {
    let stop = nothing;
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      stop = () => reject(new Interrupted('interrupted'));
      if (this.#outer.aborted) stop();
      else this.#outer.addEventListener('abort', stop, { once: true });
      const wait = (): void => {
        const ms = Math.min(Math.max(0, this.#ends - now()), stepMs);
        const due = now() + ms;
        timer = setTimeout(() => {
          this.#ends += Math.max(0, now() - due);
          if (now() < this.#ends) wait();
          // what has come is read before
          else setImmediate(() => reject(new TimedOut(`no answer within ${this.ms / 1000} s`)));
        }, ms);
      };
      wait();
    });
    // whoever loses the race may still fail later, when nobody listens any more
    promise.catch(() => undefined);
    try {
      return await Promise.race([promise, ended]);
    } finally {
      clearTimeout(timer);
      this.#outer.removeEventListener('abort', stop);
    }
  }
}

const stepMs = 50;

/** Milliseconds of a clock that nobody sets. Node would have to load `performance` first. */
const now = (): number => process.uptime() * 1000;

const nothing = (): void => undefined;
