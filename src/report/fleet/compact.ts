import type { FleetReport } from '../../findings/fleet-report.ts';
import { compact } from '../compact.ts';
import { forLogs } from '../for-logs.ts';
import { counted } from '../layout.ts';
import { printable } from '../printable.ts';
import { countsOf, rowsOf } from './target-row.ts';

/** The lines of each target behind its name. */
export function compactFleet(fleet: FleetReport): string {
  const { targets } = fleet;
  const lines = targets.flatMap(({ target, report, because, outcome }) => {
    const own =
      report === null
        ? [`not examined: ${outcome}: ${printable(because ?? '')}`]
        : compact(report).trimEnd().split('\n');
    return own.map((line) => `${printable(target)}: ${line}`);
  });
  return forLogs(
    `${[...lines, `fleet: ${counted(targets.length, 'target')}, ${countsOf(rowsOf(fleet))}`].join('\n')}\n`,
  );
}
