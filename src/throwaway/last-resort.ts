const undone = new Set<() => void>();
let watching = false;

/**
 * Keeps a synchronous clean-up for the case that this process ends (or is interrupted) before the orderly one ran.
 * The function returned forgets it again.
 */
export function asLastResort(cleanUp: () => void): () => void {
  watch();
  undone.add(cleanUp);
  return () => {
    undone.delete(cleanUp);
  };
}

function watch(): void {
  if (watching) return;
  watching = true;
  process.on('exit', cleanUpAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const onSignal = (): void => {
      cleanUpAll();
      process.off(signal, onSignal);
      // whoever else listens decides how to end; if nobody does, the signal does what it would have done without us
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
}

function cleanUpAll(): void {
  for (const cleanUp of undone) {
    undone.delete(cleanUp);
    cleanUp();
  }
}
