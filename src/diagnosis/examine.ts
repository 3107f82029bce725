import { whyStopped } from '../checks/check.ts';
import type { AnyCheck, Surroundings } from '../checks/check.ts';
import { isInternal } from '../checks/internal-facts.ts';
import type { Checked, CheckedName } from '../checks/internal-facts.ts';
import { KeptSession } from '../checks/kept-session.ts';
import { lookTogether } from '../checks/look-together.ts';
import { letOthersRun } from '../checks/letting-others-run.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import type { Unseen } from '../facts/observed.ts';
import type { AnyRule } from '../rules/rule.ts';

/** What rules ask for. */
export type Asking = Pick<AnyRule, 'needs' | 'wants'>;

/**
 * What the rules of every command ask for, and what takes longest: servers are on their way to the first answer of these
 * while the rules are read.
 */
export const askedFirst = ['replicationLogin', 'runningStandby'] as const satisfies readonly FactName[];

/**
 * Runs the checks that the chosen rules need: each once, as soon as the checks that it waits for are done, all others
 * side by side. A check that throws or that does not come back leaves its facts `unseen`, and nothing else. What is
 * internal to the checks stays here.
 */
export async function examine(
  rules: readonly Asking[] | (() => Promise<readonly Asking[]>),
  checks: readonly AnyCheck[],
  surroundings: Surroundings,
): Promise<Partial<Facts>> {
  const bringing = new Map(checks.flatMap((check) => check.brings.map((name) => [name, check] as const)));
  const started = new Map<AnyCheck, Promise<Partial<Checked>>>();
  const ends: Promise<void>[] = [];
  const kept = new KeptSession();
  const around = { ...surroundings, kept, afterwards: (end: Promise<void>) => void ends.push(end) };

  const factOf = async (name: CheckedName): Promise<Partial<Checked>> => {
    const check = bringing.get(name);
    if (check === undefined) throw new Error(`no check brings the fact ${name}`);
    const running = started.get(check) ?? look(check);
    started.set(check, running);
    return running;
  };

  const look = async (check: AnyCheck): Promise<Partial<Checked>> => {
    const before = merged(await Promise.all(check.after.map(factOf)));
    const asked: Partial<Checked> = Object.fromEntries(check.after.map((name) => [name, before[name]]));
    if (check.asksServer !== true) await turns.next();
    return bounded(check, asked, around);
  };

  const whileServersBegin = async (read: () => Promise<readonly Asking[]>): Promise<readonly Asking[]> => {
    for (const name of askedFirst) void factOf(name);
    await turns.next();
    return read();
  };

  const turns = new Turns();
  const collected = async (): Promise<Partial<Checked>> => {
    const chosen = typeof rules === 'function' ? await whileServersBegin(rules) : rules;
    const asked = new Set<CheckedName>(chosen.flatMap((rule) => [...rule.needs, ...(rule.wants ?? [])]));
    const names = checks.flatMap(({ brings }) => brings.find((name) => asked.has(name)) ?? []);
    return merged(await Promise.all(names.map(factOf)));
  };
  // whatever ends the look, no session stays open
  const found = await collected().finally(() => {
    kept.end();
  });
  await Promise.all(ends);
  // what is done about it looks at what is there then
  surroundings.host.anew?.();
  return Object.fromEntries(Object.entries(found).filter(([name]) => !isInternal(name)));
}

/** One after another, and between two of them the process looks whether an answer has come. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  async next(): Promise<void> {
    this.#last = this.#last.then(letOthersRun);
    return this.#last;
  }
}

const merged = (parts: readonly Partial<Checked>[]): Partial<Checked> => Object.assign({}, ...parts);

/** A check bounds each of its looks itself; this is the net below, for a look that the system never returns from. */
const looksPerCheck = 6;

async function bounded(
  check: AnyCheck,
  facts: Partial<Checked>,
  surroundings: Surroundings,
): Promise<Partial<Checked>> {
  const limitMs = surroundings.timeoutMs * looksPerCheck;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Partial<Checked>>((resolve) => {
    if (check.endsByItself === true) return;
    const because = `no answer within ${limitMs / 1000} s (${check.brings.join(', ')})`;
    timer = setTimeout(() => resolve(allUnseen(check, { kind: 'timed-out', because })), limitMs);
  });
  try {
    return await Promise.race([lookTogether(check, facts, surroundings), late]);
  } catch (error) {
    return allUnseen(check, whyStopped(error, check.brings));
  } finally {
    clearTimeout(timer);
  }
}

const allUnseen = (check: AnyCheck, why: Unseen): Partial<Checked> =>
  Object.fromEntries(check.brings.map((name) => [name, { status: 'unseen', why }]));
