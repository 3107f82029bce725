import { kindOf } from '../explanation.ts';
import { isOfApplication, isOfSession } from './of-sessions.ts';
import type { Seen } from '../seen.ts';

/** Causes first, then their consequences, then the course of things; what is over after what is not; the newest first among equals. */
export function ranked(seen: readonly Seen[]): readonly Seen[] {
  const sorted = seen.toSorted(
    (a, b) => placeOf(a) - placeOf(b) || mattersOf(b) - mattersOf(a) || b.position - a.position,
  );
  // the ordinary life of a server is told only where there is nothing else
  const told = sorted.filter((one) => kindOf(one) !== 'course');
  return told.length > 0 ? told : sorted;
}

const placeOf = (seen: Seen): number => order[kindOf(seen)] + (seen.over ? 3 : 0) + (isOfApplication(seen) ? 1.5 : 0);

const order = { cause: 0, consequence: 1, course: 2 } as const;

const mattersOf = (seen: Seen): number =>
  (seen.answer?.matters ?? seen.recognition?.entry.matters ?? 4) -
  (seen.partial ? 2 : 0) -
  (isReason(seen.recognition) ? 0.5 : 0) -
  (isOfSession(seen) ? 1.5 : 0);

/** The system's words alone, where a message has them too and says of what. */
const isReason = (recognition: Seen['recognition']): boolean =>
  recognition?.entry.file.startsWith('(strerror') === true;
