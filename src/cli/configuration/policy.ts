import type { Thresholds } from '../../facts/policy.ts';
import type { Policy } from '../../findings/policy.ts';
import { shownWord } from '../options/shown-word.ts';
import { UsageError } from '../usage-error.ts';
import { sizeOf, thresholdKeys, thresholdVariable } from './keys.ts';
import type { ThresholdName } from './keys.ts';
import type { ReadConfiguration } from './read.ts';

/** How findings are judged; undefined where neither a file nor the environment says anything of it. */
export function policyOf(
  { file, content }: ReadConfiguration,
  target: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Policy | undefined {
  const thresholds = thresholdsOf(content.thresholds ?? {}, environment);
  if (file === null && Object.keys(thresholds).length === 0) return undefined;
  const { severity = {}, ignore = [], accepted = [], targets = {} } = content;
  return {
    file,
    target: target ?? null,
    severity,
    ignore,
    thresholds,
    accepted: accepted
      .filter((one) => one.target === undefined || one.target === target)
      .map(({ rule, subject, reason, until, target: only }) => ({
        ...{ rule, subject, reason, until },
        forThisRun: only !== undefined || Object.keys(targets).length === 0,
      })),
  };
}

/** The raw values: of the file, and before them those of the environment. */
export function thresholdValues(
  content: Readonly<Partial<Record<ThresholdName, number | string>>>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly { readonly name: ThresholdName; readonly value: number | string; readonly variable?: string }[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object literal
  const names = Object.keys(thresholdKeys) as readonly ThresholdName[];
  return names.flatMap((name) => {
    const variable = thresholdVariable(name);
    const given = environment[variable];
    if (given !== undefined && given !== '') return [{ name, value: checked(name, variable, given), variable }];
    const value = content[name];
    return value === undefined ? [] : [{ name, value }];
  });
}

function checked(name: ThresholdName, variable: string, text: string): number | string {
  const key = thresholdKeys[name];
  if (key.kind === 'size') {
    if (sizeOf(text) !== undefined) return text;
    throw new UsageError(`${variable} must be a size, not "${shownWord(text)}".`, `For example: ${variable}=2GB`);
  }
  const number = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (number <= key.most) return number;
  throw new UsageError(
    `${variable} must be a number up to ${key.most}, not "${shownWord(text)}".`,
    `For example: ${variable}=20`,
  );
}

function thresholdsOf(...given: Parameters<typeof thresholdValues>): Partial<Thresholds> {
  const values = new Map(thresholdValues(...given).map(({ name, value }) => [name, value]));
  const number = (name: ThresholdName): number | undefined => {
    const value = values.get(name);
    return value === undefined ? undefined : Number(value);
  };
  const size = (name: ThresholdName): bigint | undefined => sizeOf(values.get(name) ?? '');
  const percent = number('slotReservePercent');
  const all = {
    lagSeconds: number('lagSeconds'),
    lagBytes: size('lagBytes'),
    spaceReserve: size('spaceReserve'),
    slotReserve: percent === undefined ? undefined : percent / 100,
    slotRetention: size('slotRetention'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
