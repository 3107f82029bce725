import { posix } from 'node:path';

import type { ExaminedTarget } from '../../findings/fleet-report.ts';
import { escapedJson } from '../../report/json.ts';
import { judged } from '../recording/judged-recording.ts';
import type { AnalyzeCall } from '../recording/judged-recording.ts';
import type { CommandSurroundings } from '../command.ts';
import { statusOf } from '../output/exit-status.ts';
import { checkFiles } from '../output/report-output.ts';
import { UsageError } from '../usage-error.ts';
import { Alike } from './alike.ts';
import { fleetOutputs } from './options.ts';
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
  const targets: ExaminedTarget[] = [];
  const alike = new Alike();
  for (const [at, file] of files.entries()) {
    const target = names[at] ?? file;
    const examined = signal.aborted ? interrupted(target) : alike.of(await examinedIn(file, target, call));
    targets.push(examined);
    if (printsEachTarget(outputs)) await print(escapedJson(examined, 0));
  }
  const elapsedMs = Math.round(performance.now() - began);
  return printFleet({ startedAt, targets, elapsedMs }, { before, outputs, color }, print);
}

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
