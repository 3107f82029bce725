import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { readJournal } from '../../fixes/read-journal.ts';
import type { Journal } from '../../fixes/read-journal.ts';
import { undoPlan } from '../../fixes/undo-plan.ts';
import { counted } from '../../report/layout.ts';
import { printable } from '../../report/printable.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { journalText } from './journal-file.ts';
import { UsageError } from '../usage-error.ts';

/**
 * What runs of --fix left that were killed, one sentence each: their journals, where this one will be written, have no end. A
 * run of which all was taken back meanwhile is no news.
 */
export async function killedRuns(givenJournal: string | undefined): Promise<readonly string[]> {
  const folder = dirname(resolve(givenJournal ?? 'x'));
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith('.jsonl'))
      .toSorted()
      .map(async (name) => toldOf(join(folder, name))),
  );
  return found.flatMap((one) => one ?? []);
}

async function toldOf(path: string): Promise<string | undefined> {
  const journal = await journalAt(path);
  if (journal === undefined || journal.ended || undoPlan(journal).length === 0) return undefined;
  const { steps } = journal;
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const course =
    last.outcome === 'unknown'
      ? `was killed during step ${last.number} (${last.rule}), which may or may not have been done`
      : `was killed after step ${last.number} (${last.rule})`;
  return `An earlier run of --fix, of ${journal.head.at.slice(0, 19)}Z, ${course}; if it still runs, wait for its end. What it did is examined again now. To undo its ${counted(steps.length, 'step')} instead: standbylint undo ${printable(shellWord(path))}`;
}

/** Anything may have such a name: only what --fix wrote, and nobody else could have, is read. */
async function journalAt(path: string): Promise<Journal | undefined> {
  try {
    const read = readJournal((await journalText(path)).text);
    return read.ok ? read.journal : undefined;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
