import { once } from '../postgres/once.ts';
import type { CatalogueEntry } from '../postgres/messages/catalogue.ts';
import type { Answer } from './answer.ts';
import { answersAboutAccess } from './answers/access.ts';
import { answersAboutBackups } from './answers/backups.ts';
import { answersAboutNetwork } from './answers/network.ts';
import { answersAboutStandbys } from './answers/standby.ts';
import { answersAboutStart } from './answers/start.ts';
import { answersAboutTools } from './answers/tools.ts';
import { answersAboutWal } from './answers/wal.ts';

/** What there is to say, by message. */
export interface Answers {
  /** `context`: the message with all that belongs to it. */
  readonly of: (entry: CatalogueEntry, context: string) => Answer | undefined;
  readonly withWords: readonly { readonly says: string; readonly answer: Answer }[];
}

const all: readonly Answer[] = [
  ...answersAboutAccess,
  ...answersAboutNetwork,
  ...answersAboutWal,
  ...answersAboutBackups,
  ...answersAboutStart,
  ...answersAboutStandbys,
  ...answersAboutTools,
];

const byMessage = once(() => {
  const found = new Map<string, readonly Answer[]>();
  for (const answer of all) for (const id of answer.of ?? []) found.set(id, [...(found.get(id) ?? []), answer]);
  return found;
});

export const answers: Answers = {
  of(entry, context) {
    const candidates = byMessage().get(entry.id) ?? byMessage().get(entry.variantOf ?? entry.id) ?? [];
    return candidates.find(({ when }) => when?.test(context)) ?? candidates.find(({ when }) => when === undefined);
  },
  get withWords() {
    return all.flatMap((answer) =>
      answer.when === undefined ? (answer.says ?? []).map((says) => ({ says, answer })) : [],
    );
  },
};
