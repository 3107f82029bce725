import { fingerprintsOf } from '../../findings/fingerprint.ts';
import type { Report, Severity } from '../../findings/report.ts';
import { rootsOf } from '../fleet/causes.ts';

/** A root cause, and since when it is there. */
export interface RootCause {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  readonly since: Date;
}

export interface Change extends RootCause {
  readonly change: 'new' | 'gone';
  readonly at: Date;
  /** gone: how long it was there, between the looks that saw it first and not any more; new: null. */
  readonly lastedMs: number | null;
}

/** What is known to be wrong, by fingerprint. */
export type Known = ReadonlyMap<string, RootCause>;

/**
 * What has changed with a look. A root cause that became the consequence of another one is not gone, nor is one whose rule
 * could not be checked this time, or does not apply because something graver is broken.
 */
export function changesWith(
  known: Known,
  report: Report,
  at: Date,
): { readonly known: Known; readonly changes: readonly Change[] } {
  const fingerprints = fingerprintsOf(report);
  const present = new Set(fingerprints.values());
  const roots = new Map(
    rootsOf(report).map(({ id, rule, severity, title }): [string, RootCause] => {
      const fingerprint = fingerprints.get(id) ?? id;
      return [fingerprint, { rule, severity, title, since: known.get(fingerprint)?.since ?? at }];
    }),
  );
  const left = [...known].filter(([fingerprint]) => !roots.has(fingerprint));
  const isGone = ([fingerprint, { rule }]: (typeof left)[number]): boolean =>
    !present.has(fingerprint) && isJudged(rule, report);
  return {
    known: new Map([...left.filter((one) => !isGone(one)), ...roots]),
    changes: [
      ...left
        .filter(isGone)
        .map(([, one]): Change => ({ ...one, change: 'gone', at, lastedMs: at.getTime() - one.since.getTime() })),
      ...[...roots]
        .filter(([fingerprint]) => !known.has(fingerprint))
        .map(([, one]): Change => ({ ...one, change: 'new', at, lastedMs: null })),
    ],
  };
}

function isJudged(rule: string, { rules, verdict }: Report): boolean {
  const outcome = rules.find(({ id }) => id === rule)?.outcome;
  if (outcome === 'not-applicable') return verdict === 'healthy' || verdict === 'degraded';
  return outcome === 'passed' || outcome === 'failed';
}
