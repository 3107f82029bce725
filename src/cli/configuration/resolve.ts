import { stat } from 'node:fs/promises';
import { resolve as absolute } from 'node:path';

import type { Policy } from '../../findings/policy.ts';
import { baseBackupOptions } from '../../postgres/basebackup-options.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import { parseWords } from '../options/getopt.ts';
import type { OptionSpec, ParsedOption, ParsedWords } from '../options/getopt.ts';
import { outputOf, outputOption } from '../options/outputs.ts';
import { ownOptions } from '../options/own-options.ts';
import { ownWords } from '../options/own-words.ts';
import { postmortemOptions } from '../options/postmortem-options.ts';
import { UsageError } from '../usage-error.ts';
import type { OptionValue, OptionValues } from './content.ts';
import { backupTargets, reportKeys, targetKeys, variableOf } from './keys.ts';
import type { TargetCommand } from './keys.ts';
import { policyOf } from './policy.ts';
import { readConfiguration } from './read.ts';
import type { ReadConfiguration } from './read.ts';

/** Where values come from, the weakest first: each replaces what the ones before say of the same option. */
export interface Layer {
  /** `standbylint.config.json: options`, `STANDBYLINT_TIMEOUT` */
  readonly from: (key: string) => string;
  readonly values: OptionValues;
}

/** The words of a call with what the configuration adds to them, and how it is judged. */
export interface Configured {
  readonly words: readonly string[];
  readonly policy: Policy | undefined;
}

/** The words with what the configuration and the environment add. Throws a {@link UsageError}. */
export async function resolve(
  command: 'preflight' | 'clone' | 'postmortem',
  words: readonly string[],
  found: string | undefined,
  specs?: readonly OptionSpec[],
): Promise<Configured> {
  const typed: ParsedWords<OptionSpec> =
    command === 'postmortem'
      ? ownWords<OptionSpec>(words, specs ?? postmortemOptions)
      : parseWords<OptionSpec>(words, baseBackupOptions, specs ?? ownOptions(command));
  if (typed.options.some(({ spec }) => spec.long === 'help' || spec.long === 'version'))
    return { words, policy: undefined };
  const file = typed.options.findLast(({ spec }) => spec.long === 'config')?.value;
  const read = await configurationOf(file, found);
  const examinedWith = command === 'postmortem' ? 'postmortem' : 'preflight';
  const named = targetOf(typed.options, command, read);
  const target = named === undefined ? undefined : chosenTarget(named, examinedWith, read);
  const taken =
    specs && new Set([...specs, ...(command === 'postmortem' ? [] : baseBackupOptions)].map(({ long }) => long));
  const layers = layersOf(read, examinedWith, target).map((layer) => ({
    ...layer,
    values: Object.fromEntries(
      Object.entries(layer.values).filter(([key, value]) => taken === undefined || isTaken(taken, key, value)),
    ),
  }));
  const given = typed.options.filter((option) => !(option.spec.long === 'target' && option.value === named));
  const covered = new Set(given.map(nameOf));
  const added = layers.flatMap((layer, at) =>
    Object.entries(layer.values).flatMap(([key, value]) =>
      wordsOf(key, value).filter(
        (word) =>
          !covered.has(nameOfWord(key, word)) &&
          !layers.slice(at + 1).some(({ values }) => Object.keys(values).includes(key)),
      ),
    ),
  );
  const operands = typed.operands.length === 0 ? [] : ['--', ...typed.operands];
  return {
    words: [...added, ...given.flatMap(({ written }) => written), ...operands],
    policy: policyOf(read, target),
  };
}

/** pg_basebackup's --format and ours have the same name, and what takes the first need not take the second. */
const isTaken = (taken: ReadonlySet<string>, key: string, value: OptionValue): boolean =>
  taken.has(key) && (key !== outputOption.long || [value].flat().every((one) => outputOf(String(one)) === undefined));

/** --config, STANDBYLINT_CONFIG, or what was found. */
export async function configurationOf(
  given: string | undefined,
  found: string | undefined,
): Promise<ReadConfiguration> {
  const { STANDBYLINT_CONFIG: variable = '' } = process.env;
  const named = given ?? (variable === '' ? found : variable);
  if (named === undefined) return { file: null, content: {} };
  const file = absolute(named);
  if (given === undefined && variable === '') await refuseForeign(file);
  return { file, content: await readConfiguration(file) };
}

/** What is found and not named decides where passwords go and which programs are run: it has to be the caller's own, or root's. */
async function refuseForeign(file: string): Promise<void> {
  const { uid, mode } = await stat(file);
  const { SUDO_UID: behindSudo } = process.env;
  const isOwn = uid === 0 || uid === process.getuid?.() || String(uid) === behindSudo;
  if (isOwn && (mode & 0o002) === 0) return;
  throw new UsageError(
    `${file} ${isOwn ? 'can be written by everybody' : 'belongs to another user'}: it is not used.`,
    'Read it, and name it with --config FILE if it is meant.',
  );
}

/** --target NAME; pg_basebackup has an option of that name, and the value tells which one is meant. */
function targetOf(
  options: readonly ParsedOption<OptionSpec>[],
  command: string,
  { content: { targets = {} } }: ReadConfiguration,
): string | undefined {
  const option = options.findLast(
    ({ spec, written }) => spec.long === 'target' && written[0]?.startsWith('--') === true,
  );
  const { value } = option ?? {};
  if (value === undefined) {
    const { STANDBYLINT_TARGET: variable = '' } = process.env;
    return variable === '' || options.some(({ spec }) => spec.long === 'target') ? undefined : variable;
  }
  if (command === 'postmortem' || Object.keys(targets).length > 0)
    return backupTargets.includes(value.split(':')[0] ?? '') && command !== 'postmortem' ? undefined : value;
  return undefined;
}

/** Throws a {@link UsageError} where there is none of that name, or it is for the other command. */
export function chosenTarget(name: string, command: TargetCommand, { file, content }: ReadConfiguration): string {
  const targets = content.targets ?? {};
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (file === null)
    throw new UsageError(
      `--target ${name}: there is no configuration here or in a parent directory.`,
      'Write one with "standbylint init", or name it with --config FILE.',
    );
  if (target === undefined)
    throw new UsageError(
      `${file}: the target "${name}" does not exist.`,
      didYouMean(name, Object.keys(targets)) ?? `Targets: ${Object.keys(targets).join(', ') || 'none'}.`,
    );
  if (target.command !== command)
    throw new UsageError(
      `The target "${name}" is for ${target.command}.`,
      `Use "standbylint ${target.command} --target ${name}".`,
    );
  return name;
}

export function layersOf(
  { file, content }: ReadConfiguration,
  command: TargetCommand,
  target: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly Layer[] {
  const { command: _, ...values } = (target === undefined ? undefined : content.targets?.[target]) ?? {};
  return [
    { from: () => `${file ?? ''}: options`, values: content.options ?? {} },
    { from: () => `${file ?? ''}: targets.${target ?? ''}`, values },
    { from: variableOf, values: environmentValues(command, environment) },
  ];
}

/** How to look and what to tell may come from the environment; what changes something, and what is examined, does not. */
function environmentValues(
  command: TargetCommand,
  environment: Readonly<Record<string, string | undefined>>,
): OptionValues {
  const keys = command === 'postmortem' ? targetKeys.postmortem.filter(({ long }) => long !== 'pgdata') : reportKeys;
  return Object.fromEntries(
    keys.flatMap(({ long, value }): readonly (readonly [string, OptionValue])[] => {
      const given = environment[variableOf(long)];
      if (given === undefined || given === '') return [];
      return [[long, value === undefined ? flag(variableOf(long), given) : given]];
    }),
  );
}

function flag(variable: string, text: string): boolean {
  if (/^(?:1|true|yes|on)$/iu.test(text)) return true;
  if (/^(?:0|false|no|off)$/iu.test(text)) return false;
  throw new UsageError(`${variable} must be true or false.`, `For example: ${variable}=true`);
}

/** A value as it is typed. */
export function wordsOf(key: string, value: OptionValue): readonly string[] {
  if (typeof value === 'boolean') return value ? [`--${key}`] : [];
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => `--${key}=${String(one)}`);
}

/** The two options that --format is, apart. */
const nameOf = ({ spec: { long }, value = '' }: ParsedOption<OptionSpec>): string => named(long, value);
const nameOfWord = (key: string, word: string): string => named(key, word.slice(key.length + 3));
const named = (long: string, value: string): string =>
  long === 'format' && outputOf(value) !== undefined ? 'format of the report' : long;
