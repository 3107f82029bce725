import type { Observed, Unseen } from '../facts/observed.ts';
import type { Policy } from '../findings/policy.ts';
import type { Host } from '../hosts/host.ts';
import { TimedOut } from '../servers/time-limit.ts';
import type { Checked, CheckedName, CheckedTypes } from './internal-facts.ts';
import type { KeptSession } from './kept-session.ts';
import type { Subject } from './subject.ts';

/** What every check is given beside the facts that it declares. */
export interface Surroundings {
  readonly subject: Subject;
  readonly host: Host;
  /** Each look at the outside world ends within this. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Is given what only has to be over when the look ends, such as the good-bye to a server. */
  readonly afterwards?: (end: Promise<void>) => void;
  /** The session over --admin, which is kept for the whole look; absent: each question has its own. */
  readonly kept?: KeptSession;
  /** What the configuration says of judging; absent where there is none. */
  readonly policy?: Policy | undefined;
}

/**
 * A look at one thing: it brings back typed facts and never judges. It may bring several facts that come from the same
 * look (one login, one query), each `seen` or `unseen` for itself. It waits for the facts in `after` and receives them,
 * seen or not.
 */
export interface Check<Brings extends CheckedName, After extends CheckedName> {
  readonly brings: readonly Brings[];
  readonly after: readonly After[];
  /** How long it may take is for the user to say, who gave it much to read: it ends by itself when it gets no further. */
  readonly endsByItself?: true;
  /** A server must answer, or one is waited for: it begins at once, before those that read files meanwhile. */
  readonly asksServer?: true;
  /**
   * All that it goes by beside the machine, each a text or an object that is the same one: what looks that go on side by side
   * are told by such a check they find out once. Undefined: this one is not like any other.
   */
  goesBy?(facts: Pick<Checked, After>, surroundings: Surroundings): Promise<readonly unknown[] | undefined>;
  look(
    facts: Pick<Checked, After>,
    surroundings: Surroundings,
  ): Promise<{ readonly [Name in Brings]: Observed<CheckedTypes[Name]> }>;
}

export interface AnyCheck {
  readonly brings: readonly CheckedName[];
  readonly after: readonly CheckedName[];
  readonly endsByItself?: true;
  readonly asksServer?: true;
  goesBy?(facts: Partial<Checked>, surroundings: Surroundings): Promise<readonly unknown[] | undefined>;
  look(facts: Partial<Checked>, surroundings: Surroundings): Promise<Partial<Checked>>;
}

export const defineCheck = <const Brings extends CheckedName, const After extends CheckedName = never>(
  check: Check<Brings, After>,
): Check<Brings, After> => check;

/** Why a look that failed has seen nothing. */
export function whyStopped(error: unknown, of: readonly CheckedName[]): Unseen {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TimedOut) return { kind: 'timed-out', because: `${message} (${of.join(', ')})` };
  // hosts/host.ts: the examined machine was not to be reached, and that is no finding about it
  if (error instanceof Error && error.name === 'NoWay') return { kind: 'connection', because: message };
  return { kind: 'tool', because: `an internal error of standbylint stopped a check (${of.join(', ')}): ${message}` };
}
