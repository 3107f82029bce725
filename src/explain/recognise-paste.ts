import type { LogRecord } from '../postgres/log/log-record.ts';
import { logSummary } from '../postgres/log/log-summary.ts';
import type { Sighting } from '../postgres/log/log-summary.ts';
import { readLogText } from '../postgres/log/read-log.ts';
import { maskLines } from '../postgres/secrets-in-text.ts';
import type { Catalogue, CatalogueEntry } from '../postgres/messages/catalogue.ts';
import { fitting, recordContext } from '../postgres/messages/message-context.ts';
import type { Recognition } from '../postgres/messages/recognition.ts';
import { recognise } from '../postgres/messages/recognise.ts';
import type { Answer } from './answer.ts';
import type { Answers } from './answers.ts';
import type { Found, Phrases } from './phrases.ts';
import type { Known } from './known.ts';
import type { Seen } from './seen.ts';
import { tidied, unescaped } from './tidy.ts';

/**
 * What is known of a text that somebody pasted: its log records first; then, of every line that no record has claimed,
 * what stands anywhere in it.
 */
export function recognisePaste(
  text: string,
  messages: Catalogue,
  known: Phrases<Known>,
  answers: Answers,
): readonly Seen[] {
  const clean = maskLines(tidied(unescaped(text)));
  const summary = logSummary();
  const rest: Block[] = [];
  let block: Block | undefined;
  for (const record of readLogText(clean)) {
    const found = recognise(messages, record);
    if (found !== undefined && !isUncertain(found)) {
      summary.add(record, found);
      block = { record, claimed: found, lines: linesOf(record), end: record.line };
      continue;
    }
    const labelled = record.severity !== undefined || record.program !== undefined;
    if (!labelled && block !== undefined && goesOn(block, record)) {
      if (block.claimed !== undefined && rest.at(-1) !== block) rest.push(block);
      block.lines.push(...linesOf(record));
      block.end = record.line;
      continue;
    }
    block = { record, claimed: found, lines: linesOf(record), end: record.line };
    rest.push(block);
  }
  const others = rest.flatMap((one) => ofBlock(one, known, answers, text.length));
  for (const one of rest)
    if (one.claimed !== undefined && isUncertain(one.claimed) && !others.some(({ record }) => record === one.record))
      summary.add(one.record, one.claimed);
  const { sightings } = summary.result();
  return [...sightings.map((sighting) => withOwnWords(ofSighting(sighting, answers), known)), ...merged(others)];
}

/** A line without a label may be the rest of a wrapped one, unless it looks like the beginning of a line of its own. */
function goesOn(block: Block, { line, message }: LogRecord): boolean {
  return line - block.end <= 1 + block.lines.length && block.lines.length < mostLines && !ownLine.test(message);
}

const mostLines = 12;

const ownLine =
  /^(?:[[<{(]|\d{4}[-/]\d\d|\d\d:\d\d|\d+\.\d+\.\d+|[A-Z][a-z]{2} [ \d]\d |[\w./-]+\[\d+\]|[\w.-]+ +\||(?:level|ts|time)=)/u;

interface Block {
  readonly record: LogRecord;
  /** What the record's own words say. */
  readonly claimed: Recognition | undefined;
  readonly lines: string[];
  end: number;
}

/** It carries another's message, which was not known. */
const isUncertain = ({ id, entry, within, cause, values }: Recognition): boolean =>
  remarks.test(id) ||
  (entry.carriesAnother && within === undefined && cause === undefined && (values['reason'] ?? '') !== '');

/** What stands beside the message itself. */
const remarks = /^libpq-(?:conn-failed|is-running|password-from-file)/u;

const linesOf = ({ message, detail, hint }: LogRecord): string[] =>
  [message, detail, hint].flatMap((part) => (part === undefined ? [] : part.split('\n')));

/** The reason in a message (errno's, OpenSSL's, a program's words) may be what there is something to say about. */
function withOwnWords(seen: Seen, known: Phrases<Known>): Seen {
  const reason = seen.values['reason'] ?? seen.values['error'];
  const answer =
    reason === undefined ? undefined : known.within(reason).find(({ of }) => of.entry === undefined)?.of.answer;
  return answer === undefined ? seen : { ...seen, answer };
}

export function ofSighting(sighting: Sighting, answers: Answers): Seen {
  const { recognition, record, count, first, last, healed } = sighting;
  return {
    recognition,
    answer: answerTo(recognition, record, answers),
    values: withConnection(recognition),
    text: recognition.text,
    partial: false,
    others: [],
    record,
    program: record.program,
    parts: partsOf(record),
    count,
    first: first.time,
    last: last.time,
    over: healed && !lasting.has(recognition.entry.variantOf ?? recognition.id),
    position: last.line,
  };
}

function answerTo({ entry, cause, text }: Recognition, record: LogRecord, answers: Answers): Answer | undefined {
  const context = contextOf(text, record);
  return answers.of(entry, context) ?? (cause === undefined ? undefined : answers.of(cause, context));
}

/** That the server went on to start does not end it. */
const lasting: ReadonlySet<string> = new Set([
  'neither-conninfo-nor-restore',
  'hot-standby-not-possible',
  'collation-version-mismatch',
  'config-unrecognized-param-file',
]);

const withConnection = ({ values, connection }: Recognition): Recognition['values'] =>
  connection?.kind === 'tcp' ? { server: connection.host, port: connection.port, ...values } : values;

const contextOf = (text: string, { program, message, detail, hint, context, statement }: Partial<LogRecord>): string =>
  [text, program, message, detail, hint, context, statement].filter((part) => part !== undefined).join('\n');

const partsOf = ({ detail, hint, context }: LogRecord): readonly string[] => [
  ...(detail === undefined ? [] : [`DETAIL:  ${detail}`]),
  ...(hint === undefined ? [] : [`HINT:  ${hint}`]),
  ...(context === undefined ? [] : [`CONTEXT:  ${context}`]),
];

function ofBlock(
  { record, lines, claimed }: Block,
  known: Phrases<Known>,
  answers: Answers,
  size: number,
): readonly Seen[] {
  // RAISE, and whatever else a function says
  if (record.context !== undefined && /^(?:PL\/\w+|SQL) function |\bat RAISE$/mu.test(record.context)) return [];
  const joined = spoken(lines.join(' '));
  let text = joined;
  let found = strongest(known.within(text), text, record, size);
  if (found.length === 0 && lines.length > 1 && size < longestForParts) {
    // a terminal breaks lines within words
    text = spoken(lines.join(''));
    found = strongest(known.within(text), text, record, size);
  }
  if (found.every(({ of }) => isOpen(of)) && size < longestForParts) {
    const carried =
      found.length === 0
        ? joined
        : text.slice(Math.max(...found.map(({ from, values }) => from + ownLength(values, text.slice(from)))));
    const [first, ...more] = oneOfEach(
      known.partsWithin(carried).filter(({ of }) => fits(of, {}, record) && !isOpen(of)),
    );
    if (first !== undefined)
      return [
        {
          ...seenOf(first, carried, record, answers),
          others: more.slice(0, 3).map((one) => seenOf(one, carried, record, answers)),
        },
      ];
    if (claimed !== undefined) return [];
  }
  return innermost(found).map((one) => seenOf(one, text, record, answers));
}

const longestForParts = 65_536;

/** Where what it carries begins. */
const ownLength = (values: Recognition['values'], text: string): number => {
  const carried = values['reason'] ?? values['error'] ?? '';
  const at = carried === '' ? -1 : text.indexOf(carried);
  return at === -1 ? 0 : at;
};

/** What a client said is no message of the server's. */
const spoken = (text: string): string =>
  text
    .replaceAll(/\b(?:STATEMENT|QUERY|LOCATION): .*$/gu, ' ')
    .replaceAll(/\b(?:statement|execute [^:\n]{0,80}): .*$/gu, ' ');

/** Few words say little: they need a label before them, or a text of little else. */
function strongest(
  found: readonly Found<Known>[],
  text: string,
  record: LogRecord,
  size: number,
): readonly Found<Known>[] {
  const short = text.split(/\s+/u).length <= 16;
  const spokenByPostgres = record.severity !== undefined || record.program !== undefined || ofPostgres.test(text);
  return found.filter(({ of, values, from, to, words }) => {
    if (!fits(of, values, record)) return false;
    if (of.entry === undefined) {
      if (of.answer?.among?.test(text) === false) return false;
      if (words < 3 && !of.surely) return (to - from) * 5 >= text.trim().length * 4;
      return words >= 4 || labelBefore(text, from) || short || of.surely;
    }
    if (of.entry.part === 'cause' || of.entry.generic)
      return spokenByPostgres && (short || labelBefore(text, from) || words > 2);
    if (size > longestForParts && of.entry.matters < 3) return false;
    if (words >= 5) return true;
    if (words >= 3) return spokenByPostgres || short || labelBefore(text, from);
    return labelBefore(text, from) || (short && spokenByPostgres);
  });
}

const ofPostgres =
  /\b(?:connection to server|could not connect|5432|hot_standby|postgres(?:ql)?|psql|pg_[a-z]+|pgsql|wal|standby|replica(?:tion)?|initdb|patroni|repmgr|barman|libpq|primary_conninfo|basebackup)\b/iu;

const labelBefore = (text: string, at: number): boolean =>
  at === 0 || /(?:[:\])]|^)\s*["'`(]?$/u.test(text.slice(0, at));

function fits({ entry }: Known, values: Recognition['values'], record: LogRecord): boolean {
  if (entry === undefined) return true;
  const context = recordContext(record, undefined);
  if (context?.speaker !== 'server') return true;
  // a server's record quotes libpq, the other server, and the system
  if (entry.speaker !== 'server' || entry.part !== undefined) return true;
  return (
    !ofStatements.test(entry.variantOf ?? entry.id) ||
    fitting({ ...entry, generic: false }, values, context) !== undefined
  );
}

/** At another level, this is what a statement met. */
const ofStatements =
  /^(?:(?:role|database|data-dir)-does-not-exist|tblspc-dir-missing-replay|permission-open-file|extension-library-missing)$/u;

/** A message that carries another gives way to it; of two at the same place the one with more words counts. */
function innermost(found: readonly Found<Known>[]): readonly Found<Known>[] {
  const best = found.filter(
    (one) =>
      // its reason is what there is something to say about
      !found.some(
        (other) =>
          one.of.entry !== undefined && other.of.entry === undefined && other.from > one.from && other.to <= one.to,
      ) &&
      !found.some(
        (other) =>
          other !== one &&
          (one.of.entry !== undefined || other.from === one.from) &&
          other.from <= one.from &&
          other.to >= one.to &&
          !isOpen(other.of) &&
          (other.words > one.words || (other.words === one.words && found.indexOf(other) < found.indexOf(one))),
      ),
  );
  const inner = best.filter(
    (one) =>
      !(
        isOpen(one.of) &&
        best.some((other) => other !== one && !isOpen(other.of) && isMessage(other.of) && other.from > one.from)
      ),
  );
  const closed = inner.filter(({ of }) => !isOpen(of));
  const kept = closed.length === 0 ? inner : closed;
  const messages = kept.filter(({ of }) => isMessage(of));
  // errno's words and DETAIL belong to the message before them
  return (messages.length === 0 ? kept.slice(0, 1) : messages).slice(0, 6);
}

const isMessage = ({ entry }: Known): boolean => entry === undefined || entry.part === undefined;

const isOpen = ({ entry }: Known): boolean =>
  entry !== undefined &&
  (entry.carriesAnother || /^(?:libpq-(?:conn-failed|is-running|ssl-error$)|tls-ssl-error$)/u.test(entry.id));

function seenOf(
  { of, values, from, to, partial }: Found<Known>,
  text: string,
  record: LogRecord,
  answers: Answers,
): Seen {
  const said = text.slice(from, to);
  const recognition = of.entry === undefined ? undefined : recognitionOf(of.entry, values, said);
  return {
    recognition,
    answer: of.answer ?? (of.entry === undefined ? undefined : answers.of(of.entry, contextOf(text, record))),
    values: { ...serverIn(text), ...values },
    text: partial ? text.slice(0, 400) : said,
    partial,
    others: [],
    record,
    program:
      record.program ??
      /\b(pg_(?:basebackup|receivewal|recvlogical|rewind|ctl|verifybackup|dump|restore)|psql|initdb|postgres)(?=: )/u.exec(
        text.slice(0, from),
      )?.[1],
    parts: partsOf(record),
    count: 1,
    first: record.time,
    last: record.time,
    over: false,
    position: record.line,
  };
}

function serverIn(text: string): Recognition['values'] {
  const [, server, port] = /connection to server at "([^"]+)"(?: \([^)]*\))?, port (\d+)/iu.exec(text) ?? [];
  return server === undefined || port === undefined ? {} : { server, port };
}

const recognitionOf = (entry: CatalogueEntry, values: Recognition['values'], text: string): Recognition => ({
  id: entry.id,
  entry,
  values,
  text,
  by: 'text',
  cause: undefined,
  details: [],
  within: undefined,
  connection: undefined,
  also: [],
});

const oneOfEach = (found: readonly Found<Known>[]): readonly Found<Known>[] =>
  [...new Map(found.toReversed().map((one) => [nameOf(one.of), one])).values()].toReversed();

const nameOf = ({ entry, answer }: Known): string =>
  entry?.variantOf ?? entry?.id ?? answer?.of?.[0] ?? answer?.id ?? '';

/** Each once, however often it stands there. */
function merged(seen: readonly Seen[]): readonly Seen[] {
  const byKey = new Map<string, Seen>();
  for (const one of seen) {
    const key = `${one.recognition?.id ?? one.answer?.id ?? one.answer?.of?.[0] ?? ''}\u0000${['role', 'slot', 'segment', 'file', 'directory', 'database'].map((name) => one.values[name] ?? '').join('\u0000')}`;
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? one : { ...one, first: before.first, count: before.count + 1 });
  }
  return [...byKey.values()];
}
