import { createHash } from 'node:crypto';

import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';
import { issuesOf } from '../gitlab.ts';
import { escapedJson } from '../json.ts';
import { printable } from '../printable.ts';

/** The issues of all targets; the same one of two targets is two. */
export const fleetGitlab = ({ targets }: FleetReport): string =>
  escapedJson(
    targets.flatMap((one) =>
      (one.report === null ? [notExamined(one)] : issuesOf(one.report)).map((issue) => ({
        ...issue,
        description: `${printable(one.target)}: ${issue.description}`,
        fingerprint: createHash('sha256')
          .update(`${one.target}\n${issue.fingerprint ?? ''}`)
          .digest('hex')
          .slice(0, 32),
      })),
    ),
  );

const notExamined = ({ because, outcome, command }: ExaminedTarget) => ({
  description: `not examined: ${printable(because ?? '')}`,
  check_name: outcome,
  fingerprint: outcome,
  severity: 'critical',
  location: { path: command, lines: { begin: 1 } },
});
