import type { Severity } from '../../findings/report.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { padEnd } from '../../report/layout.ts';
import { printable } from '../../report/printable.ts';
import type { CommandSurroundings } from '../command.ts';
import type { Format } from '../options/own-options.ts';
import type { Configuration, OptionValue } from './content.ts';
import { findConfiguration } from './find.ts';
import { thresholdKeys, thresholdVariable } from './keys.ts';
import { thresholdValues } from './policy.ts';
import { chosenTarget, configurationOf, layersOf } from './resolve.ts';
import type { ReadConfiguration } from './read.ts';

export interface ConfigCall {
  readonly config: string | undefined;
  readonly target: string | undefined;
  readonly format: Format;
}

/** A value that is in force, and what says so. */
interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
}

/** Shows what is in force, and where each value comes from. */
export async function config(call: ConfigCall, { print }: CommandSurroundings): Promise<number> {
  const read = await configurationOf(call.config, findConfiguration());
  const settings = settingsOf(read, call.target);
  await print(
    call.format === 'json'
      ? `${JSON.stringify({ schemaVersion: '1.0', file: read.file, target: call.target ?? null, settings }, undefined, 2)}\n`
      : asText(read, settings, call.target),
  );
  return 0;
}

function settingsOf(read: ReadConfiguration, name: string | undefined): readonly Setting[] {
  const { file, content } = read;
  const command = (name === undefined ? undefined : content.targets?.[name]?.command) ?? 'postmortem';
  const target = name === undefined ? undefined : chosenTarget(name, command, read);
  const options = new Map<string, Setting>();
  for (const { values, from } of layersOf(read, command, target))
    for (const [key, value] of Object.entries(values)) options.set(key, { key, value: shown(value), from: from(key) });
  const given = thresholdValues(content.thresholds ?? {}, process.env);
  const thresholds = Object.entries(thresholdKeys).map(([key, { help }]): Setting => {
    const found = given.find((one) => one.name === key);
    return {
      key: `thresholds.${key}`,
      value: found?.value ?? /\(([^()]*)\)$/u.exec(help)?.[1],
      from: found === undefined ? 'default' : found.variable === undefined ? (file ?? '') : thresholdVariable(key),
    };
  });
  return [...options.values(), ...thresholds, ...judging(content, target, file ?? '')];
}

function judging(content: Configuration, target: string | undefined, file: string): readonly Setting[] {
  const severities: readonly (readonly [string, Severity])[] = Object.entries(content.severity ?? {});
  return [
    ...severities.map(([rule, value]) => ({ key: `severity.${rule}`, value, from: file })),
    ...(content.ignore ?? []).map((rule) => ({ key: `ignore.${rule}`, value: true, from: file })),
    ...(content.accepted ?? [])
      .filter((one) => one.target === undefined || target === undefined || one.target === target)
      .map(({ rule, subject, until, reason }) => ({
        key: `accepted.${rule}`,
        value: `"${subject}" until ${until}: ${reason}`,
        from: file,
      })),
  ];
}

/** A connection string of the environment may hold a password. */
function shown(value: OptionValue): OptionValue {
  if (typeof value !== 'string') return value;
  if (!/=|:\/\//u.test(value)) return value;
  const parsed = parseConninfo(value);
  if (!parsed.ok) return /passw|@/iu.test(value) ? '***' : value;
  const masked = formatConninfo(parsed.value.values);
  return masked === formatConninfo(parsed.value.values, { secrets: 'left-out' }) ? value : masked;
}

function asText(read: ReadConfiguration, settings: readonly Setting[], target: string | undefined): string {
  const targets = Object.entries(read.content.targets ?? {});
  const rows = settings.map(({ key, value, from }) => [key, textOf(value), from] as const);
  const [widest, wide] = [0, 1].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  return [
    `Configuration: ${read.file ?? 'none'}`,
    ...(targets.length === 0 || target !== undefined
      ? []
      : ['Targets:', ...targets.map(([name, { command }]) => `  ${name} (${command})`)]),
    ...(target === undefined ? [] : [`Target: ${target}`]),
    '',
    ...rows.map(([key, value, from]) => `${padEnd(key, widest ?? 0)}  ${padEnd(value, wide ?? 0)}  ${from}`),
    '',
  ]
    .map((line) => printable(line).trimEnd())
    .join('\n');
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));
