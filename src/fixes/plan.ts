import type { Finding, PlannedFix, Report, Severity, Side, Step } from '../facts/report.ts';
import { severityRank } from '../facts/report.ts';
import { needsPassword, showsPassword } from './placeholder.ts';

/** Whether something can be done on a side, and as whom; or why not, in plain words that go on after "because". */
export type WayThere =
  | { readonly open: true; readonly as: string }
  | { readonly open: false; readonly because: string };

/** The ways that a plan needs to know of; {@link Reach} is the same with what opens them. */
export interface Ways {
  readonly sql: (on: Side) => WayThere;
  readonly shell: (on: Side) => WayThere;
}

export interface PlanLimits {
  readonly failOn: Severity;
  /** Remedies that restart or interrupt something are applied too. */
  readonly disruptive: boolean;
  /** A new password is there, or can be asked for. */
  readonly password: boolean;
  /** We are root: a file that is made here would be root's. */
  readonly root: boolean;
  /** Remedies that were applied already, or that the user did not want, by {@link keyOf}, and what is to be said of them. */
  readonly settled: ReadonlyMap<string, string>;
}

/**
 * What is done about each root cause at or above `failOn`, in the order of the report. A remedy is applied as a whole or not
 * at all: when every step of it can be taken from here, and its risk allows it.
 */
export function planOf(report: Report, ways: Ways, limits: PlanLimits): readonly PlannedFix[] {
  const roots = rootsOf(report, limits.failOn);
  const plan = roots.map((finding) => plannedFix(finding, ways, limits));
  const inTheWay = plan.find(
    ({ decision, rule }, at) => decision === 'leave' && roots[at]?.severity === 'error' && ofTheFiles.test(rule),
  );
  return inTheWay === undefined ? plan : plan.map((fix) => (startsStandby(fix) ? waiting(fix, inTheWay) : fix));
}

/**
 * A server that is started on a data directory in which something else is wrong can do what cannot be taken back: without
 * its signal file it becomes a primary of its own.
 */
const ofTheFiles = /^(?:standby|timeline|wal)\//u;

const startsStandby = ({ decision, steps }: PlannedFix): boolean =>
  decision === 'apply' && steps.some(({ step }) => step.on === 'standby' && bringsUp(step));

const waiting = ({ rule, title, steps }: PlannedFix, inTheWay: PlannedFix): PlannedFix => ({
  rule,
  title,
  decision: 'leave',
  because: `it starts the server, and ${inTheWay.rule} has to be mended before`,
  steps: steps.map(({ step }) => ({ step, as: '' })),
});

/** A server is started or restarted: what was changed before comes into force. */
const bringsUp = ({ does }: Step): boolean => does === 'start' || does === 'restart';

/**
 * The fixes that are applied together with the first one, with their places in the plan: those that end in the same start of
 * the same server, which is done once, when all of them are ready for it. Otherwise only that one.
 */
export function firstTogether(
  plan: readonly PlannedFix[],
): readonly { readonly at: number; readonly fix: PlannedFix }[] {
  const applied = plan.map((fix, at) => ({ at, fix })).filter(({ fix }) => fix.decision === 'apply');
  const endOf = ({ fix }: { readonly fix: PlannedFix }): Step | undefined => fix.steps.at(-1)?.step;
  const end = applied[0] === undefined ? undefined : endOf(applied[0]);
  if (end === undefined || !bringsUp(end)) return applied.slice(0, 1);
  const together = applied.filter((one) => endOf(one)?.on === end.on && endOf(one)?.text === end.text);
  return together.map((one, index) =>
    index === together.length - 1 ? one : { ...one, fix: { ...one.fix, steps: one.fix.steps.slice(0, -1) } },
  );
}

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
    steps: steps.map((step) => ({ step, as: asWhom(step, ways) })),
  };
}

function whyLeft({ remedy }: Finding, ways: Ways, limits: PlanLimits): string | undefined {
  if (remedy === null) return 'there is no step that mends it for certain';
  if (remedy.risk === 'destructive') return 'it moves or overwrites data, which a person decides';
  if (remedy.risk === 'disruptive' && !limits.disruptive)
    return 'it restarts or interrupts something, which --disruptive would allow';
  return remedy.steps.map((step) => whyNot(step, ways, limits)).find((because) => because !== undefined);
}

function whyNot(step: Step, ways: Ways, { password, root }: PlanLimits): string | undefined {
  if (step.kind === 'manual') return 'a step of it is for a person';
  // whose the command line is, corrects it
  if (step.does === 'check-again') return 'it corrects the command line, which is yours to change';
  const way = wayOf(step, ways);
  if (!way.open) return way.because;
  if (step.edit?.absent === true && root)
    return `${step.edit.file} is not there, and as root it would be made for root`;
  if (!needsPassword(step)) return undefined;
  if (!password)
    return 'it needs a password: set STANDBYLINT_NEW_PASSWORD, or run this on a terminal, where it is asked for';
  return showsPassword(step);
}

const wayOf = ({ kind, on }: Step, ways: Ways): WayThere => (kind === 'sql' ? ways.sql(on) : ways.shell(on));

function asWhom(step: Step, ways: Ways): string {
  const way = wayOf(step, ways);
  return way.open ? way.as : '';
}
