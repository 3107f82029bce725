import type { Surroundings } from './check.ts';
import type { Facts } from '../facts/facts.ts';
import { Limit } from '../servers/time-limit.ts';

/** What shows that a server was started or stopped during the look that brought these facts (src/checks/moved-on.ts). */
export type MovedOn = (facts: Partial<Facts>, surroundings: Surroundings, began: Date) => Promise<string | undefined>;

/**
 * Looks again where a server was started or stopped meanwhile: facts of before and of after make up a fault that was never
 * there. What the next look finds again is no passing state, and counts.
 */
export async function lookAtRest(
  look: () => Promise<Partial<Facts>>,
  surroundings: Surroundings,
  movedOn: MovedOn,
): Promise<Partial<Facts>> {
  const { signal, host, timeoutMs, subject } = surroundings;
  // what has been read from standard input is gone
  const isOnce = subject.command === 'postmortem' && subject.logs.includes('-');
  let before: string | undefined;
  for (const pauseMs of pausesMs) {
    const since = performance.now();
    const began = host.now();
    const facts = await look();
    if (isOnce || signal.aborted || performance.now() - since > timeoutMs) return facts;
    const state = await movedOn(facts, surroundings, began);
    if (state === undefined || state === before) return facts;
    before = state;
    await new Limit(pauseMs, signal).passed();
    if (signal.aborted) return facts;
  }
  return look();
}

/** A server is down for a second or two as it is restarted. */
const pausesMs = [500, 1_000];
