import { isProblem } from '../findings/report.ts';
import type { Finding, Report } from '../findings/report.ts';

/** The root causes: the problems that the verdict goes by, and what was also found. */
export function rootCauses({ findings, verdict }: Report): Record<'problems' | 'others', readonly Finding[]> {
  const roots = findings.filter(({ causedBy }) => causedBy === null);
  const problems = roots.filter((finding) => isProblem(finding, verdict));
  return { problems, others: roots.filter((finding) => !problems.includes(finding)) };
}

export const consequencesOf = ({ causes }: Finding, { findings }: Report): readonly Finding[] =>
  findings.filter(({ id }) => causes.includes(id));
