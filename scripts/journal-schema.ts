import type {
  JournalEnd,
  JournalHead,
  JournalOutcome,
  JournalStep,
  JournalUndo,
  JournalUser,
} from '../src/fixes/journal.ts';
import { object, oneOf, orNull } from './object-schema.ts';
import { step } from './remedy-schema.ts';

/** The JSON Schema (2020-12) of a line of a journal: one definition for each event, which undo takes by the event's name. */
export function journalSchema(): object {
  const text = { type: 'string' };
  const number = { type: 'integer', minimum: 1 };
  const id = { type: 'integer', minimum: 0 };
  const at = text;
  const undo = (event: JournalUndo['event']): object =>
    object<JournalUndo>({ event: { const: event }, number, at, output: text });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://github.com/standbylint/standbylint/schemas/journal.json',
    title: 'A line of the journal that --fix writes',
    $defs: {
      fix: object<JournalHead>({
        event: { const: 'fix' },
        version: { const: 1 },
        tool: text,
        command: oneOf<JournalHead['command']>({ preflight: true, postmortem: true }),
        at,
        dataDirectory: orNull(text),
        primary: orNull(text),
      }),
      step: object<JournalStep>(
        {
          event: { const: 'step' },
          number,
          at,
          rule: text,
          step,
          user: orNull(object<JournalUser>({ uid: id, gid: id, name: text, home: text })),
        },
        { place: text },
      ),
      outcome: object<JournalOutcome>({
        event: { const: 'outcome' },
        number,
        at,
        outcome: oneOf<JournalOutcome['outcome']>({ done: true, failed: true, unknown: true }),
        output: text,
      }),
      undo: undo('undo'),
      undone: undo('undone'),
      'not-undone': undo('not-undone'),
      end: object<JournalEnd>({
        event: { const: 'end' },
        at,
        end: oneOf<JournalEnd['end']>({ finished: true, failed: true, stopped: true, interrupted: true }),
      }),
    },
    anyOf: ['fix', 'step', 'outcome', 'undo', 'undone', 'not-undone', 'end'].map((event) => ({
      $ref: `#/$defs/${event}`,
    })),
  };
}
