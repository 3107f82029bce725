import { expect } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Finding, Report, Step } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import { aPair, rowArrives, untilStreaming } from '../lab/pair.ts';
import type { Pair, PairOptions } from '../lab/pair.ts';
import { runStep } from '../lab/remedy.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { untilSettled } from './until-settled.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** A primary and its standby, whatever became of them. */
export interface PairStage extends Pair {
  readonly release: Release;
  /** Servers beside the two, by name: a cascade's middle, the other standby. */
  readonly others: Map<string, ThrowawayServer>;
}

/** One fault of a standby that exists, from the first look to a standby that streams again. */
export interface PostmortemScenario {
  /** The rule that must stand first, alone among the root causes at `error` but for `besides`. */
  readonly rule: RuleId;
  /** Other faults of the same standby, which are root causes of their own. */
  readonly besides?: readonly RuleId[];
  /** The rule that the finding names, where that is one of a family: `log/…`. */
  readonly finding?: string;
  /** What is special about it, where a rule has several. */
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  /** Why this machine cannot play it. */
  readonly notHere?: string | undefined;
  readonly pair?: PairOptions;
  /** Another stage than a primary and its standby: another server takes the primary's place, say. */
  readonly prepare?: (stage: PairStage) => Promise<PairStage>;
  readonly fault: (stage: PairStage) => Promise<unknown>;
  /** Rules whose findings must be among its consequences. */
  readonly consequences?: readonly RuleId[];
  /** Default: error. A warning need not be alone. */
  readonly severity?: 'error' | 'warning';
  /** Default: broken, or degraded where it is a warning. */
  readonly verdict?: Report['verdict'];
  /** Default: the superuser over the Unix socket; null: none is given. */
  readonly admin?: ((stage: PairStage) => string) | null;
  readonly options?: (stage: PairStage) => readonly string[];
  /** The first look is root's. */
  readonly asRoot?: boolean;
  /** What stands in the environment of whoever looks. */
  readonly env?: (stage: PairStage) => Readonly<Record<string, string>>;
  /** How it comes back, as `recovery` must say. */
  readonly way?: NonNullable<Report['recovery']>['way'];
  /** The steps of the way back are followed, or those of the remedy's alternative, and not those of the finding. */
  readonly follow?: 'recovery' | 'alternative';
  /** What else the first report must say. */
  readonly told?: (report: Report, stage: PairStage) => Promise<unknown>;
  /** What a person does for a step of kind `manual`; without it such a step ends the scenario. */
  readonly byHand?: (step: Step, stage: PairStage) => Promise<unknown>;
  /** What a person does after the steps: an order of the summary that no step can give. */
  readonly afterSteps?: (stage: PairStage) => Promise<unknown>;
  /** What must be undone before the folders go. */
  readonly cleanUp?: (stage: PairStage) => Promise<unknown>;
  /** Why the standby does not stream in the end. */
  readonly noStream?: string;
}

/** The fault is made; the rule stands first and alone; its steps are run as printed; the standby streams, and is healthy. Gives the finding. */
export async function playPostmortem(scenario: PostmortemScenario, release: Release): Promise<Finding> {
  const pair = await aStage(scenario.pair, release);
  try {
    return await playOnPair(scenario, (await scenario.prepare?.(pair)) ?? pair);
  } finally {
    await scenario.cleanUp?.(pair);
    await dispose(pair);
  }
}

async function playOnPair(scenario: PostmortemScenario, stage: PairStage): Promise<Finding> {
  await scenario.fault(stage);
  if (scenario.consequences?.includes('streaming/not-connected') === true) await untilSettled(stage.standby);
  const before = await postmortem(scenario, stage, scenario.asRoot === true ? null : undefined);
  const finding = expectRootCause(before.json, scenario);
  const hasError = scenario.severity !== 'warning' || scenario.besides !== undefined;
  expect(before.exitCode).toBe(hasError ? 1 : scenario.verdict === 'unknown' ? 3 : 0);
  const found = before.json.findings.filter(({ causedBy }) => causedBy === finding.id).map(({ rule }) => rule);
  expect(found).toEqual(expect.arrayContaining([...(scenario.consequences ?? [])]));
  if (scenario.way !== undefined) expect(before.json.recovery?.way).toBe(scenario.way);
  await scenario.told?.(before.json, stage);

  await typeSteps(scenario, stage, stepsToFollow(scenario, before.json, finding));
  await scenario.afterSteps?.(stage);
  if (scenario.noStream !== undefined) return finding;
  await expectStreaming(scenario, stage, [scenario.rule]);
  return finding;
}

/** It streams, and is healthy: none of these rules finds anything any more. */
export async function expectStreaming(
  scenario: Pick<PostmortemScenario, 'admin' | 'options' | 'env'>,
  stage: PairStage,
  rules: readonly RuleId[],
): Promise<void> {
  await untilStreaming(stage.standby);
  await rowArrives(stage.primary.server, stage.standby);
  const after = await postmortem(scenario, stage);
  expectNoErrors(after.json);
  const found = new Set<string>(after.json.findings.map(({ rule }) => rule));
  expect(rules.filter((rule) => found.has(rule))).toEqual([]);
  expect(after.exitCode).toBe(0);
}

/** A setup in which nothing is wrong: no finding at `error` or `warning`. */
export interface HealthyPair {
  readonly name: string;
  readonly from?: number;
  readonly pair?: PairOptions;
  /** Gives the pair that is examined, where it is another one. */
  readonly prepare?: (stage: PairStage) => Promise<PairStage | void>;
  readonly cleanUp?: (stage: PairStage) => Promise<unknown>;
  readonly admin?: ((stage: PairStage) => string) | null;
  readonly options?: (stage: PairStage) => readonly string[];
  /** Findings that are true and harmless there. */
  readonly allowed?: readonly RuleId[];
}

export async function expectHealthyPair(setup: HealthyPair, release: Release): Promise<void> {
  const stage = await aStage(setup.pair, release);
  try {
    const examined = await setup.prepare?.(stage);
    if (examined?.standby !== undefined && examined.standby !== stage.standby)
      stage.others.set('examined', examined.standby);
    const { json, exitCode } = await postmortem(setup, examined ?? stage);
    expectNoErrors(json, setup.allowed);
    expect(json.verdict).toBe('healthy');
    expect(exitCode).toBe(0);
  } finally {
    await setup.cleanUp?.(stage);
    await dispose(stage);
  }
}

export async function aStage(pair: PairOptions | undefined, release: Release): Promise<PairStage> {
  const settings = { wal_keep_size: '64MB', ...pair?.settings };
  return { ...(await aPair({ release, lifetime: 'file', ...pair, settings })), release, others: new Map() };
}

export async function dispose({ primary, standby, others }: PairStage): Promise<void> {
  for (const server of [...others.values(), standby, primary.server]) await server.dispose();
}

/** A post-mortem with JSON, whose report is valid and keeps to its own promises. */
export async function postmortem(
  scenario: Pick<PostmortemScenario, 'admin' | 'options' | 'env'>,
  stage: PairStage,
  user?: null,
): Promise<Awaited<ReturnType<typeof runStandbylint>>> {
  const { standby, primary } = stage;
  const admin = scenario.admin === null ? [] : ['--admin', scenario.admin?.(stage) ?? primary.admin];
  const result = await runStandbylint(
    ['postmortem', '-D', standby.dataDirectory, '--format', 'json', ...admin, ...(scenario.options?.(stage) ?? [])],
    {
      on: standby,
      ...(scenario.env === undefined ? {} : { env: scenario.env(stage) }),
      ...(user === null ? { user } : {}),
    },
  );
  expectValidReport(result.json);
  return result;
}

function expectRootCause(
  report: Report,
  { rule: family, besides = [], finding: name, severity = 'error', verdict }: PostmortemScenario,
): Finding {
  const rule = name ?? family;
  const roots = report.findings.filter((finding) => finding.severity === 'error' && finding.causedBy === null);
  const told = roots.map((finding) => `${finding.rule}: ${finding.message}`);
  const named = [...(severity === 'error' ? [rule] : []), ...besides];
  expect(told).toEqual(named.map((one) => expect.stringContaining(`${one}: `)));
  const finding = report.findings.find((one) => one.rule === rule);
  if (finding === undefined)
    throw new Error(`no finding of ${rule}: ${report.findings.map((one) => one.rule).join(', ')}`);
  if (severity === 'error') expect(report.findings[0]).toBe(finding);
  else expect(finding.severity).toBe(severity);
  expect(report.verdict).toBe(verdict ?? (severity === 'error' ? 'broken' : 'degraded'));
  return finding;
}

export function expectNoErrors(report: Report, allowed: readonly RuleId[] = []): void {
  const names: readonly string[] = allowed;
  const bad = report.findings.filter(({ severity, rule }) => severity !== 'info' && !names.includes(rule));
  expect(bad.map(({ severity, rule, message }) => `${severity} ${rule}: ${message}`)).toEqual([]);
  const unexamined = report.rules.filter(({ outcome }) => outcome === 'unexamined' || outcome === 'crashed');
  expect({ verdict: report.verdict, unexamined: report.verdict === 'healthy' ? [] : unexamined }).toEqual({
    verdict: 'healthy',
    unexamined: [],
  });
}

/** The steps of the finding, and those of the way back where it has none or the scenario says so. */
function stepsToFollow({ follow }: PostmortemScenario, { recovery }: Report, { remedy }: Finding): readonly Step[] {
  if (follow !== 'alternative') return (follow === undefined ? remedy?.steps : undefined) ?? recovery?.steps ?? [];
  const [other] = remedy?.alternatives ?? [];
  if (other === undefined) throw new Error('The remedy has no alternative.');
  return other.steps;
}

/** Runs the steps exactly as printed. */
export async function typeSteps(
  scenario: Pick<PostmortemScenario, 'byHand'>,
  stage: PairStage,
  steps: readonly Step[],
): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'manual') {
      if (scenario.byHand === undefined) throw new Error(`A person would have to do this: ${step.text}`);
      await scenario.byHand(step, stage);
      continue;
    }
    const { exitCode, output } = await runStep(step, {
      primary: stage.primary.server,
      standby: stage.standby,
      password: stage.primary.password,
    });
    expect(`${step.text}\nstatus ${exitCode}\n${exitCode === 0 ? '' : output}`).toBe(`${step.text}\nstatus 0\n`);
  }
}
