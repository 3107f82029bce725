import type { Finding, Severity } from '../facts/report.ts';
import { severityRank } from '../facts/report.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { Judged } from './judge.ts';

/**
 * Links findings to their root causes and ranks them: root causes first, then by severity, then in catalogue order. The
 * ids f1, f2, … follow that order, so the same facts give the same report.
 */
export function link(judged: readonly Judged[]): readonly Finding[] {
  const drafts = judged.flatMap(({ rule, result }) =>
    result.outcome === 'failed'
      ? result.faults.map((fault) => ({ rule, fault, severity: fault.severity ?? rule.severity }))
      : [],
  );
  type Draft = (typeof drafts)[number];

  const directCause = (draft: Draft): Draft | undefined =>
    drafts
      .filter((other) => other.rule !== draft.rule && explains(other, draft))
      // a milder finding never explains a graver one: a warning is no reason for an error
      .filter((other) => severityRank[other.severity] <= severityRank[draft.severity])
      .sort((a, b) => severityRank[a.severity] - severityRank[b.severity])[0];

  const rootOf = (draft: Draft, seen: readonly Draft[] = []): Draft => {
    const cause = directCause(draft);
    return cause === undefined || seen.includes(cause) ? draft : rootOf(cause, [...seen, draft]);
  };

  const roots = new Map(drafts.map((draft) => [draft, rootOf(draft)]));
  const isConsequence = (draft: Draft): boolean => roots.get(draft) !== draft;
  const ranked = drafts.toSorted(
    (a, b) =>
      Number(isConsequence(a)) - Number(isConsequence(b)) || severityRank[a.severity] - severityRank[b.severity],
  );
  const idOf = new Map(ranked.map((draft, index) => [draft, `f${index + 1}`]));
  const id = (draft: Draft): string => idOf.get(draft) ?? '';

  return ranked.map((draft) => {
    const { rule, fault } = draft;
    const root = roots.get(draft);
    return {
      id: id(draft),
      rule: fault.as ?? rule.id,
      severity: draft.severity,
      title: fault.title ?? rule.title,
      message: fault.message,
      where: fault.where,
      evidence: fault.evidence,
      frame: fault.frame ?? null,
      causedBy: root === undefined || root === draft ? null : id(root),
      causes: ranked.filter((other) => other !== draft && roots.get(other) === draft).map(id),
      remedy: fault.remedy ?? null,
      docs: `docs/rules/${rule.id}.md`,
    };
  });
}

interface Linked {
  readonly rule: AnyRule;
  readonly severity: Severity;
}

function explains(other: Linked, { rule }: Linked): boolean {
  if ((other.rule.explains ?? []).includes(rule.id)) return true;
  if (rule.isExplainedByAny !== true || other.rule.isExplainedByAny === true) return false;
  return other.severity === 'error' && !(rule.explains ?? []).includes(other.rule.id);
}
