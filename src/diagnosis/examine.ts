import type { AnyCheck, Surroundings } from '../checks/check.ts';
import { turn } from '../checks/turn.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import { unseen } from '../facts/observed.ts';
import type { AnyRule } from '../rules/rule.ts';

/**
 * Runs the checks that the chosen rules need: each once, as soon as the checks that it waits for are done, all others
 * side by side. A check that throws or that does not come back leaves its facts `unseen`, and nothing else.
 */
export async function examine(
  rules: readonly Pick<AnyRule, 'needs' | 'wants'>[],
  checks: readonly AnyCheck[],
  surroundings: Surroundings,
): Promise<Partial<Facts>> {
  const bringing = new Map(checks.flatMap((check) => check.brings.map((name) => [name, check] as const)));
  const started = new Map<AnyCheck, Promise<Partial<Facts>>>();

  const factOf = async (name: FactName): Promise<Partial<Facts>> => {
    const check = bringing.get(name);
    if (check === undefined) throw new Error(`no check brings the fact ${name}`);
    const running = started.get(check) ?? look(check);
    started.set(check, running);
    return running;
  };

  const look = async (check: AnyCheck): Promise<Partial<Facts>> => {
    const before = merged(await Promise.all(check.after.map(factOf)));
    const asked: Partial<Facts> = Object.fromEntries(check.after.map((name) => [name, before[name]]));
    if (check.asksServer !== true) await turns.next();
    return bounded(check, asked, surroundings);
  };

  const turns = new Turns();
  const asked = new Set(rules.flatMap((rule) => [...rule.needs, ...(rule.wants ?? [])]));
  const names = checks.flatMap(({ brings }) => brings.find((name) => asked.has(name)) ?? []);
  return merged(await Promise.all(names.map(factOf)));
}

/** One after another, and between two of them the process looks whether an answer has come. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  async next(): Promise<void> {
    this.#last = this.#last.then(turn);
    return this.#last;
  }
}

const merged = (parts: readonly Partial<Facts>[]): Partial<Facts> => Object.assign({}, ...parts);

/** A check bounds each of its looks itself; this is the net below, for a look that the system never returns from. */
const looksPerCheck = 6;

async function bounded(check: AnyCheck, facts: Partial<Facts>, surroundings: Surroundings): Promise<Partial<Facts>> {
  const limitMs = surroundings.timeoutMs * looksPerCheck;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Partial<Facts>>((resolve) => {
    if (check.endsByItself === true) return;
    timer = setTimeout(
      () => resolve(allUnseen(check, 'timed-out', `no answer within ${limitMs / 1000} s (${check.brings.join(', ')})`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([check.look(facts, surroundings), late]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // hosts/host.ts: the examined machine was not to be reached, and that is no finding about it
    if (error instanceof Error && error.name === 'NoWay') return allUnseen(check, 'connection', message);
    return allUnseen(
      check,
      'tool',
      `an internal error of standbylint stopped a check (${check.brings.join(', ')}): ${message}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function allUnseen(check: AnyCheck, kind: 'timed-out' | 'connection' | 'tool', because: string): Partial<Facts> {
  return Object.fromEntries(check.brings.map((name) => [name, unseen(kind, because)]));
}
