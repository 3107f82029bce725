import type { FleetReport } from '../../findings/fleet-report.ts';
import { escapedJson } from '../json.ts';

export const fleetJson = (fleet: FleetReport): string => escapedJson(fleet);

/** A line for each target, and the last one. */
export const fleetLines = (fleet: FleetReport): string =>
  [...fleet.targets.map((one) => escapedJson(one, 0)), lastLine(fleet)].join('');

/** What the lines of the targets do not tell. */
export const lastLine = (fleet: FleetReport): string => escapedJson({ ...fleet, targets: undefined }, 0);
