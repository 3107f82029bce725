import { expect } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Finding, Report, Step } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import { rowArrives } from '../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import type { Primary, PrimaryOptions } from '../lab/primary.ts';
import { runStep } from '../lab/remedy.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** What a scenario has to play with: a running primary, and a place where a standby can be made. */
export interface Stage {
  readonly release: Release;
  readonly primary: Primary;
  /** Its data directory is the target: it does not exist yet. */
  readonly place: ThrowawayServer;
}

/** One fault on a real server, from the first look to a standby that streams. */
export interface Scenario {
  /** The rule that must stand first, alone among the root causes at `error`. */
  readonly rule: RuleId;
  /** What is special about it, where a rule has several. */
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  /** Why this machine cannot play it. */
  readonly notHere?: string | undefined;
  readonly primary?: PrimaryOptions;
  /** Another stage than a running primary and an empty place. */
  readonly prepare?: (stage: Stage) => Promise<Stage>;
  readonly fault?: (stage: Stage) => Promise<unknown>;
  /** pg_basebackup's options; default: {@link usualOptions}. */
  readonly options?: (stage: Stage) => readonly string[];
  /** Default: the superuser over the Unix socket; null: none is given. */
  readonly admin?: ((stage: Stage) => string) | null;
  readonly env?: (stage: Stage) => Readonly<Record<string, string>>;
  /** What a person does for a step of kind `manual`; without it such a step ends the scenario. */
  readonly byHand?: (step: Step, stage: Stage) => Promise<void>;
  /** The options after the fix, where a person (and no printed command) changes them. */
  readonly optionsAfter?: (stage: Stage, finding: Finding) => readonly string[];
  /** What else the standby has to show. */
  readonly inTheEnd?: (stage: Stage) => Promise<unknown>;
  /** What must be undone before the folders go. */
  readonly cleanUp?: (stage: Stage) => Promise<unknown>;
  /** The first look is root's. */
  readonly asRoot?: boolean;
  /** Why no standby is started at the end. */
  readonly noClone?: string;
}

/** The usual options behind other words for the way to the primary and for the role. */
export const behind =
  (words: (stage: Stage) => readonly string[]) =>
  (stage: Stage): readonly string[] => [
    ...words(stage),
    ...['-D', stage.place.dataDirectory, '-X', 'stream', '-R', '-c', 'fast'],
  ];

export const usualOptions = behind(({ primary }) => primary.connection);

/** The usual options, with another way to the primary. */
export const by = (way: (stage: Stage) => readonly string[]): ((stage: Stage) => readonly string[]) =>
  behind((stage) => [...way(stage), '-U', 'replicator']);

/** The fault is made; the rule stands first and alone; its steps are run as printed; the report is clean; a standby streams. Gives the finding. */
export async function play(scenario: Scenario, release: Release): Promise<Finding> {
  const stage = await setTheStage(scenario, release);
  try {
    return await playOnStage(scenario, (await scenario.prepare?.(stage)) ?? stage);
  } finally {
    await scenario.cleanUp?.(stage);
    await stage.place.dispose();
    await stage.primary.server.dispose();
  }
}

async function playOnStage(scenario: Scenario, stage: Stage): Promise<Finding> {
  await scenario.fault?.(stage);
  const options = (scenario.options ?? usualOptions)(stage);
  const before = await preflight(
    scenario,
    stage,
    options,
    scenario.env?.(stage),
    scenario.asRoot === true ? null : undefined,
  );
  const finding = expectRootCause(before.json, scenario.rule);
  expect(before.exitCode).toBe(1);

  const corrected = await followSteps(scenario, stage, finding.remedy?.steps ?? []);
  const optionsAfter = scenario.optionsAfter?.(stage, finding) ?? corrected?.words ?? options;
  await expectStandby(scenario, stage, optionsAfter, { ...scenario.env?.(stage), ...corrected?.env });
  return finding;
}

/** Nothing is found any more, and the copy that is made with these options streams. */
export async function expectStandby(
  scenario: Pick<Scenario, 'admin' | 'noClone' | 'inTheEnd'>,
  stage: Stage,
  options: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { primary, place } = stage;
  const after = await preflight(scenario, stage, options, env);
  expectReady(after.json);
  expect(after.exitCode).toBe(0);
  if (scenario.noClone !== undefined) return;

  const clone = await runStandbylint(
    ['clone', '--start', '--format', 'json', ...adminOptions(scenario, stage), ...options],
    { on: place, cwd: place.folder, env: { PGPASSWORD: primary.password, ...env } },
  );
  expect(clone.exitCode, `${clone.stdout}\n${clone.stderr}`).toBe(0);
  expectValidReport(clone.json);
  expect(clone.json.steps?.map(({ name, outcome }) => `${name} ${outcome}`)).not.toContainEqual(
    expect.stringContaining('failed'),
  );
  await rowArrives(primary.server, place);
  await scenario.inTheEnd?.(stage);
}

export async function setTheStage(scenario: Pick<Scenario, 'primary'>, release: Release): Promise<Stage> {
  const primary = await aPrimary({ release, portFrom: 'environment', lifetime: 'file', ...scenario.primary });
  const place = await aPlaceForAStandby({ release, portFrom: 'environment', lifetime: 'file' });
  return { release, primary, place };
}

export const adminOptions = (scenario: Pick<Scenario, 'admin'>, stage: Stage): readonly string[] => {
  if (scenario.admin === null) return [];
  return ['--admin', scenario.admin === undefined ? stage.primary.admin : scenario.admin(stage)];
};

/** A preflight with JSON, whose report is valid and keeps to its own promises. */
export async function preflight(
  scenario: Pick<Scenario, 'admin'>,
  stage: Stage,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
  user?: null,
) {
  const result = await runStandbylint(['preflight', '--format', 'json', ...adminOptions(scenario, stage), ...options], {
    on: stage.place,
    cwd: stage.place.folder,
    env: { PGPASSWORD: stage.primary.password, ...env },
    ...(user === null ? { user } : {}),
  });
  expectValidReport(result.json);
  return result;
}

/** The rule stands first, and nothing else is reported as a root cause at `error`. */
function expectRootCause(report: Report, rule: RuleId): Finding {
  const roots = report.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
  expect(roots.map((finding) => `${finding.rule}: ${finding.message}`)).toEqual([expect.stringContaining(`${rule}: `)]);
  const [first] = report.findings;
  if (first === undefined) throw new Error('no finding');
  expect(first.rule).toBe(rule);
  expect(report.verdict).toBe('blocked');
  return first;
}

export function expectReady(report: Report): void {
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
  const unexamined = report.rules.filter(({ outcome }) => outcome === 'unexamined' || outcome === 'crashed');
  expect({ verdict: report.verdict, unexamined: report.verdict === 'ready' ? [] : unexamined }).toEqual({
    verdict: 'ready',
    unexamined: [],
  });
}

/** The command line that a remedy prints, as the shell splits it, and what it sets in the environment. */
interface Corrected {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the steps exactly as printed. A step that checks the corrected command line tells the options to go on with. */
export async function followSteps(
  scenario: Pick<Scenario, 'byHand' | 'asRoot'>,
  stage: Stage,
  steps: readonly Step[],
): Promise<Corrected | undefined> {
  let corrected: Corrected | undefined;
  for (const step of steps) {
    if (step.kind === 'manual') {
      if (step.text.startsWith('If this connection is not the one that is meant')) continue;
      if (scenario.byHand === undefined) throw new Error(`A person would have to do this: ${step.text}`);
      await scenario.byHand(step, stage);
      continue;
    }
    const typed = /^((?:[A-Z]+=\S+ )*)(?:runuser -u (\S+) -- )?standbylint preflight (.*)$/s.exec(step.text);
    if (typed !== null) {
      const [, environment = '', user, line = ''] = typed;
      // the second look is the server user's, like everything that a scenario does not do as root
      if (user !== undefined) expect(user).toBe(stage.place.runAs?.name);
      corrected = {
        words: await wordsOf(stage, line.replaceAll('<password>', stage.primary.password)),
        env: Object.fromEntries((await wordsOf(stage, environment)).map((word) => word.split(/=(.*)/s))),
      };
      continue;
    }
    const { exitCode, output } = await runStep(step, {
      primary: stage.primary.server,
      standby: stage.place,
      ...(scenario.asRoot === true ? { client: null } : {}),
      password: stage.primary.password,
    });
    expect(`${step.text}\nstatus ${exitCode}\n${exitCode === 0 ? '' : output}`).toBe(`${step.text}\nstatus 0\n`);
  }
  return corrected;
}

/** The words of a command line, as the shell splits them. */
async function wordsOf({ place }: Stage, line: string): Promise<readonly string[]> {
  const { stdout } = await place.run('sh', ['-c', String.raw`printf '%s\0' ` + line]);
  return stdout.split('\0').slice(0, -1);
}
