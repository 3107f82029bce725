import { fingerprintsOf, titleIdentity } from '../../findings/fingerprint.ts';
import type { Finding, Report, Severity } from '../../findings/report.ts';
import { severityRank } from '../../findings/report.ts';
import type { ExaminedTarget } from './examined.ts';

/** A root cause, and all targets that have it. */
export interface SharedCause {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  /** The server that it is on, where that is one that several targets have in common. */
  readonly primary: string | null;
  readonly targets: readonly string[];
}

/**
 * Root causes over all targets, each once: one on a primary is the same for all of its standbys, and one on a standby is the
 * same where its title says the same. The gravest and the most frequent come first.
 */
export function sharedCauses(targets: readonly Pick<ExaminedTarget, 'target' | 'report'>[]): readonly SharedCause[] {
  const causes = new Map<string, SharedCause>();
  for (const { target, report } of targets) {
    for (const finding of rootsOf(report)) {
      const primary = finding.where.side === 'primary' ? (report?.subject.primary ?? null) : null;
      const key = keyOf(finding, primary);
      const before = causes.get(key);
      const { rule, severity, title } = finding;
      causes.set(key, {
        ...(before ?? { rule, severity, title, primary }),
        targets: [...new Set([...(before?.targets ?? []), target])],
      });
    }
  }
  return [...causes.values()].toSorted(
    (a, b) => severityRank[a.severity] - severityRank[b.severity] || b.targets.length - a.targets.length,
  );
}

/** Notes are for the report of each target. */
export const rootsOf = (report: Report | null): readonly Finding[] =>
  report?.findings.filter(
    ({ causedBy, severity, accepted }) => causedBy === null && severity !== 'info' && accepted === undefined,
  ) ?? [];

const keyOf = ({ rule, severity, title, where }: Finding, primary: string | null): string =>
  JSON.stringify([
    rule,
    severity,
    where.side,
    primary,
    primary === null ? null : (where.file ?? null),
    titleIdentity(title),
  ]);

/** A finding of a target, as two runs have it in common. */
export interface KnownFinding {
  readonly target: string;
  readonly rule: string;
  readonly title: string;
}

export interface Changes {
  readonly new: readonly KnownFinding[];
  readonly gone: readonly KnownFinding[];
  readonly same: readonly KnownFinding[];
}

/** What has changed since an earlier run; of a target that one of the two runs did not examine, nothing is said. */
export function changesSince(
  before: readonly Pick<ExaminedTarget, 'target' | 'report'>[],
  now: readonly Pick<ExaminedTarget, 'target' | 'report'>[],
): Changes {
  const examined = (targets: typeof now): ReadonlySet<string> =>
    new Set(targets.flatMap(({ target, report }) => (report === null ? [] : [target])));
  const [then, today] = [examined(before), examined(now)];
  const [old, found] = [knownOf(before), knownOf(now)].map(
    (all) => new Map([...all].filter(([, { target }]) => then.has(target) && today.has(target))),
  );
  const missing = (from: typeof old, other: typeof old): readonly KnownFinding[] =>
    [...(from ?? [])].filter(([key]) => other?.has(key) !== true).map(([, known]) => known);
  return {
    new: missing(found, old),
    gone: missing(old, found),
    same: [...(found ?? [])].filter(([key]) => old?.has(key) === true).map(([, known]) => known),
  };
}

function knownOf(targets: readonly Pick<ExaminedTarget, 'target' | 'report'>[]): ReadonlyMap<string, KnownFinding> {
  return new Map(
    targets.flatMap(({ target, report }) => {
      if (report === null) return [];
      const fingerprints = fingerprintsOf(report);
      return rootsOf(report).map(
        ({ id, rule, title }) => [`${target}\n${fingerprints.get(id) ?? ''}`, { target, rule, title }] as const,
      );
    }),
  );
}
