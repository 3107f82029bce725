import type { Candidate } from '../answer.ts';
import type { Symptom } from '../symptoms/symptom.ts';
import type { Account } from './account.ts';
import type { Fact } from './words.ts';

/** One of several facts, where people say it in several ways. */
export type Needed = Fact | readonly Fact[];

/** A cause that some facts speak for, and others against. */
export interface PossibleCause extends Candidate {
  readonly given?: Needed;
  readonly notGiven?: Needed;
}

/** What a set of facts means, in whatever words and sentences they are told. */
export interface Situation extends Omit<Symptom, 'all' | 'beside' | 'causes'> {
  readonly facts: readonly Needed[];
  /** Words that no fact has: all of them somewhere in the text. */
  readonly words?: RegExp;
  /** It is something else, then. */
  readonly unless?: readonly Fact[];
  readonly unlessWords?: RegExp;
  readonly causes: readonly PossibleCause[];
}

export const isNeeded = (needed: Needed, { has }: Account): boolean => [needed].flat().some((fact) => has(fact));

/** What explains the most of an account; of equals the first. */
export function situationOf(situations: readonly Situation[], account: Account, text: string): Situation | undefined {
  const weight = ({ facts, words }: Situation): number => facts.length + (words === undefined ? 0 : 1);
  return situations
    .filter(
      ({ facts, words, unless = [], unlessWords }) =>
        facts.every((needed) => isNeeded(needed, account)) &&
        words?.test(text) !== false &&
        unlessWords?.test(text) !== true &&
        !unless.some((fact) => account.has(fact)),
    )
    .toSorted((a, b) => weight(b) - weight(a))[0];
}

/** What the account speaks for comes first, what it speaks against last. */
export function causesIn({ causes }: Situation, account: Account): readonly Candidate[] {
  const rank = ({ given, notGiven }: PossibleCause): number => {
    if (given !== undefined && isNeeded(given, account)) return 0;
    if (notGiven !== undefined && isNeeded(notGiven, account)) return 2;
    return given !== undefined && [given].flat().some((fact) => account.denies(fact)) ? 2 : 1;
  };
  return causes.toSorted((a, b) => rank(a) - rank(b));
}
