import { fingerprintsOf } from '../findings/fingerprint.ts';
import type { Finding, Report, Severity } from '../findings/report.ts';
import { acceptedNote } from './accepted.ts';
import { findingPlace } from './finding-place.ts';
import { escapedJson } from './json.ts';
import { sceneOf } from './machines.ts';
import { printable } from './printable.ts';

/**
 * The code quality report of GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
 * Its paths are relative; where a finding has no file, the machine stands for it.
 */
export const gitlab = (report: Report): string => escapedJson(issuesOf(report));

export function issuesOf(report: Report) {
  const scene = sceneOf(report);
  const fingerprints = fingerprintsOf(report);
  return report.findings.map((finding) => ({
    description: `${printable(finding.title)}: ${printable(finding.message)}${printable(acceptedNote(finding))} (${findingPlace(finding.where, scene)})`,
    check_name: finding.rule,
    fingerprint: fingerprints.get(finding.id),
    severity: finding.accepted === undefined ? severities[finding.severity] : 'info',
    location: { path: pathOf(finding), lines: { begin: finding.where.line ?? 1 } },
  }));
}

const severities: Readonly<Record<Severity, string>> = { error: 'critical', warning: 'minor', info: 'info' };

function pathOf({ where: { file, side } }: Finding): string {
  const path = printable(file ?? side).replace(/^[./]+/u, '');
  return path === '' ? side : path;
}
