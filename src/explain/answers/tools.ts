import type { Answer } from '../answer.ts';

/** What the programs around PostgreSQL say. */
export const answersAboutTools: readonly Answer[] = [];
