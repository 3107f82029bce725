import { escapedJson } from '../../report/json.ts';
import type { CommandSurroundings } from '../command.ts';
import { findConfiguration } from '../configuration/find.ts';
import { configurationOf, wordsOf } from '../configuration/resolve.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import { checkFiles } from '../output/report-output.ts';
import { shownWord } from '../options/shown-word.ts';
import type { ColorChoice } from '../options/own-options.ts';
import { UsageError } from '../usage-error.ts';
import { examineAll } from './examine.ts';
import type { Job } from './examine.ts';
import { fleetOutputs } from './options.ts';
import { earlierFleet } from './saved.ts';
import { isInShard } from './shard.ts';
import type { Shard } from './shard.ts';
import { printFleet, printsEachTarget } from './print-fleet.ts';
import type { ReadConfiguration } from '../configuration/read.ts';

export interface FleetCall {
  readonly names: readonly string[];
  readonly config: string | undefined;
  /** KIND:VALUE of other people's lists of servers. */
  readonly inventory: readonly string[];
  /** KEY=VALUE of the options of each of their targets. */
  readonly each: readonly string[];
  /** Only this part of the targets. */
  readonly shard: Shard | undefined;
  readonly jobs: number;
  readonly targetTimeout: number;
  readonly since: string | undefined;
  readonly format: readonly string[];
  readonly color: ColorChoice;
}

/** Examines all targets of the configuration, or of an inventory, in one process, and tells each root cause once. */
export async function fleet(call: FleetCall, { print, signal }: CommandSurroundings): Promise<number> {
  const outputs = fleetOutputs(call.format);
  await checkFiles(outputs);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const all = await jobsOf(call, signal);
  const { shard } = call;
  const waiting = shard === undefined ? all : all.filter(({ target }) => isInShard(target, shard));
  const before = call.since === undefined ? undefined : await earlierFleet(call.since);
  let [done, failing] = [0, 0];
  const tell = (): void =>
    progress(courseText({ done, failing, count: waiting.length, elapsedMs: performance.now() - began }));
  tell();
  const targets = await examineAll(
    waiting,
    { jobs: call.jobs, timeoutMs: call.targetTimeout, signal },
    async (examined) => {
      done += 1;
      if (examined.status !== 0) failing += 1;
      tell();
      if (printsEachTarget(outputs)) await print(escapedJson(examined, 0));
    },
  );
  progress('');
  const run = {
    ...{ startedAt, targets },
    elapsedMs: Math.round(performance.now() - began),
    shard: shard && { ...shard, of: all.map(({ target }) => target) },
  };
  return printFleet(run, { before, outputs, color: call.color }, print);
}

/** How far it is, how many targets have a fault or could not be examined, and how long the rest takes at the pace until now. */
export function courseText(course: {
  readonly done: number;
  readonly failing: number;
  readonly count: number;
  readonly elapsedMs: number;
}): string {
  const { done, failing, count, elapsedMs } = course;
  const seconds = Math.ceil(((elapsedMs / done) * (count - done)) / 1_000);
  const left = seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  const time = done === 0 || done === count ? '' : `, about ${left} left`;
  return `${done} of ${count} targets examined, ${failing} failing${time}`;
}

/** On a terminal, in one line that is written again and again. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** Those of the configuration, or of the inventories. */
async function jobsOf(call: FleetCall, signal: AbortSignal): Promise<readonly Job[]> {
  const { names, inventory: given, each } = call;
  const configuration = await configurationOf(call.config, findConfiguration());
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
        : {
            server: serverOf(one.options),
            words: [...config, ...Object.entries(one.options).flatMap(([key, value]) => wordsOf(key, value))],
          }),
    }));
}

function ofConfiguration(names: readonly string[], { file, content }: ReadConfiguration): readonly Job[] {
  const targets = content.targets ?? {};
  if (file === null || Object.keys(targets).length === 0)
    throw new UsageError(
      file === null ? 'There is no configuration here or in a parent directory.' : `${file} has no targets.`,
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
    .map(([target, { command, ...options }]) => ({
      ...{ target, command, server: serverOf(options) },
      words: ['--config', file, '--target', target],
    }));
}

/** By what stands there, and not by where it leads. */
function serverOf({ admin, dbname, host, port }: Readonly<Record<string, unknown>>): string | undefined {
  const named = [admin, dbname, host, port];
  return named.every((one) => one === undefined) ? undefined : JSON.stringify(named);
}
