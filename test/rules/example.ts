import { fileURLToPath } from 'node:url';

import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { planOf } from '../../src/diagnosis/plan.ts';
import { unexplainedIn } from '../../src/diagnosis/unexplained.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { findingText } from '../../src/report/finding-text.ts';
import { sceneOf } from '../../src/report/machines.ts';
import { noPaint } from '../../src/report/paint.ts';
import { planText } from '../../src/report/plan-text.ts';
import { problemsText } from '../../src/report/problem-text.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { aReport } from '../report/reports.ts';

/** What a report says where this rule alone has found something: its first finding, and what to type. */
export function exampleOf(rule: AnyRule, facts: Partial<Facts>): string {
  const judged = [judge(rule, facts)];
  const [finding] = link(judged, unexplainedIn(judged, facts));
  if (finding === undefined) throw new Error(`${rule.id} finds nothing in the world of its example`);
  const command =
    rule.commands.includes('postmortem') && !rule.commands.includes('preflight') ? 'postmortem' : 'preflight';
  const verdict = finding.severity === 'warning' ? 'degraded' : command === 'postmortem' ? 'broken' : 'blocked';
  const report = aReport({ command, verdict, findings: [finding], plan: planOf(verdict, [finding], null) });
  const context = { width: 80, paint: noPaint, scene: sceneOf(report) };
  const lines =
    finding.severity === 'info'
      ? findingText(finding, [], context)
      : [...problemsText([finding], report, context, false), ...planText(report, 1, context)];
  return `${lines
    .join('\n')
    .replace(/^\n+/u, '')
    .replaceAll(/[ \t]+$/gmu, '')}\n`;
}

export const examplePath = (rule: string): string =>
  fileURLToPath(new URL(`../../fixtures/examples/${rule}.txt`, import.meta.url));
