import { once } from '../postgres/once.ts';
import type { CatalogueEntry } from '../postgres/messages/catalogue.ts';
import type { Answer } from './answer.ts';
import type { Tool } from './tools.ts';
import { answersAboutAccess } from './answers/access.ts';
import { answersAboutArchives } from './answers/archives.ts';
import { answersAboutBackups } from './answers/backups.ts';
import { answersAboutConfiguration } from './answers/configuration.ts';
import { answersAboutContainers } from './answers/containers.ts';
import { answersAboutCourse } from './answers/course.ts';
import { answersAboutFiles } from './answers/files.ts';
import { answersAboutNetwork } from './answers/network.ts';
import { answersAboutPatroni } from './answers/patroni.ts';
import { answersAboutPgBackRest } from './answers/pgbackrest.ts';
import { answersAboutPoolers } from './answers/poolers.ts';
import { answersAboutRecovery } from './answers/recovery.ts';
import { answersAboutRepmgr } from './answers/repmgr.ts';
import { answersAboutSlots } from './answers/slots.ts';
import { answersAboutStandbys } from './answers/standby.ts';
import { answersAboutStart } from './answers/start.ts';
import { answersAboutSystem } from './answers/system.ts';
import { answersAboutTimelines } from './answers/timelines.ts';
import { answersAboutTls } from './answers/tls.ts';
import { answersAboutWal } from './answers/wal.ts';

/** What there is to say, by message. */
export interface Answers {
  /** `context`: the message with all that belongs to it. */
  readonly of: (entry: CatalogueEntry, context: string, tools: ReadonlySet<Tool>) => Answer | undefined;
  /** `form`: which of the answer's wordings, the most telling being 0. */
  readonly withWords: readonly { readonly says: string; readonly answer: Answer; readonly form: number }[];
}

const all: readonly Answer[] = [
  ...answersAboutAccess,
  ...answersAboutNetwork,
  ...answersAboutTls,
  ...answersAboutWal,
  ...answersAboutSlots,
  ...answersAboutTimelines,
  ...answersAboutBackups,
  ...answersAboutStart,
  ...answersAboutRecovery,
  ...answersAboutConfiguration,
  ...answersAboutFiles,
  ...answersAboutCourse,
  ...answersAboutStandbys,
  ...answersAboutPatroni,
  ...answersAboutRepmgr,
  ...answersAboutPgBackRest,
  ...answersAboutArchives,
  ...answersAboutPoolers,
  ...answersAboutContainers,
  ...answersAboutSystem,
];

const byMessage = once(() => {
  const found = new Map<string, readonly Answer[]>();
  for (const answer of all) for (const id of answer.of ?? []) found.set(id, [...(found.get(id) ?? []), answer]);
  return found;
});

export const answers: Answers = {
  of(entry, context, tools) {
    const candidates = (byMessage().get(entry.id) ?? byMessage().get(entry.variantOf ?? entry.id) ?? []).filter(
      ({ when, tool }) => when?.test(context) !== false && (tool === undefined || tools.has(tool)),
    );
    return (
      candidates.find(({ tool }) => tool !== undefined) ??
      candidates.find(({ when }) => when !== undefined) ??
      candidates[0]
    );
  },
  get withWords() {
    return all.flatMap((answer) =>
      answer.when === undefined ? (answer.says ?? []).map((says, form) => ({ says, answer, form })) : [],
    );
  },
};
