import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';

/** The value of a fact that may not have been looked for. */
export const seenOf = <T>(fact: Observed<T> | undefined): T | undefined =>
  fact === undefined ? undefined : ifSeen(fact);
