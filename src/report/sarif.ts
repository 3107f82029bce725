import { fingerprintsOf } from '../findings/fingerprint.ts';
import type { Finding, Location, Report, RuleResult, Severity } from '../findings/report.ts';
import type { Scene } from '../findings/scene.ts';
import { findingPlace } from './finding-place.ts';
import { escapedJson } from './json.ts';
import { sceneOf, theMachine } from './machines.ts';
import { printable } from './printable.ts';
import type { RuleHelp, View } from './renderer.ts';
import { home, ruleAddress } from './rule-address.ts';
import { plainSteps } from './steps-as-text.ts';

/** SARIF 2.1.0 (OASIS): the findings are results; what could not be checked is a notification of the invocation. */
export const sarif = (report: Report, { rules = new Map() }: Pick<View, 'rules'>): string =>
  sarifLog([sarifRun(report, rules)]);

export const sarifLog = (runs: readonly object[]): string =>
  escapedJson({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs,
  });

export function sarifRun(report: Report, helps: ReadonlyMap<string, RuleHelp>): object {
  const { tool, rules, findings, startedAt, elapsedMs, command, verdict, subject, measures } = report;
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  const crashed = rules.some(({ outcome }) => outcome === 'crashed');
  const fingerprints = fingerprintsOf(report);
  return {
    tool: {
      driver: {
        name: tool.name,
        version: tool.version,
        informationUri: home,
        rules: rules.map(({ id }) => descriptor(id, helps.get(id))),
      },
    },
    invocations: [
      {
        executionSuccessful: !crashed,
        startTimeUtc: startedAt,
        endTimeUtc: new Date(Date.parse(startedAt) + elapsedMs).toISOString(),
        toolExecutionNotifications: rules
          .filter(({ outcome }) => outcome === 'unexamined' || outcome === 'crashed')
          .map((rule) => notification(rule, index)),
      },
    ],
    results: findings.map((finding) => ({
      ...result(finding, index, report),
      partialFingerprints: { 'standbylint/v1': fingerprints.get(finding.id) },
    })),
    columnKind: 'utf16CodeUnits',
    properties: { command, verdict, subject, ...(measures === undefined ? {} : { measures }) },
  };
}

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** A rule with its help; of a message that only the log knows there is its name alone. */
function descriptor(id: string, help: RuleHelp | undefined): object {
  if (help === undefined) return { id };
  const { title, docs, severity } = help;
  const { what, why } = docs;
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: what },
    help: { text: `${what}\n\n${why}`, markdown: `${what}\n\n${why}` },
    helpUri: ruleAddress(id),
    defaultConfiguration: { level: levels[severity] },
  };
}

const notification = ({ id, outcome, because, remedy }: RuleResult, index: ReadonlyMap<string, number>): object => ({
  level: outcome === 'crashed' ? 'error' : 'warning',
  message: {
    text: inMessage(
      `${id} ${outcome === 'crashed' ? 'crashed' : 'was not checked'}: ${because ?? ''}${remedy === undefined ? '' : ` (to check it: ${remedy})`}`,
    ),
  },
  associatedRule: { id, ...(index.has(id) ? { index: index.get(id) } : {}) },
});

function result(finding: Finding, index: ReadonlyMap<string, number>, report: Report): object {
  const { rule, severity, title, message, where, remedy, evidence, causedBy, causes, id, accepted } = finding;
  const scene = sceneOf(report);
  const fix = remedy === null ? [] : [`Fix: ${remedy.summary}`, ...plainSteps(remedy.steps, scene)];
  return {
    ruleId: rule,
    ...(index.has(rule) ? { ruleIndex: index.get(rule) } : {}),
    level: levels[severity],
    message: {
      text: [title, message, `Where: ${findingPlace(where, scene)}`, ...fix].map(inMessage).join('\n'),
    },
    locations: [location(where, scene)],
    ...(accepted === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: inMessage(`${accepted.reason} (until ${accepted.until})`),
            },
          ],
        }),
    properties: { id, causedBy, causes, evidence },
  };
}

/** A file has an address of its own; a machine is a logical location. */
function location({ side, file, line }: Location, scene: Scene): object {
  const machine = { name: theMachine(side, scene), fullyQualifiedName: side, kind: 'resource' };
  if (file === undefined || !file.startsWith('/')) return { logicalLocations: [machine] };
  return {
    physicalLocation: {
      artifactLocation: { uri: `file://${Buffer.from(file).toString().split('/').map(encodeURIComponent).join('/')}` },
      ...(line === undefined ? {} : { region: { startLine: line } }),
    },
    logicalLocations: [machine],
  };
}

/** In a message `[text](address)` is a link (3.11.6), and a text from outside makes none. */
const inMessage = (text: string): string => printable(text).replaceAll('](', '] (');
