import type { FleetReport } from '../../findings/fleet-report.ts';
import { counted } from '../layout.ts';
import { inPlugin, pluginLine, pluginStatus } from '../nagios.ts';
import type { PluginStatus } from '../nagios.ts';
import { countsOf, rowsOf } from './target-row.ts';

/** One line for the whole fleet: how many targets are in which state, and each root cause once. */
export function fleetNagios(fleet: FleetReport): string {
  const { targets, causes, elapsedMs } = fleet;
  const unexamined = targets.filter(({ report }) => report === null);
  const said = [
    `${counted(targets.length, 'target')}, ${countsOf(rowsOf(fleet))}`,
    ...causes.map(({ title, rule, targets: whose }) => `${title} [${rule}] (${whose.join(', ')})`),
    ...unexamined.map(({ target, because }) => `${target} was not examined: ${because ?? ''}`),
  ];
  const figures = [
    `targets=${targets.length}`,
    `not_examined=${unexamined.length}`,
    `errors=${sum(fleet, 'error')}`,
    `warnings=${sum(fleet, 'warning')}`,
    `time=${elapsedMs / 1000}s`,
  ].join(' ');
  return pluginLine(fleetPluginStatus(fleet), inPlugin(said.join('; ')), figures);
}

/** An error anywhere is critical, also where another target was not examined. */
export function fleetPluginStatus({ targets }: FleetReport): PluginStatus {
  const all = new Set(targets.map(({ report }) => (report === null ? 3 : pluginStatus(report))));
  return ([2, 3, 1] as const).find((status) => all.has(status)) ?? 0;
}

const sum = ({ targets }: FleetReport, severity: 'error' | 'warning'): number =>
  targets.reduce((all, { report }) => all + (report?.summary[severity] ?? 0), 0);
