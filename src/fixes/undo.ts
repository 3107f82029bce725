import { accountOf } from '../checks/server-account.ts';
import type { Side } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import { undoEdit } from './edit.ts';
import { journalLine } from './journal.ts';
import type { JournalSink, JournalUndo } from './journal.ts';
import type { SqlReach, StepResult } from './reach.ts';
import { shell } from '../remedies/remedy.ts';
import { runInShell } from './run-in-shell.ts';
import { runSql } from './run-sql.ts';
import type { UndoItem } from './undo-plan.ts';

export interface UndoOptions {
  /** Of this machine, or of the place that an item names; a word where that cannot be reached. */
  readonly host: (item: UndoItem) => Promise<Host | string>;
  readonly sql: (on: Side) => SqlReach;
  readonly journal: JournalSink;
  readonly ask: (item: UndoItem) => Promise<boolean>;
  readonly told: (item: UndoItem, result: StepResult | undefined) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Whether all that can be taken back was. */
export type Undone = 'all' | 'not-all' | 'interrupted';

/**
 * Takes steps back one after another, and writes into the journal what it does, so that nothing is taken back twice. One that
 * cannot be taken back does not keep the others from it.
 */
export async function undoSteps(items: readonly UndoItem[], options: UndoOptions): Promise<Undone> {
  let all = true;
  try {
    for (const item of items) {
      options.signal.throwIfAborted();
      if (item.way.kind === 'none') {
        await options.told(item, undefined);
        continue;
      }
      if (!(await options.ask(item))) {
        all = false;
        continue;
      }
      const result = await takeBack(item, options);
      all &&= result.ok;
      await options.told(item, result);
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
    return 'interrupted';
  }
  return all ? 'all' : 'not-all';
}

async function takeBack(item: UndoItem, options: UndoOptions): Promise<StepResult> {
  const write = async (event: JournalUndo['event'], output: string): Promise<void> =>
    options.journal.append(journalLine({ event, number: item.number, at: new Date().toISOString(), output }));
  await write('undo', '');
  const result = await wentBack(item, options);
  await write(result.ok ? 'undone' : 'not-undone', result.output);
  return result;
}

/** It had not happened, or was taken back already. */
const asBefore = 'it is as it was before';
const dropping = /^(?:SELECT pg_drop_replication_slot\(|DROP )/u;

async function wentBack(item: UndoItem, { host: hostOf, sql }: UndoOptions): Promise<StepResult> {
  const { way, on } = item;
  if (way.kind === 'none') return { ok: true, output: way.because };
  if (way.kind === 'sql') {
    const reach = sql(on);
    if (!reach.open) return { ok: false, output: reach.because };
    const result = await runSql(reach, way.text);
    return result.absent === true && dropping.test(way.text) ? { ok: true, output: asBefore } : result;
  }
  const host = await hostOf(item);
  if (typeof host === 'string') return { ok: false, output: host };
  switch (way.kind) {
    case 'shell': {
      const { uid, gid, name } = way.user;
      if (host.account.uid !== uid && host.account.uid !== 0)
        return { ok: false, output: `it was done as ${name}, but standbylint runs as ${host.account.name}` };
      const user = await accountOf(host, uid, gid);
      const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: user.home === '' ? '/' : user.home };
      const its = { host, directory: '/', user, environment };
      if (way.before !== undefined && (await runInShell(its, shell(on, way.before, 'run'))).ok)
        return { ok: true, output: asBefore };
      return runInShell(its, shell(on, way.text, 'put-back'));
    }
    case 'edit': {
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '');
      const editedAs = `${way.edit.file}.undone-${stamp}`;
      const undone = await undoEdit(host, way.edit, { editedAs, unsure: item.unsure });
      if (!undone.ok) return { ok: false, output: undone.problem.message };
      return { ok: true, output: undone.value === 'as before' ? asBefore : (undone.value.notKept ?? '') };
    }
  }
}
