import type { AnyCheck, Surroundings } from '../checks/check.ts';
import type { BaseBackupSubject, PostmortemSubject, Subject } from '../checks/subject.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import { addressBehindName, attemptThatCounts } from '../facts/login.ts';
import type { ExaminedPlace } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import { withManagerWords } from './manager-evidence.ts';
import { managerText } from './manager-text.ts';
import type { Policy } from '../findings/policy.ts';
import type { Finding, Recovery, Remedy, Report, RuleResult, Severity } from '../findings/report.ts';
import type { AnyRule } from '../rules/rule.ts';
import { oneCommandLine } from '../remedies/one-command-line.ts';
import { oneConnection } from '../remedies/one-connection.ts';
import { inVolume } from '../remedies/in-volume.ts';
import { conditionFacts, conditioned } from '../remedies/conditions.ts';
import { throughManager } from '../remedies/through-manager.ts';
import { lookAtRest, type MovedOn } from '../checks/look-at-rest.ts';
import { examine } from './examine.ts';
import { judge, type Judged } from './judge.ts';
import { lastingThere, placed } from './placed.ts';
import { planOf } from './plan.ts';
import { recoveryOf } from './recovery.ts';
import { link } from './link.ts';
import { withOrigins } from './connection-origin.ts';
import { withLogEvidence } from './log-evidence.ts';
import { unexplainedIn, withoutWhatIsOver } from './unexplained.ts';
import { underPolicy, withAcceptances, withoutIgnored } from './policy.ts';
import type { Run } from './policy.ts';
import { mainFacts, verdictOf } from './verdict.ts';

export interface Diagnosis {
  readonly report: Report;
  /** The same with its steps as they are taken on the examined machine, and not as they are typed where it is read. */
  readonly there: Report;
  readonly facts: Partial<Facts>;
  /** All that the report is made of. */
  readonly looked: Looked;
  /** The same report after what `clone` has done since: what could not be looked at may be proven by now. */
  reportAfter(proof: Proof): Report;
}

/** What was done and seen to hold, in words: `pg_basebackup copied 70 MB`. */
export interface Proof {
  readonly copy: string | undefined;
  readonly streaming: string | undefined;
}

export interface DiagnosisOptions {
  readonly version: string;
  /** Rules that may stay unexamined without making the verdict unknown. */
  readonly acceptUnexamined: readonly string[];
  /** What the configuration makes of what the rules find. */
  readonly policy?: Policy | undefined;
  /** What shows that a server came or went meanwhile, so that it is looked at again; absent: one look is all. */
  readonly movedOn?: MovedOn;
}

/** What was looked at, and what was seen of it: a report is made of this and of nothing else. */
export interface Looked {
  readonly subject: LookedAt;
  readonly facts: Partial<Facts>;
  readonly startedAt: Date;
  readonly elapsedMs: number;
  readonly place: ExaminedPlace | undefined;
}

/** What a report says of its subject without having looked. */
export type LookedAt =
  | Pick<BaseBackupSubject, 'command'>
  | Pick<PostmortemSubject, 'command' | 'dataDirectory' | 'configFile'>;

/** Looks, judges and links: from a subject to a report. */
export async function diagnose(
  rules: Rules,
  checks: readonly AnyCheck[],
  surroundings: Surroundings,
  options: DiagnosisOptions,
): Promise<Diagnosis> {
  const { policy } = surroundings;
  const looked = await lookWith(rules, checks, surroundings, options.movedOn);
  return diagnosisOf(typeof rules === 'function' ? await rules() : rules, looked, { ...options, policy });
}

/** A function reads them, while servers are on their way to their first answer; it gives the same list each time. */
export type Rules = readonly AnyRule[] | (() => Promise<readonly AnyRule[]>);

async function lookWith(
  rules: Rules,
  checks: readonly AnyCheck[],
  surroundings: Surroundings,
  movedOn: MovedOn | undefined,
): Promise<Looked> {
  const { subject, host, now } = surroundings;
  const startedAt = now();
  const asking = (all: readonly AnyRule[]) => [{ needs: factsNeeded(all, subject.command) }];
  const asked = typeof rules === 'function' ? async () => asking(await rules()) : asking(rules);
  const look = async () => examine(asked, checks, surroundings);
  return {
    subject: withoutConnections(subject),
    facts: movedOn === undefined ? await look() : await lookAtRest(look, surroundings, movedOn),
    startedAt,
    elapsedMs: now().getTime() - startedAt.getTime(),
    place: host.place,
  };
}

/** They hold passwords. */
function withoutConnections(subject: Subject): LookedAt {
  if (subject.command !== 'postmortem') return { command: subject.command };
  const { command, dataDirectory, configFile } = subject;
  return { command, dataDirectory, configFile };
}

/** The facts that a report of this command is made of, each once. */
export function factsNeeded(rules: readonly AnyRule[], command: LookedAt['command']): readonly FactName[] {
  const known = needed.get(rules)?.[command];
  if (known !== undefined) return known;
  const names = [
    ...chosenFor(rules, command).flatMap(({ needs, wants = [] }) => [...needs, ...wants]),
    ...mainFacts(command),
    ...(['managerLog'] as const),
    ...conditionFacts,
  ];
  const found = [...new Set<FactName>(names)];
  needed.set(rules, { ...needed.get(rules), [command]: found });
  return found;
}

/** Of a catalogue, by command: a fleet asks for it once for each target. */
const needed = new WeakMap<readonly AnyRule[], Partial<Record<LookedAt['command'], readonly FactName[]>>>();

const chosenFor = (rules: readonly AnyRule[], command: LookedAt['command']): readonly AnyRule[] =>
  rules.filter(({ commands }) => commands.includes(command));

/** Judges and links. Asserts that every chosen rule ends in exactly one outcome. */
export function diagnosisOf(rules: readonly AnyRule[], looked: Looked, options: DiagnosisOptions): Diagnosis {
  const { facts, subject } = looked;
  const chosen = chosenFor(rules, subject.command);
  if (chosen.length === 0) throw new Error(`no rule is chosen for ${subject.command}`);
  const judged = withoutWhatIsOver(
    withLogEvidence(
      withOrigins(
        chosen.map((rule) => judge(rule, facts)),
        facts,
      ),
      facts,
    ),
  );
  const run = { ...options, ...looked };
  const reported = (found: readonly Judged[], copied: boolean): Report =>
    lastingThere(reportOf(found, { ...run, copied }), looked.place);
  const there = reported(judged, false);
  return {
    facts,
    looked,
    there,
    report: placed(there, facts, looked.place),
    reportAfter: (proof) => {
      const after = judged.map((one) => proven(one, proof));
      return placed(reported(after, proof.copy !== undefined), facts, looked.place);
    },
  };
}

function proven(judged: Judged, proof: Proof): Judged {
  const { rule, result } = judged;
  if (result.outcome !== 'unexamined') return judged;
  const because = rule.provenBy && proof[rule.provenBy];
  if (because !== undefined) return { rule, result: { outcome: 'passed', because } };
  const isMilder = rule.milderOnce !== undefined && proof[rule.milderOnce] !== undefined;
  return isMilder ? { rule, result: { ...result, severity: 'warning' } } : judged;
}

function reportOf(found: readonly Judged[], run: DiagnosisOptions & Looked & { readonly copied: boolean }): Report {
  const { facts, policy } = run;
  const subject = run.subject.command === 'postmortem' ? standbySubject(facts, run.subject) : copySubject(facts);
  const { judged, findings } =
    policy === undefined
      ? { judged: found, findings: findingsOf(found, facts) }
      : judgedBy(policy, found, facts, { now: run.startedAt, subject });
  const rules = judged.flatMap(ruleResults);
  const count = (outcome: RuleResult['outcome']): number => rules.filter((rule) => rule.outcome === outcome).length;
  const of = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const { command } = run.subject;
  const accept = run.acceptUnexamined;
  const { verdict, accepted, notShown } = verdictOf({ ...run, command, judged: found, findings, facts, accept });
  const recovery = verdict === 'broken' ? recoveredThrough(recoveryOf(facts, findings), facts) : null;
  return {
    schemaVersion: '1.2',
    tool: { name: 'standbylint', version: run.version },
    command,
    startedAt: run.startedAt.toISOString(),
    elapsedMs: run.elapsedMs,
    subject,
    verdict,
    notShown,
    complete: count('unexamined') + count('crashed') === 0,
    summary: {
      error: of('error'),
      warning: of('warning'),
      info: of('info'),
      passed: count('passed'),
      unexamined: count('unexamined'),
      notApplicable: count('not-applicable'),
    },
    findings,
    recovery,
    plan: planOf(verdict, findings, recovery),
    ...(policy === undefined
      ? {}
      : { configuration: { file: policy.file, target: policy.target, ignored: policy.ignore } }),
    acceptedUnexamined: accepted,
    rules,
  };
}

function findingsOf(judged: readonly Judged[], facts: Partial<Facts>): readonly Finding[] {
  // what a step touches is looked at once, whatever rule proposes it
  const looked = link(judged, unexplainedIn(judged, facts)).map((finding) =>
    finding.remedy === null ? finding : { ...finding, remedy: reached(finding.remedy, facts) },
  );
  const agreed = oneConnection(oneCommandLine(looked, facts.baseBackup && ifSeen(facts.baseBackup)));
  return withManagerWords(agreed, facts);
}

/** What the rules found, as the configuration has it. */
function judgedBy(
  policy: Policy,
  found: readonly Judged[],
  facts: Partial<Facts>,
  run: Run,
): { readonly judged: readonly Judged[]; readonly findings: readonly Finding[] } {
  const told = withoutIgnored(found, policy);
  const judged = withAcceptances(told, findingsOf(told, facts), facts, policy, run);
  return { judged, findings: underPolicy(findingsOf(judged, facts), judged, policy, run) };
}

function copySubject(facts: Partial<Facts>): Report['subject'] {
  const primary = facts.primary && ifSeen(facts.primary);
  const place = facts.targetDirectory && ifSeen(facts.targetDirectory);
  return {
    primary: replicationEndpoint(facts) ?? null,
    ...addressOf(facts),
    standby: null,
    dataDirectory: place?.path ?? null,
    serverVersion: primary?.version ?? null,
  };
}

/** The version is the standby's own: the running server's, or that of the data directory. */
function standbySubject(
  facts: Partial<Facts>,
  { dataDirectory: given, configFile }: Pick<PostmortemSubject, 'dataDirectory' | 'configFile'>,
): Report['subject'] {
  const directory = facts.dataDirectory && ifSeen(facts.dataDirectory);
  const running = facts.runningStandby && ifSeen(facts.runningStandby);
  return {
    primary: replicationEndpoint(facts) ?? null,
    ...addressOf(facts),
    standby: running === undefined ? null : `port ${running.port}`,
    dataDirectory: directory?.path ?? given,
    ...(configFile === undefined ? {} : { configFile }),
    serverVersion: running?.version ?? directory?.versionText ?? null,
    ...managerOf(facts),
  };
}

function managerOf({ manager }: Partial<Facts>): Pick<Report['subject'], 'manager'> {
  const found = manager && ifSeen(manager);
  return found === undefined ? {} : { manager: managerText(found) };
}

const recoveredThrough = (recovery: Recovery, facts: Partial<Facts>): Recovery => ({
  ...recovery,
  steps: throughManager({ summary: '', risk: 'safe', steps: recovery.steps }, facts).steps,
});

/** A remedy as it can be taken there. */
const reached = (remedy: Remedy, facts: Partial<Facts>): Remedy =>
  inVolume(throughManager(conditioned(remedy, facts), facts), facts);

/** `host:port` of the replication connection, as far as it came; an --admin session may lead elsewhere. */
function replicationEndpoint(facts: Partial<Facts>): string | undefined {
  const login = facts.replicationLogin && ifSeen(facts.replicationLogin);
  const plan = facts.connectionPlan && ifSeen(facts.connectionPlan);
  const reached = login === undefined ? plan?.hosts[0] : attemptThatCounts(login);
  return reached === undefined ? undefined : `${reached.host}:${reached.port}`;
}

/** What a name led to: it may lead to several servers. */
function addressOf(facts: Partial<Facts>): Pick<Report['subject'], 'primaryAddress'> {
  const login = facts.replicationLogin && ifSeen(facts.replicationLogin);
  const address = login && addressBehindName(attemptThatCounts(login));
  return address === undefined ? {} : { primaryAddress: address };
}

/** One result, and of a family of rules one for each that found something. */
function ruleResults({ rule, result }: Judged): readonly RuleResult[] {
  const source = rule.source === undefined ? {} : { source: rule.source };
  if (result.outcome === 'failed')
    return [...new Set(result.faults.map(({ as }) => as ?? rule.id))].map((id) => ({
      id,
      outcome: 'failed',
      because: null,
      ...source,
    }));
  if (result.outcome === 'unexamined') {
    const { because, remedy, severity = rule.severity } = result;
    return [
      {
        id: rule.id,
        outcome: 'unexamined',
        because,
        ...(remedy === undefined ? {} : { remedy }),
        ...(severity === rule.severity ? {} : { severity }),
        ...source,
      },
    ];
  }
  return [{ id: rule.id, outcome: result.outcome, because: result.because, ...source }];
}
