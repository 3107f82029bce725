/** A look that hangs must not hold up an interrupt. */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    // there may be many looks in one run, and each would leave its own behind
    void work.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject);
  });
}
