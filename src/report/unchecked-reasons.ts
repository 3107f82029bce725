import type { RuleResult } from '../findings/report.ts';

/** Each reason why rules were not checked once, with what would show it. */
export interface UncheckedReason {
  readonly because: string;
  readonly ids: readonly string[];
  readonly remedies: readonly string[];
}

export function uncheckedReasons(rules: readonly RuleResult[]): readonly UncheckedReason[] {
  const reasons = new Map<string, RuleResult[]>();
  for (const rule of rules) {
    if (rule.outcome !== 'unexamined' && rule.outcome !== 'crashed') continue;
    const because = `${rule.outcome === 'crashed' ? `a bug in ${rule.source ?? 'standbylint'}: ` : ''}${rule.because ?? ''}`;
    reasons.set(because, [...(reasons.get(because) ?? []), rule]);
  }
  return [...reasons].map(([because, some]) => ({
    because,
    ids: some.map(({ id }) => id),
    remedies: [...new Set(some.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy])))],
  }));
}
