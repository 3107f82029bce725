import type { ExaminedTarget, FleetReport } from '../../src/findings/fleet-report.ts';
import type { Report } from '../../src/findings/report.ts';

export const examined = (target: string, report: Report): ExaminedTarget => ({
  ...{ target, command: 'postmortem', outcome: 'examined', because: null, elapsedMs: 20, status: 1 },
  report,
});

/** Two that were examined and one that was not, with this word in every field that may have any. */
export function fleetOf(word: string, report: Report): FleetReport {
  const [one, two] = [`a ${word}`, `b ${word}`];
  const known = {
    ...{ target: one, rule: 'slot/lost', title: word, fingerprint: '0'.repeat(32) },
    firstSeen: '2026-11-01T10:00:00.000Z',
  };
  return {
    ...{ schemaVersion: '1.0', tool: { name: 'standbylint', version: '0.1.0' }, command: 'fleet' },
    ...{ startedAt: '2026-11-02T11:01:00.000Z', elapsedMs: 1_234, complete: false },
    causes: [{ rule: 'slot/lost', severity: 'error', title: word, primary: word, targets: [one, two] }],
    since: { new: [known], gone: [known], same: [known] },
    targets: [
      examined(one, report),
      examined(two, report),
      {
        ...{ target: `c ${word}`, command: 'postmortem', outcome: 'timed-out', because: word },
        ...{ elapsedMs: 60_000, status: 3, report: null },
      },
    ],
  };
}
