import { stepActions } from '../findings/report.ts';
import type { FileEdit, LineChange, Side, Step } from '../findings/report.ts';
import { placeIn } from '../hosts/place.ts';

/** Where the lines of a journal go: each is on the disk before the promise is kept. */
export interface JournalSink {
  readonly path: string;
  append(line: string): Promise<void>;
}

/** The first line of a journal. */
export interface JournalHead {
  readonly event: 'fix';
  readonly version: 1;
  readonly tool: string;
  readonly command: 'preflight' | 'postmortem';
  readonly at: string;
  /** -D of a post-mortem, with its place. */
  readonly dataDirectory: string | null;
  readonly primary: string | null;
}

/** Written before a step is taken: what will be done, as whom, and by `step.undo` and `step.edit` how it is taken back. */
export interface JournalStep {
  readonly event: 'step';
  readonly number: number;
  readonly at: string;
  readonly rule: string;
  readonly step: Step;
  /** Who takes a shell step; null for SQL. */
  readonly user: JournalUser | null;
  /** Where a shell step is taken, as -D names it: `docker:NAME:/DIRECTORY`; without one, on this machine. */
  readonly place?: string;
}

export interface JournalUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

/** Written after it: a step without such a line may or may not have happened. */
export interface JournalOutcome {
  readonly event: 'outcome';
  readonly number: number;
  readonly at: string;
  /** unknown: the way there broke off while it was taken. */
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly output: string;
}

/** Written when the run has come to its end, whatever that is: a journal without it is of one that was killed, or that still runs. */
export interface JournalEnd {
  readonly event: 'end';
  readonly at: string;
  readonly end: 'finished' | 'failed' | 'stopped' | 'interrupted';
}

/** Written by `undo`, before and after it takes a step back. */
export interface JournalUndo {
  readonly event: 'undo' | 'undone' | 'not-undone';
  readonly number: number;
  readonly at: string;
  readonly output: string;
}

export type JournalEntry = JournalHead | JournalStep | JournalOutcome | JournalEnd | JournalUndo;

export const journalLine = (entry: JournalEntry): string => `${JSON.stringify(entry)}\n`;

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
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { event, number, at } = value;
  if (typeof at !== 'string') return undefined;
  if (event === 'fix') return headOf(value, at);
  if (event === 'end') {
    const end = ends.find((one) => one === value['end']);
    return end !== undefined && hasOnly(value, ['event', 'at', 'end']) ? { event, at, end } : undefined;
  }
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) return undefined;
  if (event === 'step') return stepEntryOf(value, number, at);
  const { output, outcome } = value;
  if (typeof output !== 'string') return undefined;
  if (event === 'outcome')
    return (outcome === 'done' || outcome === 'failed' || outcome === 'unknown') &&
      hasOnly(value, ['event', 'number', 'at', 'outcome', 'output'])
      ? { event, number, at, outcome, output }
      : undefined;
  return (event === 'undo' || event === 'undone' || event === 'not-undone') &&
    hasOnly(value, ['event', 'number', 'at', 'output'])
    ? { event, number, at, output }
    : undefined;
}

const ends = ['finished', 'failed', 'stopped', 'interrupted'] as const;

function headOf(value: Readonly<Record<string, unknown>>, at: string): JournalHead | undefined {
  const { version, tool, command, dataDirectory, primary } = value;
  const known = ['event', 'version', 'tool', 'command', 'at', 'dataDirectory', 'primary'];
  if (version !== 1 || typeof tool !== 'string' || !hasOnly(value, known)) return undefined;
  if (command !== 'preflight' && command !== 'postmortem') return undefined;
  if (!isTextOrNull(dataDirectory) || !isTextOrNull(primary)) return undefined;
  return { event: 'fix', version, tool, command, at, dataDirectory, primary };
}

function stepEntryOf(value: Readonly<Record<string, unknown>>, number: number, at: string): JournalStep | undefined {
  const { rule, step, user, place } = value;
  const read = stepOf(step);
  const who = userOf(user);
  if (typeof rule !== 'string' || read === undefined || who === undefined) return undefined;
  if (!hasOnly(value, ['event', 'number', 'at', 'rule', 'step', 'user', 'place'])) return undefined;
  if (!(place === undefined || (typeof place === 'string' && placeIn(place) !== undefined))) return undefined;
  return { event: 'step', number, at, rule, step: read, user: who, ...(place === undefined ? {} : { place }) };
}

function userOf(value: unknown): JournalUser | null | undefined {
  if (value === null) return null;
  if (!isRecord(value) || !hasOnly(value, ['uid', 'gid', 'name', 'home'])) return undefined;
  const { uid, gid, name, home } = value;
  if (!isCount(uid) || !isCount(gid) || typeof name !== 'string' || typeof home !== 'string') return undefined;
  return { uid, gid, name, home };
}

function stepOf(value: unknown): Step | undefined {
  if (
    !isRecord(value) ||
    !hasOnly(value, ['on', 'kind', 'does', 'text', 'paths', 'role', 'asksPassword', 'edit', 'undo'])
  )
    return undefined;
  const { on, kind, does = 'run', text, paths, role, asksPassword, edit, undo } = value;
  if (!isSide(on) || !(kind === 'sql' || kind === 'shell' || kind === 'manual') || typeof text !== 'string')
    return undefined;
  // one of an earlier release does not say what it does
  const action = stepActions.find((one) => one === does);
  if (
    action === undefined ||
    !(paths === undefined || isTexts(paths)) ||
    !(role === undefined || typeof role === 'string') ||
    !(asksPassword === undefined || asksPassword === true)
  )
    return undefined;
  const readEdit = edit === undefined ? undefined : editOf(edit);
  const readUndo = undo === undefined ? undefined : stepOf(undo);
  if ((edit !== undefined && readEdit === undefined) || (undo !== undefined && readUndo === undefined))
    return undefined;
  return {
    on,
    kind,
    does: action,
    text,
    ...(paths === undefined ? {} : { paths }),
    ...(role === undefined ? {} : { role }),
    ...(asksPassword === undefined ? {} : { asksPassword }),
    ...(readEdit === undefined ? {} : { edit: readEdit }),
    ...(readUndo === undefined ? {} : { undo: readUndo }),
  };
}

function editOf(value: unknown): FileEdit | undefined {
  if (!isRecord(value) || !hasOnly(value, ['file', 'copy', 'changes', 'crlf', 'absent', 'secret'])) return undefined;
  const { file, copy, changes, crlf, absent, secret } = value;
  if (!isPath(file) || !isPath(copy) || !Array.isArray(changes)) return undefined;
  if (![crlf, absent, secret].every((flag) => flag === undefined || flag === true)) return undefined;
  const read = changes.map(changeOf);
  const sound = read.filter((change) => change !== undefined);
  if (sound.length !== read.length) return undefined;
  return {
    file,
    copy,
    changes: sound,
    ...(crlf === true ? { crlf } : {}),
    ...(absent === true ? { absent } : {}),
    ...(secret === true ? { secret } : {}),
  };
}

function changeOf(value: unknown): LineChange | undefined {
  if (!isRecord(value)) return undefined;
  const { act, text, line, was } = value;
  if (typeof text !== 'string') return undefined;
  if (act === 'append') return hasOnly(value, ['act', 'text']) ? { act, text } : undefined;
  if (act !== 'insert-before' && act !== 'replace') return undefined;
  if (!isCount(line) || line === 0 || typeof was !== 'string' || !hasOnly(value, ['act', 'line', 'was', 'text']))
    return undefined;
  return { act, line, was, text };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasOnly = (value: object, names: readonly string[]): boolean =>
  Object.keys(value).every((name) => names.includes(name));
const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isSide = (value: unknown): value is Side => value === 'primary' || value === 'standby' || value === 'client';
const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('/') && !value.includes('\0');
