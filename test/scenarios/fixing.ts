import { expect } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import type { Report } from '../../src/findings/report.ts';
import { rowArrives, untilStreaming } from '../lab/pair.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { expectValidReport } from '../report/valid-report.ts';
import { aStage, dispose } from './postmortem.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';
import { adminOptions, setTheStage, usualOptions } from './scenario.ts';
import type { Scenario, Stage } from './scenario.ts';

const fixing = ['--fix', '--yes', '--disruptive', '--format', 'json'] as const;

/** The fault is made; `preflight --fix` alone fixes it; what was blocked is copied, and streams. */
export async function fixBeforeCopy(scenario: Scenario, release: Release): Promise<void> {
  const first = await setTheStage(scenario, release);
  try {
    const stage = (await scenario.prepare?.(first)) ?? first;
    await scenario.fault?.(stage);
    await runPreflightFix(scenario, stage);
    if (scenario.noClone !== undefined) return;
    const { primary, place } = stage;
    const options = (scenario.options ?? usualOptions)(stage);
    const clone = await runStandbylint(
      ['clone', '--start', '--format', 'json', ...adminOptions(scenario, stage), ...options],
      { on: place, cwd: place.folder, env: { PGPASSWORD: primary.password, ...scenario.env?.(stage) } },
    );
    expect(clone.exitCode, `${clone.stdout}\n${clone.stderr}`).toBe(0);
    await rowArrives(primary.server, place);
  } finally {
    await scenario.cleanUp?.(first);
    await first.place.dispose();
    await first.primary.server.dispose();
  }
}

async function runPreflightFix(scenario: Scenario, stage: Stage): Promise<void> {
  const { primary, place } = stage;
  const { json, exitCode, stderr } = await runStandbylint(
    ['preflight', ...fixing, ...adminOptions(scenario, stage), ...(scenario.options ?? usualOptions)(stage)],
    {
      on: place,
      cwd: place.folder,
      env: { PGPASSWORD: primary.password, ...scenario.env?.(stage), STANDBYLINT_NEW_PASSWORD: primary.password },
      ...(scenario.asRoot === true ? { user: null } : {}),
    },
  );
  expectFixed(json, scenario.rule, stderr);
  expect(json.verdict).toBe('ready');
  expect(exitCode).toBe(0);
}

/** The fault is made; `postmortem --fix` alone fixes it; the standby streams, and a row arrives. */
export async function fixStandby(scenario: PostmortemScenario, release: Release): Promise<void> {
  const pair = await aStage(scenario.pair, release);
  try {
    const stage = (await scenario.prepare?.(pair)) ?? pair;
    await scenario.fault(stage);
    await runPostmortemFix(scenario, stage);
    if (scenario.noStream !== undefined) return;
    await untilStreaming(stage.standby);
    await rowArrives(stage.primary.server, stage.standby);
  } finally {
    await scenario.cleanUp?.(pair);
    await dispose(pair);
  }
}

async function runPostmortemFix(scenario: PostmortemScenario, stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  const admin = scenario.admin === null ? [] : ['--admin', scenario.admin?.(stage) ?? primary.admin];
  const failOn = scenario.severity === 'warning' ? ['--fail-on', 'warning'] : [];
  const { json, exitCode, stderr } = await runStandbylint(
    ['postmortem', '-D', standby.dataDirectory, ...fixing, ...failOn, ...admin, ...(scenario.options?.(stage) ?? [])],
    {
      on: standby,
      cwd: standby.folder,
      env: { ...scenario.env?.(stage), STANDBYLINT_NEW_PASSWORD: primary.password },
      ...(scenario.asRoot === true ? { user: null } : {}),
      timeoutMs: 120_000,
    },
  );
  expectFixed(json, scenario.finding ?? scenario.rule, stderr);
  expect(exitCode).toBe(0);
}

/** No hand was needed: the remedy of the rule was applied, every step did what it promised, and nothing is left. */
function expectFixed(report: Report, rule: string, told: string): void {
  expectValidReport(report);
  const left = report.fixes?.map((fix) => `${fix.rule}: ${fix.because}`);
  expect(
    { left, errors: report.findings.filter(({ severity }) => severity === 'error').map((one) => one.rule) },
    told,
  ).toEqual({
    left: [],
    errors: [],
  });
  const applied = report.applied ?? [];
  expect(applied.map(({ outcome, output }) => `${outcome} ${outcome === 'done' ? '' : output}`.trim())).toEqual(
    applied.map(() => 'done'),
  );
  expect(applied.map((step) => step.rule)).toContain(rule);
}
