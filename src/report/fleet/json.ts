import type { FleetReport } from '../../findings/fleet-report.ts';
import { escapedJson } from '../json.ts';

export const fleetJson = (fleet: FleetReport): string => escapedJson(fleet);

/** The last line: what the lines of the targets do not tell. */
export const fleetLine = (fleet: FleetReport): string => escapedJson({ ...fleet, targets: undefined }, 0);
