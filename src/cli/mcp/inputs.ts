import { Ajv2020 } from 'ajv/dist/2020.js';

import { placeIn } from '../../hosts/place.ts';
import type { OptionValue } from '../configuration/content.ts';
import { targetKeys } from '../configuration/keys.ts';
import type { TargetCommand } from '../configuration/keys.ts';
import { refuseSecrets } from '../configuration/read.ts';
import { wordsOf } from '../configuration/resolve.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import { placeOfSession } from '../examination/examination.ts';
import type { OptionSpec } from '../options/getopt.ts';
import { UsageError } from '../usage-error.ts';

/** JSON Schema of an object, as the protocol has it. */
export interface InputSchema {
  readonly [keyword: string]: unknown;
  readonly type: 'object';
  readonly properties: Record<string, object>;
}

/** Of a target's keys: those that say what the report looks like, ask on a terminal, or change nothing of what is examined. */
const notAsked: ReadonlySet<string> = new Set([
  ...['format', 'full', 'color', 'fail-on', 'password', 'no-password', 'progress', 'verbose', 'target'],
]);

const several: ReadonlySet<string> = new Set(['log', 'tablespace-mapping', 'accept-unexamined']);

const longest = 4096;
const mostValues = 64;
const text = { type: 'string', minLength: 1, maxLength: longest };

/** The keys that a target of the configuration has, or the name of one; with `targetsOnly`, that name alone. */
export function examinationInput(
  command: TargetCommand,
  targets: readonly string[],
  { targetsOnly }: { readonly targetsOnly: boolean },
): InputSchema {
  const target = {
    ...text,
    ...(targets.length === 0 ? {} : { enum: targets }),
    description: 'a target of the configuration; it comes without the other inputs',
  };
  const keys = targetsOnly ? [] : keysOf(command);
  return {
    type: 'object',
    additionalProperties: false,
    properties: { target, ...Object.fromEntries(keys.map((option) => [option.long, valueOf(option)])) },
    ...(targetsOnly ? { required: ['target'] } : {}),
  };
}

const keysOf = (command: TargetCommand): readonly OptionSpec[] =>
  targetKeys[command].filter(({ long }) => !notAsked.has(long));

function valueOf({ long, value, ...option }: OptionSpec): object {
  const { description } = described[long] ?? {
    description: 'help' in option && typeof option.help === 'string' ? option.help : long,
  };
  if (value === undefined) return { type: 'boolean', description };
  return several.has(long)
    ? { type: 'array', items: text, maxItems: mostValues, description }
    : { ...text, description };
}

/** Where the help of the command line says more than holds here. */
const described: Readonly<Record<string, { readonly description: string }>> = {
  pgdata: { description: 'the data directory, on the machine that standbylint runs on' },
  dbname: { description: 'a connection string without a password' },
  admin: {
    description: 'a connection string, without a password, to inspect the primary (superuser, or pg_monitor)',
  },
  standby: { description: 'a connection string, without a password, to the server of the standby while it runs' },
  log: { description: 'logs of the standby: files or globs (default: found automatically)' },
};

/** The words of the command line for inputs that fit the schema. Throws a {@link UsageError} that repeats no value of them. */
export function wordsOfInput(input: Readonly<Record<string, unknown>>, schema: InputSchema): readonly string[] {
  checkInput(input, schema);
  if ('target' in input && Object.keys(input).length > 1)
    throw new UsageError('"target" comes without other inputs: the configuration has the rest.');
  refusePlaces(input);
  return Object.entries(input).flatMap(([key, value]) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it fits the schema
    wordsOf(key, value as OptionValue),
  );
}

/** Throws a {@link UsageError} for what does not fit, and for what holds a password. */
export function checkInput(input: Readonly<Record<string, unknown>>, schema: InputSchema): void {
  const fits = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  if (!fits(input)) {
    const { keyword, instancePath = '', message = '', params = {} } = fits.errors?.[0] ?? {};
    const names = Object.keys(schema.properties);
    if (keyword === 'additionalProperties')
      throw new UsageError(
        'An input has a name that does not exist.',
        didYouMean(String(params['additionalProperty']), names) ?? `Inputs: ${names.join(', ')}.`,
      );
    const allowed = Array.isArray(params['allowedValues']) ? `: ${params['allowedValues'].join(', ')}` : '';
    throw new UsageError(
      `The input ${instancePath.slice(1).replaceAll('/', '.')} ${message}${allowed}.`.replace('  ', ' '),
    );
  }
  const { text: pasted, ...others } = input;
  // what is pasted is masked where it is quoted
  refuseSecrets(typeof pasted === 'string' ? others : input, 'the input');
}

/** To go to another machine or into a container takes a target of the configuration: who runs this server writes that. */
function refusePlaces(input: Readonly<Record<string, unknown>>): void {
  const { log } = input;
  const elsewhere = Object.entries({ pgdata: placeIn, admin: placeOfSession, standby: placeOfSession }).flatMap(
    ([key, placeOf]) => {
      const value = input[key];
      return typeof value === 'string' && placeOf(value) !== undefined ? [key] : [];
    },
  );
  const [first] = elsewhere;
  if (first !== undefined)
    throw new UsageError(
      `The input ${first} names a container or another machine.`,
      'Only a target of the configuration may: add one, and give its name as "target".',
    );
  if (Array.isArray(log) && log.includes('-'))
    throw new UsageError('The input log cannot be "-": standard input carries the protocol.');
}
