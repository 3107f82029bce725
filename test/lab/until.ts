import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the probe gives something, and says what was waited for when it never does. A probe that throws has given nothing yet. */
export async function until<T>(what: string, probe: () => Promise<T | null>, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let problem: unknown = null;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== null) return answer;
      problem = null;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`After ${timeoutMs} ms still waiting: ${what}`, problem === null ? {} : { cause: problem });
    }
    await pause(50);
  }
}
