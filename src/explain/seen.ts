import type { LogRecord } from '../postgres/log/log-record.ts';
import type { Recognition } from '../postgres/messages/recognition.ts';
import type { MessageValues } from '../postgres/messages/message-format.ts';
import type { Answer } from './answer.ts';

/** Something of a text that is known. */
export interface Seen {
  /** Undefined: known to explain alone (a tool's message, an old wording). */
  readonly recognition: Recognition | undefined;
  readonly answer: Answer | undefined;
  readonly values: MessageValues;
  /** As it stands in the text. */
  readonly text: string;
  /** The text has only a part of it. */
  readonly partial: boolean;
  /** What else the shortened text may be. */
  readonly others: readonly Seen[];
  readonly record: LogRecord | undefined;
  readonly program: string | undefined;
  /** DETAIL, HINT, CONTEXT, STATEMENT, as they stand there. */
  readonly parts: readonly string[];
  /** Which of an answer's wordings it is, the most telling being 0. */
  readonly form: number;
  readonly count: number;
  /** How many in a row, up to the last, were of the same WAL position. */
  readonly inPlace: number;
  readonly first: Date | undefined;
  readonly last: Date | undefined;
  readonly over: boolean;
  /** Orders what a text has: the later, the higher. */
  readonly position: number;
}

/** Its message's name in the catalogue, older wordings under the present one's. */
export const nameOf = ({ recognition, answer }: Pick<Seen, 'recognition' | 'answer'>): string =>
  recognition?.entry.variantOf ?? recognition?.id ?? answer?.of?.[0] ?? '';
