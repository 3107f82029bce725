import { readFile } from 'node:fs/promises';

import { escapedJson } from '../../report/json.ts';
import { paintOf } from '../../report/paint.ts';
import type { CommandSurroundings } from '../command.ts';
import { findConfiguration } from '../configuration/find.ts';
import { configurationOf, wordsOf } from '../configuration/resolve.ts';
import type { ReadConfiguration } from '../configuration/resolve.ts';
import { didYouMean } from '../did-you-mean.ts';
import { shownWord } from '../shown-word.ts';
import type { ColorChoice } from '../own-options.ts';
import { standardOutput } from '../report-output.ts';
import { colorLevel, textWidth } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { changesSince, sharedCauses } from './causes.ts';
import type { Changes } from './causes.ts';
import { examineAll } from './examine.ts';
import type { Job } from './examine.ts';
import { worstStatus } from './examined.ts';
import type { ExaminedTarget } from './examined.ts';
import type { FleetFormat } from './options.ts';
import { fleetText } from './text.ts';

export interface FleetCall {
  readonly names: readonly string[];
  readonly config: string | undefined;
  /** KIND:VALUE of other people's lists of servers. */
  readonly inventory: readonly string[];
  /** KEY=VALUE of the options of each of their targets. */
  readonly each: readonly string[];
  readonly jobs: number;
  readonly targetTimeout: number;
  readonly since: string | undefined;
  readonly format: FleetFormat;
  readonly color: ColorChoice;
}

/** Examines all targets of the configuration in one process, and tells each root cause once. */
export async function fleet(call: FleetCall, { print, signal }: CommandSurroundings): Promise<number> {
  const startedAt = new Date();
  const began = performance.now();
  const waiting = await jobsOf(call, signal);
  const before = call.since === undefined ? undefined : await earlier(call.since);
  let done = 0;
  const targets = await examineAll(
    waiting,
    { jobs: call.jobs, timeoutMs: call.targetTimeout, signal },
    async (examined) => {
      done += 1;
      progress(`${done} of ${waiting.length} targets examined`);
      if (call.format === 'ndjson') await print(escapedJson(examined, 0));
    },
  );
  progress('');
  const causes = sharedCauses(targets);
  const since: Changes | undefined = before && changesSince(before, targets);
  const elapsedMs = Math.round(performance.now() - began);
  const summary = {
    schemaVersion: '1.0',
    tool: { name: 'standbylint', version },
    command: 'fleet',
    startedAt: startedAt.toISOString(),
    elapsedMs,
    complete: targets.every(({ outcome }) => outcome === 'examined'),
    causes,
    ...(since === undefined ? {} : { since }),
  };
  if (call.format === 'json') await print(escapedJson({ ...summary, targets }));
  else if (call.format === 'ndjson') await print(escapedJson(summary, 0));
  else {
    const surface = standardOutput();
    const paint = await paintOf(colorLevel(call.color, surface));
    await print(fleetText({ targets, causes, since, elapsedMs }, textWidth(surface), paint));
  }
  return worstStatus(targets);
}

/** On a terminal, in one line that is written again and again. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** Those of the configuration, or of the inventories. */
async function jobsOf(call: FleetCall, signal: AbortSignal): Promise<readonly Job[]> {
  const { names, inventory: given, each } = call;
  const configuration = await configurationOf(call.config, findConfiguration(process.cwd()));
  if (given.length === 0) {
    if (each.length > 0) throw new UsageError('--each applies only to the targets of an --inventory.');
    return ofConfiguration(names, configuration);
  }
  const { eachOptions, readInventories } = await import('./inventory/read.ts');
  const found = await readInventories(given, eachOptions(each), signal);
  const all = found.map(({ name }) => name);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`The inventory has no server "${shownWord(unknown)}".`, didYouMean(unknown, all));
  const config = configuration.file === null ? [] : ['--config', configuration.file];
  return found
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((one) => ({
      target: one.name,
      command: one.command,
      ...('because' in one
        ? { because: one.because }
        : { words: [...config, ...Object.entries(one.options).flatMap(([key, value]) => wordsOf(key, value))] }),
    }));
}

function ofConfiguration(names: readonly string[], { file, content }: ReadConfiguration): readonly Job[] {
  const targets = content.targets ?? {};
  if (file === null || Object.keys(targets).length === 0)
    throw new UsageError(
      file === null ? 'There is no configuration here or in a directory above.' : `${file} has no targets.`,
      file === null
        ? 'Write one with "standbylint init", name it with --config FILE, or use --inventory.'
        : 'Add them: see docs/configuration.md.',
    );
  const unknown = names.find((name) => !Object.hasOwn(targets, name));
  if (unknown !== undefined)
    throw new UsageError(
      `${file}: the target "${unknown}" does not exist.`,
      didYouMean(unknown, Object.keys(targets)) ?? `Targets: ${Object.keys(targets).join(', ')}.`,
    );
  return Object.entries(targets)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([target, { command }]) => ({ target, command, words: ['--config', file, '--target', target] }));
}

/** The report of an earlier run. */
async function earlier(file: string): Promise<readonly ExaminedTarget[]> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (
      typeof value === 'object' &&
      value !== null &&
      'command' in value &&
      value.command === 'fleet' &&
      'targets' in value
    )
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it says that it is one
      return value.targets as readonly ExaminedTarget[];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new UsageError(`${file} does not exist.`, 'Save a run with --format json > FILE.');
  }
  throw new UsageError(`${file} is not a report of standbylint fleet.`, 'Save one with --format json > FILE.');
}
