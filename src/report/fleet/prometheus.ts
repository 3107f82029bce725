import type { FleetReport } from '../../findings/fleet-report.ts';
import { familiesOf, metricsText } from '../prometheus.ts';
import type { Family } from '../prometheus.ts';

/** Each family once, with the samples of all targets. */
export function fleetPrometheus({ targets }: FleetReport): string {
  const families = new Map<string, Family>();
  for (const { target, report } of targets)
    for (const family of report === null ? [] : familiesOf(report, { target })) {
      const before = families.get(family.name);
      families.set(family.name, { ...family, samples: [...(before?.samples ?? []), ...family.samples] });
    }
  const examined: Family = {
    name: 'target_examined',
    help: 'Whether the last run examined the target.',
    samples: targets.map(({ target, report }) => [{ target }, report === null ? 0 : 1]),
  };
  return metricsText([examined, ...families.values()]);
}
