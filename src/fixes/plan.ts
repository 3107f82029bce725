import type { Placing } from '../diagnosis/placed.ts';
import { mergedSteps, replacesDirectory } from '../diagnosis/plan.ts';
import type { Finding, PlannedFix, PlannedStep, Report, Severity, Side, Step } from '../findings/report.ts';
import { severityRank } from '../findings/report.ts';
import { needsPassword, showsPassword } from './placeholder.ts';

/** Whether something can be done on a side, and as whom; or why not, in plain words that go on after "because". */
export type WayThere =
  | { readonly open: true; readonly as: string }
  | { readonly open: false; readonly because: string };

/** The ways that a plan needs to know of; {@link Reach} is the same with what opens them. */
export interface Ways {
  readonly sql: (on: Side) => WayThere;
  readonly shell: (on: Side) => WayThere;
  /** What is typed where the report is read, and not on the machine that it is about: `docker start NAME`. */
  readonly here: WayThere;
}

export interface PlanLimits {
  readonly failOn: Severity;
  /** Remedies that restart or interrupt something are applied too. */
  readonly disruptive: boolean;
  /** A new password is there, or can be asked for. */
  readonly password: boolean;
  /** We are root: a file that is made here would be root's. */
  readonly root: boolean;
  /** How the plan is printed. */
  readonly placing: Placing;
  /** Files that are not changed, and why: {@link filesOfOthers}. */
  readonly untouchable: ReadonlyMap<string, string>;
  /** Remedies that were applied already, or that the user did not want, by {@link keyOf}, and what is to be said of them. */
  readonly settled: ReadonlyMap<string, string>;
}

/** What `--fix` does: the plan that the report prints, as far as it can be done from here. */
export interface FixPlan {
  /**
   * What is done about each root cause at or above `failOn`, in the order of the report, and after them the start of a
   * server that only a consequence of them asks for.
   */
  readonly fixes: readonly PlannedFix[];
  /** What they are for, place by place. */
  readonly findings: readonly Finding[];
  /** All steps of what is applied, as the plan counts them. */
  readonly all: readonly MergedStep[];
  /** What is done before everything is examined again: the steps of the gravest ones, merged. */
  readonly next: readonly MergedStep[];
}

export interface MergedStep extends PlannedStep {
  /** What is done on its machine; `step` is how it is typed where the plan is read. */
  readonly inner: Step;
  /** The places of the fixes that it belongs to. */
  readonly of: readonly number[];
}

/**
 * A remedy is applied as a whole or not at all: when every step of it can be taken from here, its risk allows it, and
 * nothing graver is left. The steps of all that are applied are merged as those of the report's own plan are.
 */
export function planOf(report: Report, ways: Ways, limits: PlanLimits): FixPlan {
  const roots = rootsOf(report, limits.failOn);
  const each = inTurn(
    roots,
    roots.map((finding) => plannedFix(finding, ways, limits)),
  );
  const start = roots.every(({ severity }, at) => severity !== 'error' || each[at]?.decision === 'apply')
    ? startAfter(report, ways, limits)
    : undefined;
  const findings = start === undefined ? roots : [...roots, start];
  const decided = start === undefined ? each : [...each, plannedFix(start, ways, limits)];
  const merged = (['error', 'warning', 'info'] as const).map((severity) => mergedOf(findings, decided, severity));
  const inner = merged.flat();
  const shown = limits.placing.steps(inner.map(({ step }) => step));
  const before = shown.length - inner.length;
  const all = shown.map((step, index): MergedStep => {
    // what the place asks for comes first
    const { step: own, of } = inner[index - before] ?? { step, of: inner[0]?.of ?? [] };
    return { step, inner: own, of, number: index + 1, as: asWhom(own, ways, limits) };
  });
  const first = merged.find((steps) => steps.length > 0)?.length;
  const fixes = decided.map((fix, at): PlannedFix => {
    const title = limits.placing.text(fix.title);
    return fix.decision === 'leave'
      ? { ...fix, title, steps: asShown(fix.steps, limits) }
      : {
          ...fix,
          title,
          steps: all
            .filter(({ of }) => of.includes(at))
            .map(({ step, as, number }) => ({ step, as, ...(number === undefined ? {} : { number }) })),
        };
  });
  return { fixes, findings, all, next: first === undefined ? [] : all.slice(0, before + first) };
}

const asShown = (steps: readonly PlannedStep[], { placing }: PlanLimits): readonly PlannedStep[] =>
  placing.steps(steps.map(({ step }) => step)).map((step) => ({ step, as: '' }));

/** Ids are not relied on: a place is what ties a step to its fix. */
function mergedOf(
  findings: readonly Finding[],
  fixes: readonly PlannedFix[],
  severity: Severity,
): readonly { readonly step: Step; readonly of: readonly number[] }[] {
  const applied = findings
    .map((finding, at) => ({ ...finding, id: String(at) }))
    .filter((finding, at) => finding.severity === severity && fixes[at]?.decision === 'apply');
  return mergedSteps(applied, []).map(({ step, for: of }) => ({ step, of: of.map(Number) }));
}

/** The start of a server that is down because of what is fixed: a consequence has it as its remedy. */
function startAfter({ plan, findings }: Report, ways: Ways, limits: PlanLimits): Finding | undefined {
  const step = plan.steps.find(({ step: one, for: of }) => of.length === 0 && one.does === 'start')?.step;
  const finding = findings.find(
    ({ causedBy, remedy }) => causedBy !== null && remedy?.steps.some(({ text }) => text === step?.text) === true,
  );
  if (step === undefined || finding?.remedy?.steps.length !== 1) return undefined;
  return plannedFix(finding, ways, limits).decision === 'apply' ? finding : undefined;
}

/** What waits for something that is left. */
function inTurn(roots: readonly Finding[], plan: readonly PlannedFix[]): readonly PlannedFix[] {
  const left = roots.filter(({ severity }, at) => severity === 'error' && plan[at]?.decision === 'leave');
  const ofFiles = left.find(({ rule }) => ofTheFiles.test(rule));
  const replacing = left.find(replacesDirectory);
  return plan.map((fix, at) => {
    const root = roots[at];
    if (fix.decision === 'leave' || root === undefined) return fix;
    if (root.severity !== 'error' && left[0] !== undefined)
      return waiting(fix, `${left[0].rule} is an error, and comes first`);
    if (replacing !== undefined && fix.steps.some(({ step }) => step.on !== 'primary'))
      return waiting(fix, `the remedy of ${replacing.rule} replaces the data directory that it would change`);
    if (ofFiles !== undefined && fix.steps.some(({ step }) => startsStandby(step)))
      return waiting(fix, `it starts the server, and ${ofFiles.rule} has to be fixed before`);
    return fix;
  });
}

/**
 * A server that is started on a data directory in which something else is wrong can do what cannot be taken back: without
 * its signal file it becomes a primary of its own.
 */
export const ofTheFiles = /^(?:standby|timeline|wal)\//u;

const waiting = ({ rule, title, steps }: PlannedFix, because: string): PlannedFix => ({
  rule,
  title,
  decision: 'leave',
  because,
  steps: steps.map(({ step }) => ({ step, as: '' })),
});

/** A server is started or restarted: what was changed before comes into force. */
export const startsStandby = ({ on, does }: Step): boolean =>
  on === 'standby' && (does === 'start' || does === 'restart');

/** The root causes at or above a severity, in the order of the report. */
export const rootsOf = ({ findings }: Report, failOn: Severity): readonly Finding[] =>
  findings.filter(({ causedBy, severity }) => causedBy === null && severityRank[severity] <= severityRank[failOn]);

/** A fault is the same one when the same rule says the same of it. */
export const keyOf = ({ rule, message }: Pick<Finding, 'rule' | 'message'>): string => `${rule}\n${message}`;

function plannedFix(finding: Finding, ways: Ways, limits: PlanLimits): PlannedFix {
  const { rule, title } = finding;
  const steps = finding.remedy?.steps ?? [];
  const because = limits.settled.get(keyOf(finding)) ?? whyLeft(finding, ways, limits);
  if (because !== undefined)
    return { rule, title, decision: 'leave', because, steps: steps.map((step) => ({ step, as: '' })) };
  return {
    rule,
    title,
    decision: 'apply',
    because: '',
    steps: steps.map((step) => ({ step, as: asWhom(step, ways, limits) })),
  };
}

function whyLeft({ remedy }: Finding, ways: Ways, limits: PlanLimits): string | undefined {
  if (remedy === null) return 'no step is certain to fix it';
  if (remedy.risk === 'destructive') return 'it moves or overwrites data, which you must decide';
  if (remedy.risk === 'disruptive' && !limits.disruptive)
    return 'it restarts a server or drops connections, which --disruptive would allow';
  return remedy.steps.map((step) => whyNot(step, ways, limits)).find((because) => because !== undefined);
}

function whyNot(step: Step, ways: Ways, limits: PlanLimits): string | undefined {
  const { password, root, untouchable } = limits;
  if (isTypedHere(step, limits)) return ways.here.open ? undefined : ways.here.because;
  if (step.kind === 'manual' || isLeftThere(step, limits)) return 'one of its steps must be done manually';
  // whose the command line is, corrects it
  if (step.does === 'check-again') return 'it corrects the command line, which is yours to change';
  const way = wayOf(step, ways, limits);
  if (!way.open) return way.because;
  const foreign = step.edit === undefined ? undefined : untouchable.get(step.edit.file);
  if (foreign !== undefined) return foreign;
  if (step.edit?.absent === true && root) return `${step.edit.file} does not exist, and root would own it`;
  if (!needsPassword(step)) return undefined;
  if (!password)
    return 'it needs a password: set STANDBYLINT_NEW_PASSWORD, or run this on a terminal, which asks for it';
  return showsPassword(step);
}

function wayOf(step: Step, ways: Ways, limits: PlanLimits): WayThere {
  if (isTypedHere(step, limits)) return ways.here;
  return step.kind === 'sql' ? ways.sql(step.on) : ways.shell(step.on);
}

/** A command of the engine of a container: there is nothing of that in it. */
export function isTypedHere(step: Step, { placing }: Pick<PlanLimits, 'placing'>): boolean {
  if (!placing.outside) return false;
  if (step.does === 'container') return step.kind === 'shell';
  const typed = placing.steps([step]).at(-1);
  return isControl(step.does) && typed?.kind === 'shell' && typed.on === 'client';
}

/** Whether a server runs is not ours to say in every place. */
const isLeftThere = (step: Step, { placing }: PlanLimits): boolean =>
  placing.outside && isControl(step.does) && placing.steps([step]).at(-1)?.kind === 'manual';

const isControl = (does: Step['does']): boolean => does === 'start' || does === 'restart' || does === 'stop';

function asWhom(step: Step, ways: Ways, limits: PlanLimits): string {
  const way = wayOf(step, ways, limits);
  return way.open ? way.as : '';
}
