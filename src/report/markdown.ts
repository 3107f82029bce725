import { capitalized } from '../findings/sentence.ts';
import type { Evidence, Finding, Report, RuleResult, Step } from '../findings/report.ts';
import type { Scene } from '../findings/scene.ts';
import { acceptedNote } from './accepted.ts';
import { summaryLine } from './compact.ts';
import { findingPlace } from './finding-place.ts';
import { shownEvidence } from './finding-text.ts';
import { forLogs } from './for-logs.ts';
import { block, code, prose } from './in-markdown.ts';
import { counted } from './layout.ts';
import { sceneOf, whereTyped } from './machines.ts';
import { uncheckedReasons } from './unchecked-reasons.ts';
import { verdictSentence, verdictWords } from './verdict-text.ts';

/** The report for a ticket: the verdict, each root cause with its evidence, the one plan, and what was not checked. */
export function markdown(report: Report): string {
  const scene = sceneOf(report);
  const roots = report.findings.filter(({ causedBy }) => causedBy === null);
  const problems = roots.filter(({ severity }) => severity !== 'info');
  const notes = roots.filter(({ severity }) => severity === 'info');
  const parts = [
    `# standbylint ${report.command}: ${verdictWords[report.verdict]}`,
    `${prose(capitalized(verdictSentence(report, scene)))}.`,
    subjectTable(report),
    ...problems.flatMap((finding, at) => findingParts(finding, at + 1, report, scene)),
    ...planParts(report, scene),
    ...(report.recovery === null ? [] : [`**Recovery:** ${prose(report.recovery.because)}`]),
    ...(notes.length === 0 ? [] : ['## Also found', notes.map(noteLine).join('\n')]),
    ...uncheckedParts(report.rules),
    prose(summaryLine(report)),
  ];
  return forLogs(`${parts.join('\n\n')}\n`);
}

function subjectTable({ subject, tool, startedAt }: Report): string {
  const rows = [
    ['Primary', subject.primary],
    ['Standby', subject.standby],
    ['Data directory', subject.dataDirectory],
    ['PostgreSQL', subject.serverVersion],
    ['Managed by', subject.manager ?? null],
    ['Checked', `${startedAt.slice(0, 19).replace('T', ' ')} UTC, standbylint ${tool.version}`],
  ] as const;
  const shown = rows.flatMap(([name, value]) => (value === null ? [] : [`| ${name} | ${code(value)} |`]));
  return ['| | |', '|---|---|', ...shown].join('\n');
}

function findingParts(finding: Finding, number: number, report: Report, scene: Scene): readonly string[] {
  const { title, rule, severity, message, where, frame, causes } = finding;
  const consequences = report.findings.filter(({ id }) => causes.includes(id));
  return [
    `## ${number}. ${prose(title)}`,
    `${severity} · ${code(rule)} · ${prose(findingPlace(where, scene))}${prose(acceptedNote(finding))}`,
    prose(message),
    ...(frame === null ? [] : [block('', frame.lines.map(frameLine)).join('\n')]),
    ...list(shownEvidence(finding).map(evidenceLine)),
    ...list(consequences.map((one) => `It causes: ${prose(one.title)} (${code(one.rule)})`)),
  ];
}

const frameLine = ({ number, text, remark }: NonNullable<Finding['frame']>['lines'][number]): string =>
  `${number} │ ${text.replaceAll('\t', '  ')}${remark === undefined ? '' : `   <- ${remark}`}`;

const evidenceLine = ({ label, value, source }: Evidence): string =>
  `${prose(label)}: ${code(value)}${source === '' || source === value ? '' : ` (${prose(source)})`}`;

const noteLine = (finding: Finding): string => {
  const { title, rule, remedy } = finding;
  return `- ${prose(title)} (${code(rule)})${prose(acceptedNote(finding))}${remedy === null ? '' : `: ${prose(remedy.summary)}`}`;
};

const list = (items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [items.map((item) => `- ${item}`).join('\n')];

function planParts({ plan }: Report, scene: Scene): readonly string[] {
  if (plan.steps.length === 0) return [];
  const steps = plan.steps.map(({ step }) => step);
  return [
    '## Fix',
    ...(plan.summary === null ? [] : [prose(plan.summary)]),
    stepList(steps, scene),
    ...plan.alternatives.flatMap((other) => [
      `**Or:** ${prose(other.summary)} ${prose(other.because)}`,
      stepList(other.steps, scene),
    ]),
  ];
}

const stepList = (steps: readonly Step[], scene: Scene): string =>
  steps.flatMap((step, at) => stepLines(step, at + 1, scene)).join('\n');

function stepLines({ on, kind, text }: Step, number: number, scene: Scene): readonly string[] {
  const place = prose(whereTyped({ on, kind }, scene));
  const start = `${number}. `;
  const margin = ' '.repeat(start.length);
  if (kind === 'manual') {
    const [sentence = '', ...lines] = text.split('\n');
    return [
      `${start}${place}: ${prose(sentence)}`,
      ...(lines.length === 0 ? [] : ['', ...block('', lines, margin)]),
      '',
    ];
  }
  return [`${start}${place}:`, '', ...block(kind === 'sql' ? 'sql' : 'sh', text.split('\n'), margin), ''];
}

function uncheckedParts(rules: readonly RuleResult[]): readonly string[] {
  const lines = uncheckedReasons(rules).map(({ because, ids, remedies }) => {
    const how = remedies.length === 0 ? '' : `. To check them: ${remedies.map(prose).join('; ')}`;
    const names = ids.length > 3 ? '' : ` (${ids.map(code).join(', ')})`;
    return `${counted(ids.length, 'rule')}${names}: ${prose(because)}${how}`;
  });
  return lines.length === 0 ? [] : ['## Not checked', ...list(lines)];
}
