import type { KnownFinding } from '../../findings/fleet-report.ts';

/** A root cause that several targets have in the same words, and since the same time. */
export interface KnownTogether extends Pick<KnownFinding, 'rule' | 'title' | 'firstSeen'> {
  readonly targets: readonly string[];
}

/** Each once, in the order of the first. */
export function knownTogether(findings: readonly KnownFinding[]): readonly KnownTogether[] {
  const together = new Map<string, KnownTogether>();
  for (const { target, rule, title, firstSeen } of findings) {
    const key = JSON.stringify([rule, title, firstSeen]);
    const targets = [...(together.get(key)?.targets ?? []), target];
    together.set(key, { rule, title, firstSeen, targets });
  }
  return [...together.values()];
}
