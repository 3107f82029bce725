import type { Evidence } from '../findings/report.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import type { Sighting } from '../postgres/log/sightings.ts';
import type { Recognition } from '../postgres/messages/recognition.ts';
import { evidence } from '../findings/judgement.ts';
import type { SaidMessage } from '../findings/judgement.ts';
import type { Moment } from '../postgres/log/moment.ts';

/** A message that the catalogue knows, in the words that were printed. */
export const messageIn = ({ entry: { id, variantOf, format }, text }: Recognition): SaidMessage => ({
  id,
  variantOf,
  format,
  text,
});

/** What the log says, how often, and from when until when. */
export function sightingEvidence({ record, count, first, last }: Sighting, source: string): Evidence {
  const often = count === 1 ? '' : ` ${count} times`;
  const label = `its log says${often}, ${period(first, last)}`;
  return evidence(label.replace(/, $/u, ''), inFull(record), source);
}

/** The severity and the message, on one line that is not too long. */
export function oneLine({ severity, message }: LogRecord): string {
  const text = `${severity === undefined ? '' : `${severity}: `}${message.replaceAll(/\s+/gu, ' ').trim()}`;
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** The same with what the server adds to it: its detail, its hint, its context. */
export function inFull(record: LogRecord): string {
  const added = [
    ['DETAIL', record.detail],
    ['HINT', record.hint],
    ['CONTEXT', record.context],
  ].flatMap(([label, text]) =>
    text === undefined || text.trim() === ''
      ? []
      : [`${label}: ${text.replaceAll(/\s+/gu, ' ').trim().slice(0, longest)}`],
  );
  return [oneLine(record), ...added].join(' ');
}

const longest = 400;

function period(first: Moment, last: Moment): string {
  if (first.time === undefined || last.time === undefined) return '';
  const from = timeText(first.time);
  const to = timeText(last.time);
  return from === to ? `at ${to}` : `from ${from} to ${to}`;
}

/** `2026-11-21 20:01:02 UTC` */
export const timeText = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
