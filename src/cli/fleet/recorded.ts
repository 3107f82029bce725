import { availableParallelism } from 'node:os';
import { posix } from 'node:path';

import type { ExaminedTarget } from '../../findings/fleet-report.ts';
import { escapedJson } from '../../report/json.ts';
import { judged } from '../recording/judged-recording.ts';
import type { AnalyzeCall } from '../recording/judged-recording.ts';
import type { CommandSurroundings } from '../command.ts';
import { unlessInterrupted } from '../examination/unless-interrupted.ts';
import { statusOf } from '../output/exit-status.ts';
import { checkFiles } from '../output/report-output.ts';
import { UsageError } from '../usage-error.ts';
import { Alike } from './alike.ts';
import { fleetOutputs } from './options.ts';
import { OtherThread, answering, programHere } from './other-thread.ts';
import { earlierFleet } from './saved.ts';
import { printFleet, printsEachTarget } from './print-fleet.ts';

/** Looks that were recorded on many machines, judged here and reported as one run. A target is called as its file is. */
export async function printRecorded(call: AnalyzeCall, { print, signal }: CommandSurroundings): Promise<number> {
  const { files, since, format, color } = call;
  const outputs = fleetOutputs(format);
  await checkFiles(outputs);
  const before = since === undefined ? undefined : await earlierFleet(since);
  const names = namesOf(files);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const answer = answering();
  if (answer !== undefined) {
    for (const [at, file] of files.entries()) answer(await examinedIn(file, names[at] ?? file, call));
    return 0;
  }
  const targets: ExaminedTarget[] = [];
  const alike = new Alike();
  const others = otherThreads(call);
  for (const [at, file] of files.entries()) {
    const target = names[at] ?? file;
    const other = others[(at % (others.length + 1)) - 1];
    const judge = async (): Promise<ExaminedTarget> => (await other?.next()) ?? examinedIn(file, target, call);
    const examined = alike.of((await untilInterrupted(judge, signal)) ?? interrupted(target));
    targets.push({ ...examined, target });
    if (printsEachTarget(outputs)) await print(escapedJson({ ...examined, target }, 0));
  }
  await Promise.all(others.map(async (other) => other.end()));
  const elapsedMs = Math.round(performance.now() - began);
  return printFleet({ startedAt, targets, elapsedMs }, { before, outputs, color }, print);
}

/** A file may be a pipe into which nothing comes. Undefined: interrupted. */
async function untilInterrupted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  return unlessInterrupted(work(), signal).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
}

/**
 * Each judges a part of the files: this thread the first, the next one the second, and so on in turn. Two judge twice as much
 * in the same time, and one takes 60 MB and half a second of computing to begin.
 */
function otherThreads(call: AnalyzeCall): readonly OtherThread[] {
  const { files } = call;
  const all = Math.min(availableParallelism(), mostThreads, Math.floor(files.length / worthAThread));
  const program = programHere();
  if (all < 2 || program === undefined || files.includes('-')) return [];
  return Array.from({ length: all - 1 }, (_, index) => {
    const own = files.filter((_file, at) => at % all === index + 1);
    return new OtherThread(program, own, call);
  });
}

const mostThreads = 4;
const worthAThread = 200;

/** Where two files in different directories have the same name, the whole paths. */
function namesOf(files: readonly string[]): readonly string[] {
  const names = files.map((file) => posix.basename(file).replace(/\.(?:facts|tar\.gz)$/u, ''));
  return new Set(names).size === names.length ? names : files;
}

const interrupted = (target: string): ExaminedTarget => ({
  ...{ target, command: 'postmortem', outcome: 'interrupted', because: 'interrupted before it began' },
  ...{ elapsedMs: 0, status: 3, report: null },
});

async function examinedIn(file: string, target: string, call: AnalyzeCall): Promise<ExaminedTarget> {
  try {
    const { report } = await judged(file, call);
    const command = report.command === 'postmortem' ? 'postmortem' : 'preflight';
    const status = await statusOf(report, { outputs: [], failOn: call.failOn });
    return { target, command, outcome: 'examined', because: null, elapsedMs: report.elapsedMs, status, report };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { ...interrupted(target), outcome: 'failed', because: error.message, status: 2 };
  }
}
