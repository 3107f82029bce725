import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';

import type { Report } from '../../findings/report.ts';
import { messageCatalogue } from '../../postgres/messages/catalogue.ts';
import { noPaint } from '../../report/paint.ts';
import { stylish } from '../../report/stylish.ts';
import { targetCommands } from '../configuration/keys.ts';
import type { TargetCommand } from '../configuration/keys.ts';
import { explanations, explanationsAsText, explanationsJson, pageNamed } from '../explain.ts';
import { examineOnce } from '../examination/one-examination.ts';
import { rulesAsObject, rulesAsText } from '../rules.ts';
import { tolerantSchema } from '../output/saved-report.ts';
import { UsageError } from '../usage-error.ts';
import { answerOf, dataNotice } from './answer.ts';
import { checkInput, examinationInput, wordsOfInput } from './inputs.ts';
import type { InputSchema } from './inputs.ts';
import type { Targets } from './targets.ts';

/** What one run of the server holds to. */
export interface Terms {
  readonly config: string | undefined;
  readonly targetsOnly: boolean;
  /** The longest time for each call. */
  readonly callTimeout: number;
}

interface ReadOnlyTool {
  readonly description: string;
  readonly input: (targets: Targets, terms: Terms) => InputSchema;
  readonly output: () => object;
  readonly call: (input: Input, schema: InputSchema, terms: Terms, signal: AbortSignal) => Promise<CallToolResult>;
}

type Input = Readonly<Record<string, unknown>>;

const secrets =
  'Give no password: an input with one is refused. The server takes passwords from its password file or its environment, and shows none.';

const examining = (command: TargetCommand, does: string): ReadOnlyTool => ({
  description: `${does} Changes nothing. ${secrets} The answer is the JSON report of standbylint and its text. ${dataNotice}`,
  input: (targets, terms) => examinationInput(command, targets.namesFor(command), terms),
  output: reportSchema,
  call: async (input, schema, { config, callTimeout }, signal) => {
    const words = [...(config === undefined ? [] : ['--config', config]), ...wordsOfInput(input, schema)];
    const limits = { timeoutMs: callTimeout, limitedBy: '--call-timeout', signal };
    const { report, because } = await examineOnce({ command, words, ...limits });
    return report === null ? answerOf(because ?? '', undefined, true) : answerOf(textOf(report), report);
  },
});

const tools: Readonly<Record<string, ReadOnlyTool>> = {
  preflight: examining(
    'preflight',
    'Checks whether pg_basebackup with these options would succeed and whether the standby would stream: the root causes first, and the commands that fix them.',
  ),
  postmortem: examining(
    'postmortem',
    'Finds what is wrong with an existing PostgreSQL standby (data directory, configuration, WAL, logs, servers), and how to recover it.',
  ),
  explain: {
    description: `Says what a message of PostgreSQL, a part of a log or the output of a program means and what fixes it, or gives the page of a rule by its id. It reads only this text, no file. Passwords in the text are masked in the answer. ${dataNotice}`,
    input: () =>
      objectOf({
        text: {
          type: 'string',
          minLength: 1,
          maxLength: 1_000_000,
          description: 'the message, the log, or the id of a rule',
        },
      }),
    output: () => ({
      type: 'object',
      properties: {
        explanations: { type: 'array', items: { type: 'object' } },
        page: { type: 'string', description: 'the page of a rule, in Markdown' },
      },
      required: ['explanations'],
    }),
    call: async (input, schema, _terms, signal) => {
      checkInput(input, schema);
      const text = String(input['text']);
      const messages = await messageCatalogue();
      const page = await pageNamed(text, messages);
      if (page !== undefined) return answerOf(page, { explanations: [], page });
      const explained = await explanations({ kind: 'text', text }, messages, signal);
      signal.throwIfAborted();
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what explain prints
      return answerOf(explanationsAsText(explained), JSON.parse(explanationsJson(explained)) as object);
    },
  },
  rules: {
    description: 'Lists every rule with its severity, its title, what it checks and the messages that it explains.',
    input: () => ({ type: 'object', additionalProperties: false, properties: {} }),
    output: () => ({
      type: 'object',
      properties: { rules: { type: 'array', items: { type: 'object' } } },
      required: ['rules'],
    }),
    call: async (input, schema) => {
      checkInput(input, schema);
      return answerOf(rulesAsText(), await rulesAsObject());
    },
  },
};

const objectOf = (properties: Record<string, object>): InputSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required: Object.keys(properties),
});

const textOf = (report: Report): string => stylish(report, { width: 100, paint: noPaint });

/** Of schemas/report.json, without what only --fix and clone add. The SDK's client knows an older JSON Schema than its dialect. */
function reportSchema(): object {
  const { $schema: _, ...schema } = tolerantSchema();
  const properties = Object.entries(schema.properties).filter(([key]) => !ofOtherCommands.has(key));
  return {
    ...schema,
    description: `A report of standbylint. ${dataNotice}`,
    properties: Object.fromEntries(properties),
  };
}

const ofOtherCommands: ReadonlySet<string> = new Set(['steps', 'applied', 'fixes', 'journal']);

/** As the protocol lists them. */
export const listedTools = (targets: Targets, terms: Terms): readonly Tool[] =>
  Object.entries(tools).map(([name, { description, input, output }]) => ({
    name,
    description,
    inputSchema: input(targets, terms),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each is the schema of an object
    outputSchema: output() as Tool['outputSchema'] & object,
    // what it looks at is outside: an open world
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: targetCommands.some((command) => command === name),
    },
  }));

let running = 0;
const mostAtATime = 8;

/** Runs one. A call that cannot be followed is answered with the reason. */
export async function callTool(
  name: string,
  input: Input,
  targets: Targets,
  terms: Terms,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (tool === undefined) return answerOf(`Tools: ${Object.keys(tools).join(', ')}.`, undefined, true);
  if (running >= mostAtATime) return answerOf(`${mostAtATime} calls are running. Try again later.`, undefined, true);
  running += 1;
  try {
    return await tool.call(input, tool.input(targets, terms), terms, signal);
  } catch (error) {
    if (error instanceof UsageError) return answerOf(sentencesOf(error), undefined, true);
    throw error;
  } finally {
    running -= 1;
  }
}

const sentencesOf = ({ message, hint = '' }: UsageError): string => `${message} ${hint}`.trim();
