/**
 * Gives way when this was last done a moment ago: what has come from servers meanwhile is taken. For a check that computes
 * for longer than it takes a server to answer.
 */
export function lettingOthersRun(): () => Promise<void> {
  let last = process.uptime();
  return async () => {
    if (process.uptime() - last < momentSeconds) return;
    await letOthersRun();
    last = process.uptime();
  };
}

const momentSeconds = 0.002;

/** Lets everything that waits have its turn. */
export const letOthersRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
