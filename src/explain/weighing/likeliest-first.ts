import type { Candidate } from '../answer.ts';
import type { Clue } from './clues.ts';

/** What the text has a clue of comes first, what it says is so already comes last; without what needs a clue that it lacks. */
export function likeliestFirst(causes: readonly Candidate[], isTold: (clue: Clue) => boolean): readonly Candidate[] {
  const rank = ({ after, tried }: Candidate): number => {
    if (after !== undefined && isTold(after)) return 0;
    return tried !== undefined && isTold(tried) ? 2 : 1;
  };
  return causes
    .filter(({ after, only }) => only !== true || (after !== undefined && isTold(after)))
    .toSorted((a, b) => rank(a) - rank(b));
}
