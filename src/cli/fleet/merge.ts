import { escapedJson } from '../../report/json.ts';
import type { CommandSurroundings } from '../command.ts';
import type { ColorChoice } from '../options/own-options.ts';
import { checkFiles } from '../output/report-output.ts';
import { version } from '../version.ts';
import { fleetOutputs } from './options.ts';
import { earlierFleet, savedFleet } from './saved.ts';
import { merged } from './shard.ts';
import { printFleet, printsEachTarget } from './print-fleet.ts';

export interface MergeCall {
  readonly files: readonly string[];
  readonly since: string | undefined;
  readonly format: readonly string[];
  readonly color: ColorChoice;
}

/** Tells the shards of a fleet as one run. */
export async function merge(call: MergeCall, { print }: CommandSurroundings): Promise<number> {
  const outputs = fleetOutputs(call.format);
  await checkFiles(outputs);
  const run = merged(await Promise.all(call.files.map(savedFleet)), version);
  const before = call.since === undefined ? undefined : await earlierFleet(call.since);
  if (printsEachTarget(outputs)) for (const one of run.targets) await print(escapedJson(one, 0));
  return printFleet(run, { before, outputs, color: call.color }, print);
}
