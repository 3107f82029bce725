import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';
import type { View } from '../renderer.ts';
import { printable } from '../printable.ts';
import { home } from '../rule-address.ts';
import { sarifLog, sarifRun } from '../sarif.ts';

/** A run for each target, whose name is the identity of the run (SARIF 2.1.0, 3.17.3). */
export function fleetSarif({ targets, tool }: FleetReport, { rules = new Map() }: Pick<View, 'rules'>): string {
  return sarifLog(
    targets.map((one) => ({
      ...(one.report === null ? notExamined(one, tool) : sarifRun(one.report, rules)),
      automationDetails: { id: `standbylint/${encodeURIComponent(printable(one.target))}/` },
    })),
  );
}

const notExamined = ({ target, because }: ExaminedTarget, { name, version }: FleetReport['tool']): object => ({
  tool: { driver: { name, version, informationUri: home } },
  invocations: [
    {
      executionSuccessful: false,
      toolExecutionNotifications: [
        {
          level: 'error',
          message: { text: printable(`${target} was not examined: ${because ?? ''}`).replaceAll('](', '] (') },
        },
      ],
    },
  ],
  results: [],
});
