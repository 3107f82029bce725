import type { FactName, JudgedFacts } from '../facts/facts.ts';

/** The facts that a derivation goes by, as a rule names its own. */
interface GoesBy<Needs extends FactName, Wants extends FactName> {
  readonly needs: readonly Needs[];
  readonly wants: readonly Wants[];
}

/** What it receives of them. */
export type SeenBy<By extends GoesBy<FactName, FactName>> = JudgedFacts<By['needs'][number], By['wants'][number]>;

/**
 * A derivation that several rules ask for: like a rule it names the facts that it goes by, and receives each of `needs` as a
 * value and each of `wants` as an `Observed`. It is computed once for the same facts, whatever object a rule hands them over
 * in: what counts is the identity of each, and a fact never changes. Where one of them is another object it is computed
 * again. What was yielded goes when the facts do.
 */
export function derived<const Needs extends FactName, const Wants extends FactName, Yielded>(
  { needs, wants }: GoesBy<Needs, Wants>,
  derive: (facts: JudgedFacts<Needs, Wants>) => Yielded,
): (facts: JudgedFacts<Needs, Wants>) => Yielded {
  const names = [...needs, ...wants];
  const kept = new Kept<Yielded>();
  return (facts) => {
    const place = names.reduce((before, name) => before.of(facts[name]), kept);
    place.yielded ??= { it: derive(facts) };
    return place.yielded.it;
  };
}

/** What is kept for the facts that led here, and the ways on by the next one. */
class Kept<Yielded> {
  yielded: { readonly it: Yielded } | undefined;
  readonly #next = new WeakMap<object, Kept<Yielded>>();

  of(fact: object): Kept<Yielded> {
    const known = this.#next.get(fact) ?? new Kept<Yielded>();
    this.#next.set(fact, known);
    return known;
  }
}
