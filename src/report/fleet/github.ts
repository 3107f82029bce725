import type { FleetReport } from '../../findings/fleet-report.ts';
import { github, inData } from '../github.ts';
import { counted } from '../layout.ts';
import { countsOf, rowsOf } from './target-row.ts';

/** The annotations of each target, in a group of its own in the log. */
export function fleetGithub(fleet: FleetReport): string {
  const lines = fleet.targets.flatMap(({ target, report, because }) => [
    `::group::${inData(target)}`,
    ...(report === null
      ? [`::error title=${inData('A target was not examined')}::${inData(`${target}: ${because ?? ''}`)}`]
      : github(report).trimEnd().split('\n')),
    '::endgroup::',
  ]);
  return `${[...lines, `${counted(fleet.targets.length, 'target')}: ${countsOf(rowsOf(fleet))}`].join('\n')}\n`;
}
