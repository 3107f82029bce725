import type { FileEdit, Side, Step } from '../findings/report.ts';
import type { JournalUser } from './journal.ts';
import type { Journal, JournalledStep } from './read-journal.ts';

/** What is done about a step of a journal. */
export interface UndoItem {
  readonly number: number;
  readonly rule: string;
  readonly on: Side;
  /** Where its shell step was taken, where that is not this machine. */
  readonly place: string | undefined;
  /** What the step did, as it was shown then. */
  readonly text: string;
  /** The process ended while the step was taken: it may or may not have happened. */
  readonly unsure: boolean;
  readonly way:
    | { readonly kind: 'sql'; readonly text: string }
    | {
        readonly kind: 'shell';
        readonly text: string;
        readonly user: JournalUser;
        /** Holds where all is as it was before the step: there is nothing to take back. */
        readonly before: string | undefined;
      }
    | { readonly kind: 'edit'; readonly edit: FileEdit }
    /** It cannot be taken back, or need not. */
    | { readonly kind: 'none'; readonly because: string };
}

/**
 * What takes a journal back: the last step first, and every reload at the very end, when all files say again what they said.
 * A step that was taken back already, and one that did nothing, is not there.
 */
export function undoPlan({ steps }: Journal): readonly UndoItem[] {
  const open = steps
    .filter((step) => step.undo !== 'taken-back' && !didNothing(step))
    .toReversed()
    .map(itemOf);
  const reloads = open.filter(isReload);
  return [...open.filter((item) => !isReload(item)), ...reloads.filter((item, at) => isFirst(reloads, item, at))];
}

const reload = 'SELECT pg_reload_conf();';
const isReload = ({ way }: UndoItem): boolean => way.kind === 'sql' && way.text === reload;
const isFirst = (items: readonly UndoItem[], { on }: UndoItem, at: number): boolean =>
  items.findIndex((one) => one.on === on) === at;

/** SQL ends as a whole or not at all, and so does an edit. Of a shell command that failed nobody knows. */
const didNothing = ({ outcome, step }: JournalledStep): boolean =>
  outcome === 'failed' && (step.kind === 'sql' || step.edit !== undefined);

function itemOf(journalled: JournalledStep): UndoItem {
  const { number, rule, step, outcome, place } = journalled;
  return { number, rule, on: step.on, place, text: step.text, unsure: outcome !== 'done', way: wayBack(journalled) };
}

function wayBack({ step, user }: JournalledStep): UndoItem['way'] {
  if (step.edit !== undefined) return { kind: 'edit', edit: step.edit };
  const { undo } = step;
  if (undo === undefined) return { kind: 'none', because: whyNot(step) };
  if (undo.kind === 'sql' && step.kind === 'sql' && undo.on === step.on && isKnown(undo.text, knownSql))
    return { kind: 'sql', text: undo.text };
  if (undo.kind === 'shell' && step.kind === 'shell' && user !== null && isKnown(undo.text, knownShell))
    return { kind: 'shell', text: undo.text, user, before: asBefore(undo.text) };
  // the lines of the file were not seen, so that nobody can tell what it was to become
  if (undo.kind === 'shell' && isKnown(undo.text, [copyingBack]))
    return { kind: 'none', because: `later changes would be lost; check, then undo it with: ${undo.text}` };
  return { kind: 'none', because: 'the journal contains an undo command that --fix never writes' };
}

function whyNot({ does, role }: Step): string {
  if (role !== undefined) return `${role} keeps its new password, because the old one is not known`;
  if (does === 'start' || does === 'restart' || does === 'stop')
    return 'a server was started or restarted: what is undone takes effect at its next restart';
  return 'it cannot be undone, or it left nothing to undo';
}

/** A journal is a file that somebody may have written: only what the steps of --fix name as their ways back is run. */
const isKnown = (text: string, known: readonly RegExp[]): boolean => known.some((form) => form.test(text));

const path = String.raw`(?:/[A-Za-z0-9_@%+=:,./-]+|'/(?:[^']|'\\'')*')`;
const identifier = String.raw`(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")`;
const literal = String.raw`(?:E?'(?:[^'\\]|''|\\\\)*')`;

/** A file that is back under its name; directories that are gone. */
function asBefore(text: string): string | undefined {
  const [, name, aside] = renaming.exec(text) ?? [];
  if (name !== undefined && aside !== undefined) return `test -e ${name} && test ! -e ${aside}`;
  const directories = removing.test(text) ? (text.match(new RegExp(path, 'gu')) ?? []) : [];
  return directories.length === 0 ? undefined : directories.map((one) => `test ! -e ${one}`).join(' && ');
}

const removing = new RegExp(String.raw`^rmdir ${path}(?: ${path})*$`, 'u');
const renaming = new RegExp(String.raw`^test ! -e (${path}) && mv (${path}) ${path}$`, 'u');
const copyingBack = new RegExp(String.raw`^cp -p ${path} ${path}$`, 'u');
const knownShell: readonly RegExp[] = [removing, new RegExp(String.raw`^chmod 0[0-7]{3} ${path}$`, 'u'), renaming];
const knownSql: readonly RegExp[] = [
  /^SELECT pg_reload_conf\(\);$/u,
  /^SELECT pg_wal_replay_pause\(\);$/u,
  new RegExp(String.raw`^SELECT pg_drop_replication_slot\(${literal}\);$`, 'u'),
  new RegExp(String.raw`^DROP ROLE ${identifier};$`, 'u'),
  new RegExp(
    String.raw`^ALTER ROLE ${identifier} (?:WITH (?:NO)?(?:LOGIN|REPLICATION)|CONNECTION LIMIT -?\d+|VALID UNTIL ${literal});$`,
    'u',
  ),
  new RegExp(String.raw`^ALTER SYSTEM (?:RESET [a-z_.0-9]+|SET [a-z_.0-9]+ = (?:-?\d+|${literal}));$`, 'u'),
];
