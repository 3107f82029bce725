import type { Facts, FactName, FactTypes } from '../facts/facts.ts';
import type { Observed } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import type { Subject } from './subject.ts';

/** What every check is given beside the facts that it declares. */
export interface Surroundings {
  readonly subject: Subject;
  readonly host: Host;
  /** Each look at the outside world ends within this. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/**
 * A look at one thing: it brings back typed facts and never judges. It may bring several facts that come from the same
 * look (one login, one query), each `seen` or `unseen` for itself. It waits for the facts in `after` and receives them,
 * seen or not.
 */
export interface Check<Brings extends FactName, After extends FactName> {
  readonly brings: readonly Brings[];
  readonly after: readonly After[];
  /** How long it may take is for the user to say, who gave it much to read: it ends by itself when it gets no further. */
  readonly endsByItself?: true;
  /** A server must answer: it begins at once, before those that read files, which go on while it waits. */
  readonly asksServer?: true;
  look(
    facts: Pick<Facts, After>,
    surroundings: Surroundings,
  ): Promise<{ readonly [Name in Brings]: Observed<FactTypes[Name]> }>;
}

export interface AnyCheck {
  readonly brings: readonly FactName[];
  readonly after: readonly FactName[];
  readonly endsByItself?: true;
  readonly asksServer?: true;
  look(facts: Partial<Facts>, surroundings: Surroundings): Promise<Partial<Facts>>;
}

export const defineCheck = <const Brings extends FactName, const After extends FactName = never>(
  check: Check<Brings, After>,
): Check<Brings, After> => check;
