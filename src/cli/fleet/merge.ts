import { escapedJson } from '../../report/json.ts';
import type { CommandSurroundings } from '../command.ts';
import type { ColorChoice } from '../own-options.ts';
import { version } from '../version.ts';
import { worstStatus } from './examined.ts';
import type { FleetFormat } from './options.ts';
import { savedFleet } from './saved.ts';
import { merged } from './shard.ts';
import { tellFleet } from './tell.ts';

export interface MergeCall {
  readonly files: readonly string[];
  readonly since: string | undefined;
  readonly format: FleetFormat;
  readonly color: ColorChoice;
}

/** Tells the shards of a fleet as one run. */
export async function merge(call: MergeCall, { print }: CommandSurroundings): Promise<number> {
  const run = merged(await Promise.all(call.files.map(savedFleet)), version);
  const before = call.since === undefined ? undefined : await savedFleet(call.since);
  if (call.format === 'ndjson') for (const one of run.targets) await print(escapedJson(one, 0));
  await tellFleet(run, { before, format: call.format, color: call.color }, print);
  return worstStatus(run.targets);
}
