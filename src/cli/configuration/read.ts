import { readFile, stat } from 'node:fs/promises';

import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv/dist/2020.js';

import { errorCode } from '../../hosts/local-answers.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import { UsageError } from '../usage-error.ts';
import schema from '../../../schemas/config.json' with { type: 'json' };
import type { Configuration } from './content.ts';
import { ruleProblem } from './rule-problem.ts';

/** A configuration that was read, and where from. */
export interface ReadConfiguration {
  readonly file: string | null;
  readonly content: Configuration;
}

/** One run has one configuration: a fleet reads it for each of its targets. */
const readBefore = new Map<string, Promise<Configuration>>();

/** Reads and checks a configuration. Throws a {@link UsageError}. No value of it is ever shown: one may be a secret. */
export async function readConfiguration(file: string): Promise<Configuration> {
  const reading = readBefore.get(file) ?? readNow(file);
  readBefore.set(file, reading);
  return reading;
}

async function readNow(file: string): Promise<Configuration> {
  const value = parsed(await textOf(file), file);
  refuseSecrets(value, file);
  const fits = new Ajv2020({ discriminator: true, verbose: true, allowUnionTypes: true }).compile(schema);
  if (!fits(value)) throw await schemaError(fits.errors?.[0], file);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it fits the schema
  const configuration = value as Configuration;
  checkAcceptances(configuration, file);
  return configuration;
}

const mostBytes = 1024 ** 2;

async function textOf(file: string): Promise<string> {
  try {
    const { size, isFile } = await stat(file).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile || size > mostBytes) throw new Error(isFile ? 'it is larger than 1 MB' : 'it is not a file');
    return await readFile(file, 'utf8');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = errorCode(error);
    const why =
      code === 'ENOENT'
        ? 'it does not exist'
        : code === 'EACCES'
          ? 'permission denied'
          : message.replace(/^\w+: /u, '');
    throw new UsageError(
      `The configuration ${file} could not be read: ${why}.`,
      'Name another one with --config FILE, or write one with "standbylint init".',
    );
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    const [, position] = /position (\d+)/u.exec(error instanceof Error ? error.message : '') ?? [];
    const line = position === undefined ? '' : `, line ${text.slice(0, Number(position)).split('\n').length}`;
    throw new UsageError(
      `${file}${line}: this is not JSON.`,
      'A comment or a comma before a closing bracket is not allowed.',
    );
  }
}

const insteadOfPassword =
  'Use the password file (~/.pgpass), PGPASSWORD in the environment, or service=NAME with a service file.';

/** A file that is found by its name and kept with the code is no place for a password, and neither is what an assistant writes. */
export function refuseSecrets(value: unknown, file: string, path: readonly string[] = []): void {
  const refused = (): UsageError =>
    new UsageError(`${file}: ${path.join('.')} has a password, which does not belong here.`, insteadOfPassword);
  if (typeof value === 'string') {
    const key = path.at(-1) ?? '';
    if (/passw|pwd|secret|passphrase/iu.test(key)) throw refused();
    if (hasSecret(value)) throw refused();
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) refuseSecrets(inner, file, [...path, key]);
  }
}

function hasSecret(text: string): boolean {
  if (/(?:^|[\s?&;])(?:ssl)?passw(?:or)?d\s*=|\/\/[^/\s]*:[^/\s@]+@/iu.test(text)) return true;
  const parts = parseConninfo(text);
  return parts.ok && formatConninfo(parts.value.values) !== formatConninfo(parts.value.values, { secrets: 'left-out' });
}

/** One sentence about the first thing that does not fit, and what was probably meant. */
async function schemaError(error: ErrorObject | undefined, file: string): Promise<UsageError> {
  const { keyword = '', instancePath = '', params = {}, message = '', parentSchema, data } = error ?? {};
  const place = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/');
  const at = place === '' ? file : `${file}: ${place}`;
  const [part = ''] = place.split('.');
  if (keyword === 'additionalProperties') {
    const key = String(params['additionalProperty']);
    if (part === 'severity') return new UsageError(`${at}: ${await ruleProblem(key, 'severity')}`);
    return new UsageError(
      `${at}: the key "${key}" does not exist.`,
      didYouMean(key, keysOf(parentSchema)) ?? `Keys: ${keysOf(parentSchema).join(', ')}.`,
    );
  }
  if (
    (keyword === 'enum' || keyword === 'anyOf') &&
    typeof data === 'string' &&
    (part === 'ignore' || part === 'accepted')
  )
    return new UsageError(`${at}: ${await ruleProblem(data, part)}`);
  if (keyword === 'enum' && Array.isArray(params['allowedValues'])) {
    const words = params['allowedValues'].map(String);
    const hint = typeof data === 'string' ? didYouMean(data, words) : undefined;
    return new UsageError(`${at} must be ${words.join(', ')}.`, hint);
  }
  if (keyword === 'discriminator')
    return new UsageError(
      `${at}: the key "command" must be preflight or postmortem.`,
      'It says what the target is examined with.',
    );
  if (keyword === 'required') {
    const key = String(params['missingProperty']);
    return new UsageError(`${at}: the key "${key}" is missing.`, required[key]);
  }
  if (keyword === 'pattern' && place.endsWith('.until'))
    return new UsageError(`${at} must be a day, such as "2027-01-31".`);
  if (keyword === 'pattern' && part === 'thresholds') return new UsageError(`${at} must be a size, such as "2GB".`);
  if (keyword === 'propertyNames' || keyword === 'not' || (keyword === 'pattern' && part === 'targets'))
    return new UsageError(
      `${at}: a target has a name of letters, digits, "_", "." and "-", and none of client, server, blackhole and shell.`,
      'Those four are the backup targets of pg_basebackup.',
    );
  return new UsageError(`${at} ${message}.`);
}

const required: Readonly<Record<string, string>> = {
  reason: 'Each accepted finding says why.',
  until: 'Each accepted finding has a last day, such as "2027-01-31".',
};

function keysOf(parentSchema: unknown): readonly string[] {
  if (typeof parentSchema !== 'object' || parentSchema === null || !('properties' in parentSchema)) return [];
  return Object.keys(parentSchema.properties ?? {});
}

function checkAcceptances({ accepted = [], targets = {} }: Configuration, file: string): void {
  for (const [index, { until, target }] of accepted.entries()) {
    const at = `${file}: accepted.${index}`;
    const day = new Date(`${until}T00:00:00Z`);
    if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== until)
      throw new UsageError(`${at}.until: ${until} is a day that does not exist.`);
    if (target !== undefined && !Object.hasOwn(targets, target))
      throw new UsageError(
        `${at}.target: the target "${target}" does not exist.`,
        didYouMean(target, Object.keys(targets)) ?? `Targets: ${Object.keys(targets).join(', ')}.`,
      );
  }
}
