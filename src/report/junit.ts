import type { Finding, Report, RuleResult } from '../findings/report.ts';
import { acceptedNote } from './accepted.ts';
import { findingPlace } from './finding-place.ts';
import { lineCommand, runnerCommand } from './for-logs.ts';
import { sceneOf } from './machines.ts';
import { printable } from './printable.ts';
import { plainSteps } from './steps-as-text.ts';

/**
 * JUnit's XML as Jenkins, GitLab and others read it: a test case for each rule. A rule that failed is a failure, one that
 * could not be checked or crashed an error, one that does not apply is skipped.
 */
export function junit(report: Report): string {
  const name = `standbylint ${report.command}`;
  return junitXml(name, report.elapsedMs, [suiteOf(report, name)]);
}

/** What JUnit calls a test suite, and what is counted of it. */
export interface TestSuite {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly lines: readonly string[];
}

export function junitXml(name: string, elapsedMs: number, suites: readonly TestSuite[]): string {
  const sum = (count: 'tests' | 'failures' | 'errors'): number => suites.reduce((all, one) => all + one[count], 0);
  const counts = countsText({ tests: sum('tests'), failures: sum('failures'), errors: sum('errors') });
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${inXml(name)}" ${counts} time="${elapsedMs / 1000}">`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
  ].join('\n')}\n`
    .replaceAll(lineCommand, '$1&#58;')
    .replaceAll(runnerCommand, '&#35;#');
}

export function suiteOf(report: Report, name: string): TestSuite {
  const { rules, summary, elapsedMs, startedAt } = report;
  const counts = {
    tests: rules.length,
    failures: rules.filter((rule) => rule.outcome === 'failed' && !isAccepted(rule, report)).length,
    errors: summary.unexamined + rules.filter(({ outcome }) => outcome === 'crashed').length,
  };
  const skipped = summary.notApplicable + rules.filter((rule) => isAccepted(rule, report)).length;
  return {
    ...counts,
    lines: [
      `  <testsuite name="${inXml(name)}" ${countsText(counts)} skipped="${skipped}" time="${elapsedMs / 1000}" timestamp="${startedAt.slice(0, 19)}">`,
      '    <properties>',
      ...propertiesOf(report).map(([key, value]) => `      <property name="${key}" value="${inXml(value)}"/>`),
      '    </properties>',
      ...rules.flatMap((rule) => testCase(rule, report)),
      '  </testsuite>',
    ],
  };
}

const countsText = ({ tests, failures, errors }: Omit<TestSuite, 'lines'>): string =>
  `tests="${tests}" failures="${failures}" errors="${errors}"`;

const propertiesOf = ({ verdict, subject, tool }: Report): readonly (readonly [string, string])[] => [
  ['verdict', verdict],
  ['primary', subject.primary ?? ''],
  ['dataDirectory', subject.dataDirectory ?? ''],
  ['version', tool.version],
];

function testCase(rule: RuleResult, report: Report): readonly string[] {
  const { id, outcome } = rule;
  const group = id.includes('/') ? id.slice(0, id.indexOf('/')) : id;
  const open = `    <testcase classname="standbylint.${inXml(group)}" name="${inXml(id)}"`;
  if (outcome === 'passed') return [`${open}/>`];
  return [`${open}>`, ...outcomeOf(rule, report), '    </testcase>'];
}

function outcomeOf({ id, outcome, because, remedy }: RuleResult, report: Report): readonly string[] {
  switch (outcome) {
    case 'passed':
      return [];
    case 'failed':
      if (isAccepted({ id, outcome }, report))
        return [
          `      <skipped>${inXml(report.findings.flatMap((one) => (one.rule === id ? [`${one.title}${acceptedNote(one)}`] : [])).join('; '))}</skipped>`,
        ];
      return report.findings.filter(({ rule }) => rule === id).flatMap((finding) => failure(finding, report));
    case 'not-applicable':
      return [`      <skipped>${inXml(because ?? '')}</skipped>`];
    case 'unexamined':
    case 'crashed': {
      const type = outcome === 'crashed' ? 'crashed' : 'not checked';
      const more = remedy === undefined ? '' : inXml(`To check it: ${remedy}`);
      return [`      <error type="${type}" message="${inXml(because ?? '')}">${more}</error>`];
    }
  }
}

/** All that it found is accepted. */
function isAccepted({ id, outcome }: Pick<RuleResult, 'id' | 'outcome'>, { findings }: Report): boolean {
  const found = findings.filter(({ rule }) => rule === id);
  return outcome === 'failed' && found.length > 0 && found.every(({ accepted }) => accepted !== undefined);
}

function failure(finding: Finding, report: Report): readonly string[] {
  const { severity, title, message, where, remedy, causedBy } = finding;
  const cause = report.findings.find(({ id }) => id === causedBy);
  const scene = sceneOf(report);
  const lines = [
    printable(message),
    `Where: ${findingPlace(where, scene)}`,
    ...(cause === undefined ? [] : [`Caused by: ${printable(cause.title)} [${printable(cause.rule)}]`]),
    ...(remedy === null ? [] : [`Fix: ${printable(remedy.summary)}`, ...plainSteps(remedy.steps, scene)]),
  ];
  return [`      <failure type="${severity}" message="${inXml(title)}">${lines.map(escaped).join('\n')}</failure>`];
}

export const inXml = (text: string): string => escaped(printable(text));

/** What XML 1.0 does not allow at all is shown as the escapes of all reports; `>` too is written as a reference, for `]]>`. */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"'\ufffe\uffff]/gu, (one) => references[one] ?? `\\u${one.charCodeAt(0).toString(16)}`);

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
