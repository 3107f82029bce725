/** Asks on the terminal; only y and yes say yes. An interrupt ends it with the signal's reason thrown. */
export async function askYesOrNo(question: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  process.stderr.write(`${question} [y/N] `);
  const input = process.stdin;
  input.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const stop = (): void => {
      input.off('data', take);
      input.off('end', ended);
      signal.removeEventListener('abort', interrupted);
      input.pause();
    };
    const interrupted = (): void => {
      stop();
      process.stderr.write('\n');
      reject(signal.reason);
    };
    const ended = (): void => {
      stop();
      process.stderr.write('\n');
      resolve(false);
    };
    const take = (chunk: string): void => {
      typed += chunk;
      if (!typed.includes('\n')) return;
      stop();
      resolve(/^\s*y(?:es)?\s*$/iu.test(typed.split('\n')[0] ?? ''));
    };
    signal.addEventListener('abort', interrupted, { once: true });
    input.on('data', take);
    input.on('end', ended);
    input.resume();
  });
}
