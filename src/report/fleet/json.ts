import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';
import { escapedJson } from '../json.ts';

/** The same text as that of the whole object. */
export function* fleetJson({ targets, ...rest }: FleetReport): Iterable<string> {
  yield escapedJson(rest).replace(/\n\}\n$/u, ',\n  "targets": [');
  for (const [at, one] of targets.entries()) yield `${at === 0 ? '' : ','}\n${indented(one)}`;
  yield targets.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
}

/** JSON has no line break within a string. */
const indented = (one: ExaminedTarget): string => escapedJson(one).trimEnd().replaceAll(/^/gmu, '    ');

/** A line for each target, and the last one. */
export function* fleetLines(fleet: FleetReport): Iterable<string> {
  for (const one of fleet.targets) yield escapedJson(one, 0);
  yield lastLine(fleet);
}

/** What the lines of the targets do not tell. */
export const lastLine = (fleet: FleetReport): string => escapedJson({ ...fleet, targets: undefined }, 0);
