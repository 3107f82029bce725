import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';

import schema from '../../schemas/journal.json' with { type: 'json' };
import { placeIn } from '../hosts/place.ts';
import { once } from '../postgres/once.ts';
import type { JournalEntry, JournalHead, JournalOutcome, JournalStep, JournalUndo } from './journal.ts';

/** A step of a journal, with what became of it. */
export interface JournalledStep extends JournalStep {
  /** unknown: the process ended while it was taken. */
  readonly outcome: 'done' | 'failed' | 'unknown';
  /** taken-back: an undo succeeded; tried: it was begun, or did not succeed. */
  readonly undo: 'open' | 'taken-back' | 'tried';
}

export interface Journal {
  readonly head: JournalHead;
  readonly steps: readonly JournalledStep[];
  /** False: the run was killed, or is not over. */
  readonly ended: boolean;
}

export type ReadJournal =
  | { readonly ok: true; readonly journal: Journal }
  | { readonly ok: false; readonly line: number; readonly because: string };

/**
 * Reads a journal as something that may not be one: each line is a known entry with all its fields and no others, and the
 * entries follow each other as they are written. A last line without its line feed was cut off by the end of the process,
 * and counts as not written.
 */
export function readJournal(text: string): ReadJournal {
  const whole = text.endsWith('\n') ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').slice(0, -1);
  let head: JournalHead | undefined;
  let ended = false;
  const steps = new Map<number, JournalledStep>();
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(line);
    const wrong = (because: string): ReadJournal => ({ ok: false, line: index + 1, because });
    if (entry === undefined) return wrong('it is not a journal entry of this release');
    if (entry.event === 'fix') {
      if (index > 0) return wrong('a second journal starts here');
      head = entry;
      continue;
    }
    if (head === undefined) return wrong('it does not start like a journal');
    if (entry.event === 'end') {
      if (ended) return wrong('it ends twice');
      ended = true;
      continue;
    }
    if (entry.event === 'step') {
      if (ended) return wrong(`step ${entry.number} comes after the end`);
      if (entry.number !== steps.size + 1) return wrong(`step ${entry.number} is out of order`);
      steps.set(entry.number, { ...entry, outcome: 'unknown', undo: 'open' });
      continue;
    }
    const step = steps.get(entry.number);
    if (step === undefined) return wrong(`it refers to step ${entry.number}, which does not exist`);
    steps.set(entry.number, after(step, entry));
  }
  if (head === undefined) return { ok: false, line: 1, because: 'it does not start like a journal' };
  return { ok: true, journal: { head, steps: [...steps.values()], ended } };
}

function after(step: JournalledStep, entry: JournalOutcome | JournalUndo): JournalledStep {
  switch (entry.event) {
    case 'outcome':
      return { ...step, outcome: entry.outcome };
    case 'undone':
      return { ...step, undo: 'taken-back' };
    case 'undo':
    case 'not-undone':
      return { ...step, undo: 'tried' };
  }
}

function entryOf(line: string): JournalEntry | undefined {
  const value = parsed(line);
  const isEntry = validators().get(eventOf(value));
  if (isEntry === undefined || !isEntry(value)) return undefined;
  return value.event === 'step' && value.place !== undefined && placeIn(value.place) === undefined ? undefined : value;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const eventOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'event' in value ? value.event : undefined;

/** One for each event. */
const validators = once(() => {
  // a step of an earlier release does not say what it does; a default within the alternatives of the whole is not used
  const ajv = new Ajv2020({ useDefaults: true, strictSchema: false }).addSchema(schema);
  return new Map<unknown, ValidateFunction<JournalEntry> | undefined>(
    Object.keys(schema.$defs).map((event) => [event, ajv.getSchema<JournalEntry>(`${schema.$id}#/$defs/${event}`)]),
  );
});
