import type { LogRecord } from '../log/log-record.ts';
import { readLogText } from '../log/read-log.ts';
import type { Catalogue, KnownMessage } from './catalogue.ts';
import { messageFormat } from './message-format.ts';
import type { MessageValues } from './message-format.ts';
import { fitting, recordContext } from './message-context.ts';
import type { MessageContext } from './message-context.ts';
import { unwrapMessage } from './message-layers.ts';
import type { LayeredMessage } from './message-layers.ts';
import type { Recognition } from './recognition.ts';
import { byPlace } from './recognise-translated.ts';

export interface RecogniseOptions {
  /** The server's major version: its own wordings are preferred. */
  readonly major?: number | undefined;
}

/**
 * Names the message of a record (or of a text that somebody pasted), or nothing. A message that carries another's is
 * classified by that one. What a statement, a query or a function says is never taken for the server's own message.
 */
export function recognise(
  catalogue: Catalogue,
  what: LogRecord | string,
  options: RecogniseOptions = {},
): Recognition | undefined {
  if (typeof what !== 'string') return ofRecord(catalogue, what, options);
  return ofText(catalogue, what, options);
}

function ofRecord(catalogue: Catalogue, record: LogRecord, options: RecogniseOptions): Recognition | undefined {
  if (raisedByFunction(record)) return undefined;
  const context = recordContext(record, options.major);
  if (context === undefined) return undefined;
  const server = record.program === undefined;
  const peeled = unwrapMessage(record.message, {
    severity: server ? record.severity : undefined,
    english: record.english,
  });
  const [first, ...others] = layers(catalogue, peeled, context);
  const found = first ?? (server ? byPlace(catalogue, record, context) : undefined);
  if (found === undefined) return undefined;
  return { ...withDetail(catalogue, withStatement(found, record), record.detail), also: others };
}

/**
 * RAISE, and whatever else a function says, has the function in its CONTEXT. A function cannot say FATAL: a session that is
 * ended within one has it, too, and so has a statement that replay cancels.
 */
export const raisedByFunction = ({ context, severity, message }: LogRecord): boolean =>
  context !== undefined &&
  /^(?:PL\/\w+|SQL) function |\bat RAISE$/mu.test(context) &&
  severity !== 'FATAL' &&
  severity !== 'PANIC' &&
  !message.startsWith('canceling statement due to ');

function ofText(catalogue: Catalogue, text: string, options: RecogniseOptions): Recognition | undefined {
  for (const variant of [text, tidied(text)]) {
    const records = readLogText(variant).filter(
      ({ severity, program }) => severity !== undefined || program !== undefined,
    );
    for (const record of records) {
      const found = ofRecord(catalogue, record, options);
      if (found !== undefined) return found;
    }
    const context: MessageContext = { speaker: 'unknown', major: options.major };
    const [first, ...others] =
      records.length > 0 ? [] : layers(catalogue, unwrapMessage(withoutOthersText(variant)), context);
    if (first !== undefined) return { ...first, also: others };
  }
  return undefined;
}

/** A statement pasted alone is nobody's message; a DETAIL or HINT pasted alone may be known. */
const withoutOthersText = (text: string): string =>
  text.replaceAll(/^(?:STATEMENT|QUERY|CONTEXT|LOCATION): .*$/gmu, '').replace(/^(?:DETAIL|HINT): {2,}/u, '');

/** What mail programs and word processors do to a message, and a paste that lost a blank, are undone. */
function tidied(text: string): string {
  return text
    .replaceAll(/[“”„«»]/gu, '"')
    .replaceAll(/[‘’]/gu, "'")
    .replaceAll(/\s*\n\s*/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .replaceAll(/(?<=^|[\s\]])(LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|STATEMENT): /gu, '$1:  ')
    .replaceAll(/ (DETAIL|HINT|STATEMENT): {2}/gu, '\n$1:  ');
}

/** The innermost messages that are known; a layer whose inner ones are not is tried itself. */
function layers(catalogue: Catalogue, message: LayeredMessage, context: MessageContext): readonly Recognition[] {
  const inner = message.inner.flatMap((next) =>
    layers(catalogue, next, {
      speaker: next.severity === undefined ? (context.speaker === 'unknown' ? 'unknown' : 'libpq') : 'server',
      severity: next.severity,
      major: undefined,
      withinConnection: true,
    }),
  );
  if (inner.length === 0) {
    const own = classify(catalogue, message.text, context);
    if (own === undefined) return [];
    return [withDetail(catalogue, { ...own, connection: message.connection }, message.detail)];
  }
  const own = inner.some(({ within }) => within === undefined)
    ? classify(catalogue, message.text, context)?.entry
    : undefined;
  return inner.map((found) => carriedBy(found, own, message));
}

const carriedBy = (found: Recognition, within: Recognition['within'], { connection }: LayeredMessage): Recognition => ({
  ...found,
  within: found.within ?? within,
  connection: found.connection ?? connection,
});

function classify(catalogue: Catalogue, text: string, context: MessageContext): Recognition | undefined {
  const lines = text.split('\n');
  // what follows on lines of its own (a hint of libpq's, where the password came from) may be the only known part
  for (const [index] of lines.entries()) {
    const found = best(catalogue, lines.slice(index).join('\n'), context);
    if (found !== undefined) return found;
    if (index >= 4) break;
  }
  return undefined;
}

function best(catalogue: Catalogue, text: string, context: MessageContext): Recognition | undefined {
  const candidates = catalogue
    .beginningLike(text)
    .toSorted((a, b) => b.pattern.literalLength - a.pattern.literalLength);
  let found: { readonly message: KnownMessage; readonly values: MessageValues; readonly score: number } | undefined;
  for (const message of candidates) {
    if (found !== undefined && message.pattern.literalLength < found.message.pattern.literalLength) break;
    const values = message.pattern.match(text);
    const score = values === undefined ? undefined : fitting(message.entry, values, context);
    if (values !== undefined && score !== undefined && (found === undefined || score > found.score))
      found = { message, values, score };
  }
  if (found === undefined) return undefined;
  const { message, values } = found;
  const tail = values['error'] ?? values['reason'];
  const cause =
    tail === undefined || message.entry.part === 'cause'
      ? undefined
      : best(catalogue, tail, { speaker: 'system', major: undefined })?.entry;
  return {
    id: message.entry.id,
    entry: message.entry,
    values,
    text,
    by: 'text',
    cause,
    details: [],
    within: undefined,
    connection: undefined,
    also: [],
  };
}

function withDetail(catalogue: Catalogue, found: Recognition, detail: string | undefined): Recognition {
  if (detail === undefined) return found;
  const own = found.entry.detail === undefined ? undefined : messageFormat(found.entry.detail).match(detail);
  const lines = detail
    .split('\n')
    .slice(0, mostDetailLines)
    .map((line) => best(catalogue, line.trim(), { speaker: 'detail', major: undefined }))
    .filter((line) => line !== undefined);
  return {
    ...found,
    values: Object.assign({}, own, ...lines.map(({ values }) => values), found.values),
    details: [...found.details, ...lines.map(({ entry }) => entry)],
  };
}

const mostDetailLines = 8;

/** A WAL sender's command names the slot, the position and the timeline that the standby asked for. */
function withStatement(found: Recognition, { statement }: LogRecord): Recognition {
  const match =
    /^START_REPLICATION (?:SLOT "?([^"\s]+)"? )?(?:PHYSICAL )?([0-9A-F]+\/[0-9A-F]+)(?: TIMELINE (\d+))?/u.exec(
      statement ?? '',
    );
  if (match === null) return found;
  const [, slot, lsn, timeline] = match;
  const asked = Object.entries({ slot, lsn, timeline }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...found, values: { ...Object.fromEntries(asked), ...found.values } };
}
