import type { FactName, Facts } from '../facts/facts.ts';
import type { ExaminedPlace } from '../facts/machine.ts';
import { unseen } from '../facts/observed.ts';
import type { Unseen } from '../facts/observed.ts';
import type { Policy } from '../findings/policy.ts';

/** What was seen of a standby or of a copy that is to be made: all that a report is made of, and where it comes from. */
export interface Recording {
  /** The version of standbylint that collected it. */
  readonly tool: string;
  readonly subject: RecordedSubject;
  readonly startedAt: Date;
  readonly elapsedMs: number;
  /** The name of the machine on which it was collected. */
  readonly machine: string;
  readonly place: ExaminedPlace | undefined;
  /** Names, addresses and paths are replaced. */
  readonly redacted: boolean;
  readonly facts: Partial<Facts>;
  /** What the configuration said of judging, where it was collected. */
  readonly policy?: Policy | undefined;
}

export type RecordedSubject =
  | { readonly command: 'preflight' | 'clone' }
  | { readonly command: 'postmortem'; readonly dataDirectory: string; readonly configFile?: string | undefined };

/** Why some facts were not collected. */
export interface NotCollected extends Pick<Unseen, 'because' | 'remedy'> {
  readonly facts: readonly string[];
}

/** What was not collected, the same reason once. */
export function notCollected(facts: Partial<Facts>): readonly NotCollected[] {
  const byReason = new Map<string, NotCollected>();
  for (const [name, fact] of Object.entries(facts)) {
    if (fact.status !== 'unseen') continue;
    const { because, remedy } = fact.why;
    const before = byReason.get(because);
    byReason.set(because, {
      because,
      ...(remedy === undefined ? {} : { remedy }),
      facts: [...(before?.facts ?? []), name],
    });
  }
  return [...byReason.values()];
}

/** The facts with those that the release which collected them did not know, as facts that nobody has looked at. */
export function withLaterFacts({ facts, tool }: Recording, needed: readonly FactName[]): Partial<Facts> {
  const later = needed.filter((name) => facts[name] === undefined);
  if (later.length === 0) return facts;
  const why = unseen('version', `standbylint ${tool}, which collected the facts, does not look at it`);
  return { ...Object.fromEntries(later.map((name) => [name, why])), ...facts };
}
