import { escapedJson } from '../../report/json.ts';
import { paintOf } from '../../report/paint.ts';
import type { CommandSurroundings } from '../command.ts';
import type { ColorChoice } from '../own-options.ts';
import { standardOutput } from '../report-output.ts';
import { colorLevel, textWidth } from '../terminal.ts';
import { version } from '../version.ts';
import { changesSince, sharedCauses } from './causes.ts';
import type { Changes } from './causes.ts';
import type { FleetFormat } from './options.ts';
import type { SavedFleet } from './saved.ts';
import { fleetText } from './text.ts';

/** What came of a run, or of the shards of one. */
export type FleetRun = Omit<SavedFleet, 'file' | 'tool'>;

/** How it is told. */
export interface FleetTold {
  readonly before: SavedFleet | undefined;
  readonly format: FleetFormat;
  readonly color: ColorChoice;
}

/** Tells a run as a whole; with ndjson its targets have been told as they came. */
export async function tellFleet(
  { startedAt, elapsedMs, targets, shard }: FleetRun,
  { before, format, color }: FleetTold,
  print: CommandSurroundings['print'],
): Promise<void> {
  const causes = sharedCauses(targets);
  const since: Changes | undefined = before && changesSince(before.targets, targets);
  const summary = {
    schemaVersion: '1.0',
    tool: { name: 'standbylint', version },
    command: 'fleet',
    startedAt,
    elapsedMs,
    ...(shard === undefined ? {} : { shard }),
    complete: targets.every(({ outcome }) => outcome === 'examined'),
    causes,
    ...(since === undefined ? {} : { since }),
  };
  if (format === 'json') return print(escapedJson({ ...summary, targets }));
  if (format === 'ndjson') return print(escapedJson(summary, 0));
  const surface = standardOutput();
  const paint = await paintOf(colorLevel(color, surface));
  return print(fleetText({ targets, causes, since, elapsedMs }, textWidth(surface), paint));
}
