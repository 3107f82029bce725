/** Time is up, or the user has stopped us: the signal of a {@link Limit} says which. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How long something may take: until `ms` have passed, or `signal` says stop. */
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
      const left = Math.max(0, this.#ends - now());
      timer = setTimeout(() => reject(new TimedOut(`no answer within ${this.ms / 1000} s`)), left);
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

/** Milliseconds of a clock that nobody sets. Node would have to load `performance` first. */
const now = (): number => process.uptime() * 1000;

const nothing = (): void => undefined;
