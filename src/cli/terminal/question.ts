/** Asks on the terminal; only y and yes say yes, and the end of the input says no. An interrupt ends it with the signal's reason thrown. */
export async function askYesOrNo(question: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  // of an input that has ended already nothing more is heard
  if (process.stdin.readableEnded || process.stdin.destroyed) return false;
  const { createInterface } = await import('node:readline/promises');
  // not as a terminal: then Ctrl-C is readline's, and no signal
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    if (answer === undefined) process.stderr.write('\n');
    return /^\s*y(?:es)?\s*$/iu.test(answer ?? '');
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('\n');
    throw signal.reason;
  } finally {
    lines.close();
  }
}
