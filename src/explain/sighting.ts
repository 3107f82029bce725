import type { LogRecord } from '../postgres/log/log-record.ts';
import type { LogSummary } from '../postgres/log/log-summary.ts';
import type { Sighting } from '../postgres/log/sightings.ts';
import type { Recognition } from '../postgres/messages/recognition.ts';
import type { Answer } from './answer.ts';
import type { Answers } from './answers.ts';
import { ownText } from './paste/paste-blocks.ts';
import { encryptionTexts, errorTexts } from './phrases/phrase-pattern.ts';
import type { Seen } from './seen.ts';
import { toolsOf } from './tools.ts';
import type { Surroundings } from './phrases/within-block.ts';

type Around = Pick<Surroundings, 'tools' | 'paste'>;

/** Of a record that a text has once. */
export const seenOnce = (
  record: LogRecord,
): Pick<Seen, 'parts' | 'count' | 'inPlace' | 'first' | 'last' | 'over' | 'position'> => ({
  parts: partsOf(record),
  count: 1,
  inPlace: 1,
  first: record.time,
  last: record.time,
  over: false,
  position: record.line,
});

/** What a log's summary has of a message. */
export function ofSighting(
  sighting: Sighting,
  { streaming, ready }: Pick<LogSummary, 'streaming' | 'ready'>,
  answers: Answers,
  around: Around,
): Seen {
  const { recognition, record, count, inPlace, first, last, healed } = sighting;
  const answer = answerTo(recognition, record, answers, around);
  const served = ready !== undefined && ready.position > last.position && refusals.has(nameOf(recognition));
  return {
    recognition,
    answer: served && answer !== undefined ? { ...answer, kind: 'course' } : answer,
    values: { ...portIn(record), ...withConnection(recognition) },
    text: ownText(ownLines(recognition)),
    partial: false,
    others: [],
    record,
    program: record.program,
    parts: partsOf(record),
    form: 0,
    count,
    inPlace,
    first: first.time,
    last: last.time,
    over:
      served ||
      (ready !== undefined && ready.position > last.position && untilReady.has(nameOf(recognition))) ||
      (streaming?.goesOn === true && streaming.position > last.position && untilStreaming.has(nameOf(recognition))) ||
      (healed && !lasting.has(nameOf(recognition)) && !isSegmentAt(recognition.values['segment'], streaming?.lsn)),
    position: last.line,
  };
}

function answerTo(recognition: Recognition, record: LogRecord, answers: Answers, all: Around): Answer | undefined {
  const { entry, cause, text } = recognition;
  const context = contextOf(text, record);
  const around = { paste: all.paste, tools: toolsOf(record, all.tools) };
  return (
    answers.of(entry, context, around) ??
    (cause === undefined || !explains(recognition, cause.id) ? undefined : answers.of(cause, context, around))
  );
}

/** A program's next line has no mark that it is one: what a message ends with in its own words, or in the system's, ends there. */
function ownLines({ by, entry, text }: Recognition): string {
  if (by !== 'text' || !text.includes('\n')) return text;
  const lines = text.split('\n');
  if (!/%[sm]$/u.test(entry.format))
    return /[\w"')]$/u.test(entry.format) ? lines.slice(0, entry.format.split('\n').length).join('\n') : text;
  const end = lines.findIndex((line) => lastTexts.some((last) => line.endsWith(last)));
  return end === -1 ? text : lines.slice(0, end + 1).join('\n');
}

const lastTexts = [...errorTexts, ...encryptionTexts];

/** Of a file, "No such file or directory" is no socket's. */
const explains = ({ entry, connection }: Recognition, cause: string): boolean =>
  !cause.startsWith('libpq-') || connection !== undefined || entry.carriesAnother || entry.speaker === 'libpq';

const nameOf = ({ id, entry }: Recognition): string => entry.variantOf ?? id;

/** What clients are told until the server is up: once it is, there was nothing wrong. */
const refusals: ReadonlySet<string> = new Set(['db-starting-up', 'db-not-yet-accepting']);

/** What a standby says between the end of one stream and the beginning of the next. */
const untilStreaming: ReadonlySet<string> = new Set([
  'waiting-for-wal',
  'invalid-record-length',
  'replication-terminated-by-primary',
  'could-not-send-end-of-streaming',
  'terminating-crash',
]);

/** What sessions are told while the server recovers from a crash. */
const untilReady: ReadonlySet<string> = new Set([
  'db-in-recovery-mode',
  'terminating-crash',
  'terminating-other-processes',
]);

/** That the server went on to start does not end it. */
const lasting: ReadonlySet<string> = new Set([
  'neither-conninfo-nor-restore',
  'hot-standby-not-possible',
  'collation-version-mismatch',
  'config-unrecognized-param-file',
  'config-skipping-missing',
]);

/** Streaming begins again with the segment that the server does not have: the same refusal follows. */
function isSegmentAt(segment: string | undefined, lsn: string | undefined): boolean {
  const [, log = '', offset = ''] = /^([0-9A-F]+)\/([0-9A-F]+)$/iu.exec(lsn ?? '') ?? [];
  if (segment === undefined || log === '') return false;
  // of the usual 16 MB
  const number = offset.padStart(8, '0').slice(0, 2).padStart(8, '0');
  return segment.slice(8).toUpperCase() === `${log.padStart(8, '0')}${number}`.toUpperCase();
}

const withConnection = ({ values, connection }: Recognition): Recognition['values'] =>
  connection?.kind === 'tcp' ? { server: connection.host, port: connection.port, ...values } : values;

/** The HINT of a port that is taken names it. */
function portIn({ hint = '' }: LogRecord): Recognition['values'] {
  const port = /\bon port (\d+)/u.exec(hint)?.[1];
  return port === undefined ? {} : { port };
}

/** The message with all that belongs to it. */
export const contextOf = (
  text: string,
  { program, message, detail, hint, context, statement }: Partial<LogRecord>,
): string => [text, program, message, detail, hint, context, statement].filter((part) => part !== undefined).join('\n');

export const partsOf = ({ detail, hint, context }: LogRecord): readonly string[] => [
  ...(detail === undefined ? [] : [`DETAIL:  ${detail}`]),
  ...(hint === undefined ? [] : [`HINT:  ${hint}`]),
  ...(context === undefined ? [] : [`CONTEXT:  ${context}`]),
];
