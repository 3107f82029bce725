import type { AnyCheck, Surroundings } from './check.ts';
import type { Checked } from './internal-facts.ts';

interface Look {
  readonly at: number;
  readonly by: readonly unknown[];
  readonly signal: AbortSignal;
  readonly found: Promise<Partial<Checked>>;
}

const looks = new Map<AnyCheck, Look[]>();

/**
 * What a check brings; where another examination of this process looks at the same thing, that is found out once. None takes
 * over a look that was made before it began itself, and none one that was stopped, or has failed, for whoever made it.
 */
export async function lookTogether(
  check: AnyCheck,
  facts: Partial<Checked>,
  surroundings: Surroundings,
): Promise<Partial<Checked>> {
  const { host, signal } = surroundings;
  const by = host.lookBegan === undefined ? undefined : await check.goesBy?.(facts, surroundings);
  if (by === undefined) return check.look(facts, surroundings);
  const now = performance.now();
  const known = (looks.get(check) ?? []).filter(({ at }) => at > now - longestMs);
  const began = host.lookBegan?.() ?? now;
  const other = known.find((one) => one.at >= began && isSame(one.by, by) && !one.signal.aborted);
  if (other !== undefined) {
    const found = await other.found.catch(() => undefined);
    return found === undefined || other.signal.aborted ? check.look(facts, surroundings) : found;
  }
  const found = check.look(facts, surroundings);
  const own = { at: now, by, signal, found };
  looks.set(check, [...known.slice(1 - most), own]);
  const forget = (): void => forgotten(check, own);
  setTimeout(forget, longestMs).unref();
  return found;
}

/** One that began earlier than that, and comes only now, looks itself. */
const longestMs = 2_000;
const most = 64;

function forgotten(check: AnyCheck, look: Look): void {
  const left = (looks.get(check) ?? []).filter((one) => one !== look);
  if (left.length === 0) looks.delete(check);
  else looks.set(check, left);
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((part, at) => part === other[at]);
