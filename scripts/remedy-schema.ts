import { stepActions } from '../src/findings/report.ts';
import type { Alternative, Cost, FileEdit, LineChange, Remedy, Risk, Side, Step } from '../src/findings/report.ts';
import { object, oneOf, orNull, text } from './object-schema.ts';

const shown = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const position = { type: 'integer', minimum: 1 };
const wholePath = { type: 'string', pattern: '^/[^\\u0000]*$' };
export const side = oneOf<Side>({ primary: true, standby: true, client: true });
const edit = object<FileEdit>(
  {
    file: wholePath,
    copy: wholePath,
    changes: {
      type: 'array',
      items: {
        anyOf: [
          object<Extract<LineChange, { readonly act: 'append' }>>({ act: { const: 'append' }, text: shown }),
          object<Exclude<LineChange, { readonly act: 'append' }>>({
            act: { enum: ['insert-before', 'replace'] },
            line: position,
            was: shown,
            text: shown,
          }),
        ],
      },
    },
  },
  { crlf: { const: true }, absent: { const: true }, secret: { const: true } },
);
const typed = {
  on: side,
  kind: oneOf<Step['kind']>({ sql: true, shell: true, manual: true }),
  does: { enum: stepActions, default: 'run', description: 'what it does, whatever its text is' },
  text,
};
const of = {
  paths: { type: 'array', items: text, description: 'what it makes, moves or changes, and where it starts a server' },
  role: { ...text, description: 'the role whose password it sets' },
  asksPassword: {
    const: true,
    description: 'it asks for a password and reads it from the terminal, or from standard input where there is none',
  },
  asRoot: { ...text, description: 'the command in the sentence, which only root can type' },
  stop: { ...text, description: 'the command in the sentence that stops a server' },
  once: { const: true, description: 'a start with settings that no later one has' },
  again: { const: true, description: "it creates the server's container again" },
  server: { const: 'primary', description: 'it starts or stops the server of the primary, and is typed elsewhere' },
};
/** What steps tell each other, and no report has. */
type Internal = 'correction' | 'conninfo' | 'connects';
export const step = object<Omit<Step, Internal>>(typed, {
  ...of,
  edit,
  undo: {
    ...object<Omit<Step, Internal | 'edit' | 'undo'>>(typed, of),
    description: 'what takes the step back',
  },
});
/** What each way has, the first choice and the others. */
export const way = {
  summary: text,
  risk: {
    ...oneOf<Risk>({ safe: true, disruptive: true, destructive: true }),
    description:
      'safe interrupts nothing; disruptive restarts a server or drops connections; destructive moves or overwrites data',
  },
  steps: { type: 'array', items: step, minItems: 1 },
};
const countOrNull = orNull(count);
export const cost = {
  ...object<Cost>({
    copyBytes: { ...countOrNull, description: 'bytes that go over the network or out of the archive' },
    replayBytes: { ...countOrNull, description: 'bytes of WAL that are to be replayed' },
    downtimeSeconds: {
      ...orNull({ type: 'number', minimum: 0 }),
      description: 'how long the standby is away, from measured rates',
    },
  }),
  description: 'null where nothing that was seen tells',
};
const alternative = object<Alternative>({ ...way, because: text, cost });
export const remedy = object<Remedy>(way, {
  alternatives: {
    type: 'array',
    items: alternative,
    minItems: 1,
    description: 'other ways to the same end, where more than one serves; the first choice is the remedy itself',
  },
  cost: { ...cost, description: 'what the remedy itself costs, where it has alternatives' },
});
