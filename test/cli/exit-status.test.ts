import { describe, expect, it } from 'vitest';

import { exitStatus } from '../../src/cli/output/exit-status.ts';
import type { Outcome, Severity } from '../../src/findings/report.ts';
import { aFinding, aReport } from '../report/reports.ts';

interface Run {
  readonly findings?: readonly Severity[];
  readonly verdict?: 'ready' | 'blocked' | 'unknown';
  readonly outcomes?: readonly Outcome[];
  readonly failedStep?: boolean;
  readonly failOn?: Severity;
}

const statusOf = ({
  findings = [],
  verdict = 'ready',
  outcomes = ['passed'],
  failedStep = false,
  failOn = 'error',
}: Run) =>
  exitStatus(
    aReport({
      findings: findings.map((severity) => aFinding({ severity })),
      verdict,
      rules: outcomes.map((outcome) => ({ id: 'command/no-sync', outcome, because: null })),
      ...(failedStep ? { steps: [{ name: 'pg_basebackup', outcome: 'failed', elapsedMs: 1, details: [] }] } : {}),
    }),
    failOn,
  );

describe('exitStatus', () => {
  const table: readonly (readonly [run: Run, status: number, why: string])[] = [
    [{}, 0, 'nothing found'],
    [
      { outcomes: ['passed', 'not-applicable', 'unexamined'] },
      0,
      'a rule that is no error was not examined, or it was accepted',
    ],
    [{ findings: ['error'], verdict: 'blocked' }, 1, 'an error'],
    [{ findings: ['warning', 'info'] }, 0, 'milder than --fail-on'],
    [{ findings: ['warning'], failOn: 'warning' }, 1, 'at --fail-on'],
    [{ findings: ['error'], verdict: 'blocked', failOn: 'info' }, 1, 'above --fail-on'],
    [{ findings: ['info'], failOn: 'warning' }, 0, 'below --fail-on'],
    [{ verdict: 'unknown', outcomes: ['passed', 'unexamined'] }, 3, 'nobody can say'],
    [{ verdict: 'unknown', findings: ['info'] }, 3, 'nobody can say, and a remark'],
    [{ verdict: 'unknown', findings: ['warning'], failOn: 'warning' }, 1, '1 wins over 3'],
    [{ verdict: 'unknown', outcomes: ['crashed'] }, 2, 'a fault of the tool'],
    [
      { findings: ['error'], verdict: 'blocked', outcomes: ['failed', 'crashed'] },
      2,
      'a fault of the tool is not covered up',
    ],
    [{ failedStep: true }, 1, 'pg_basebackup came to nothing'],
  ];
  it.each(table)('%j: %d, %s', (run, status) => {
    expect(statusOf(run)).toBe(status);
  });
});
