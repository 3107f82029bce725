import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';
import { fleetFormatOf } from '../../report/fleet/formats.ts';
import { lastLine } from '../../report/fleet/json.ts';
import type { FleetFormatName, FleetRenderer } from '../../report/fleet/formats.ts';
import { noPaint, paintOf } from '../../report/paint.ts';
import type { CommandSurroundings } from '../command.ts';
import { printedFormat } from '../options/outputs.ts';
import type { Output } from '../options/outputs.ts';
import type { ColorChoice } from '../options/own-options.ts';
import { standardOutput } from '../output/report-output.ts';
import { colorLevel, textWidth } from '../terminal/terminal.ts';
import { version } from '../version.ts';
import { changesSince, sharedCauses } from './causes.ts';
import type { SavedFleet } from './saved.ts';

/** What came of a run, or of the shards of one. */
export type FleetRun = Pick<SavedFleet, 'startedAt' | 'elapsedMs' | 'targets' | 'shard'>;

/** How it is printed. */
export interface PrintedFleet {
  readonly before: SavedFleet | undefined;
  readonly outputs: readonly Output<FleetFormatName>[];
  readonly color: ColorChoice;
}

/**
 * Prints a run as a whole, on standard output and in files, and gives the exit status; with ndjson its targets were printed as
 * they came.
 */
export async function printFleet(
  { startedAt, elapsedMs, targets, shard }: FleetRun,
  { before, outputs, color }: PrintedFleet,
  print: CommandSurroundings['print'],
): Promise<number> {
  const fleet: FleetReport = {
    schemaVersion: '1.0',
    tool: { name: 'standbylint', version },
    command: 'fleet',
    startedAt,
    elapsedMs,
    ...(shard === undefined ? {} : { shard }),
    complete: targets.every(({ outcome }) => outcome === 'examined'),
    causes: sharedCauses(targets),
    ...(before === undefined ? {} : { since: changesSince(before, { startedAt, targets }) }),
    targets,
  };
  const render = async (
    renderer: FleetRenderer,
    name: FleetFormatName,
    isTty: boolean,
  ): Promise<string | Iterable<string>> => {
    const surface = { ...standardOutput(), isTty };
    const paint = name === 'stylish' ? await paintOf(colorLevel(color, surface)) : noPaint;
    const view = { width: textWidth(surface), paint };
    if (fleetFormatOf(name).explainsRules !== true) return renderer(fleet, view);
    const { catalogue } = await import('../../rules/catalogue.ts');
    return renderer(fleet, { ...view, rules: new Map(catalogue.map((rule) => [rule.id, rule])) });
  };
  const printAll = async (text: string | Iterable<string>): Promise<void> => {
    if (typeof text === 'string') return print(text);
    for (const piece of text) await print(piece);
  };
  for (const { format, file } of outputs) {
    const { renderer, appends } = fleetFormatOf(format);
    const text = await render(await renderer(), format, file === undefined && standardOutput().isTty);
    // on standard output its targets have been told as they came
    if (file === undefined) await printAll(format === 'ndjson' ? lastLine(fleet) : text);
    else await (await import('../output/report-files.ts')).writeReport(file, text);
    const other = appends && process.env[appends.variable];
    if (appends === undefined || other === undefined || other === '') continue;
    const { appendReport } = await import('../output/report-files.ts');
    await appendReport(other, appends.variable, await render(await appends.renderer(), format, false));
  }
  if (printedFormat(outputs) !== 'nagios') return worstStatus(targets);
  const { fleetPluginStatus } = await import('../../report/fleet/nagios.ts');
  return fleetPluginStatus(fleet);
}

/** Its targets are told as they come. */
export const printsEachTarget = (outputs: PrintedFleet['outputs']): boolean => printedFormat(outputs) === 'ndjson';

/** The worst comes first: a usage error or an error of the tool, a problem, what could not be checked. */
const worstFirst = [2, 1, 3, 0];

/** The exit status of all targets together. */
const worstStatus = (targets: readonly ExaminedTarget[]): number =>
  worstFirst.find((status) => targets.some((one) => one.status === status)) ?? 0;
