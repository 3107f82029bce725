import { setTimeout as pause } from 'node:timers/promises';

import type { Surroundings } from '../checks/check.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { AppliedStep, Finding, PlannedFix, Report, Severity } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import { placeText } from '../hosts/place.ts';
import { placing } from '../diagnosis/placed.ts';
import type { Secret } from '../postgres/secret.ts';
import { applyStep, filesOfOthers } from './apply.ts';
import { withFreeCopy } from './edit.ts';
import { journalLine } from './journal.ts';
import type { JournalEntry, JournalSink } from './journal.ts';
import { needsPassword } from './placeholder.ts';
import { isTypedHere, keyOf, ofTheFiles, planOf, rootsOf, startsStandby } from './plan.ts';
import type { FixPlan, MergedStep, PlanLimits } from './plan.ts';
import { doer, reachOf } from './reach.ts';
import type { Reach } from './reach.ts';

/** One examination: what it found, and what it looked with. */
export interface Examined {
  readonly report: Report;
  /** The same with its steps as they are taken on the examined machine. */
  readonly there: Report;
  readonly facts: Partial<Facts>;
  readonly surroundings: Surroundings;
  /** Where the primary may run, where that is another place than the examined one. */
  readonly primaryHost?: Host | undefined;
}

/** What the steps of an examination are planned by. */
export async function plannedBy(
  { there, facts, surroundings, primaryHost }: Examined,
  limits: Pick<PlanLimits, 'failOn' | 'disruptive' | 'password' | 'settled'>,
): Promise<{ readonly plan: FixPlan; readonly reach: Reach; readonly limits: PlanLimits }> {
  const { host } = surroundings;
  const reach = await reachOf(facts, surroundings, primaryHost);
  const all: PlanLimits = {
    ...limits,
    root: host.place === undefined && host.account.uid === 0,
    placing: placing(there, facts, host.place),
    untouchable: await filesOfOthers(there, reach),
  };
  return { plan: planOf(there, reach, all), reach, limits: all };
}

/** The place that is examined cannot be looked at any more. */
export class PlaceLost extends Error {
  override readonly name = 'PlaceLost';
}

/** A step that is about to be taken, for whoever is asked. */
export interface NextStep {
  /** The remedy that it belongs to; of several the first. */
  readonly fix: PlannedFix;
  readonly summary: string;
  readonly step: MergedStep;
  readonly reach: Reach;
  /** Nothing of that remedy was asked for before. */
  readonly first: boolean;
}

export interface ApplyOptions {
  readonly failOn: Severity;
  readonly disruptive: boolean;
  /** What was typed here can have put an end to the way to the place: it is reached again. */
  readonly moved: () => Promise<void>;
  /** The whole examination again; a password that a role was given is what the login is tried with from then on. */
  readonly look: (newPassword: Secret | undefined) => Promise<Examined>;
  /** How long what was fixed has to show itself: a standby connects again by itself only after some seconds. */
  readonly waitMs: number;
  /** undefined: there is none, and nobody can be asked. */
  readonly password: (() => Promise<Secret>) | undefined;
  /** Whether the step may be taken. */
  readonly ask: (next: NextStep) => Promise<boolean>;
  readonly told: (applied: AppliedStep) => Promise<void>;
  /** Made when something is about to be done, and not before. */
  readonly journal: (head: {
    readonly primary: string | null;
    readonly dataDirectory: string | null;
  }) => Promise<JournalSink>;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface AppliedPlan {
  readonly last: Examined;
  readonly applied: readonly AppliedStep[];
  /** What is still there, and why it is left. */
  readonly plan: readonly PlannedFix[];
  readonly journal: string | undefined;
  /**
   * finished: nothing more is to be applied; failed: a step, or a remedy as a whole, did not do what it promised; stopped: the
   * user said no in the middle of a remedy; interrupted: by the user.
   */
  readonly end: 'finished' | 'failed' | 'stopped' | 'interrupted';
  /** One sentence where it did not finish. */
  readonly because: string;
  readonly newPassword: Secret | undefined;
}

/**
 * Takes the steps of the plan that the report prints, one after another. Then everything is examined again: what they were
 * for must be gone, or this ends there; and what shows only now is done in the same way. The same rule with the same message
 * is applied only once. Between two steps an interrupt ends it; a step that has begun comes to its end.
 */
export async function applyPlan(first: Examined, options: ApplyOptions): Promise<AppliedPlan> {
  const run = new Run(first, options);
  try {
    await run.toTheEnd();
  } catch (error) {
    if (error instanceof PlaceLost) run.ends('failed', error.message);
    else if (options.signal.aborted) run.ends('interrupted', 'You interrupted it.');
    else throw error;
  }
  await run.close();
  return run.outcome();
}

/** The same rule may find a second fault, and a third; beyond this it goes round in circles. */
const mostOfOneRule = 5;

class Run {
  readonly #options: ApplyOptions;
  readonly #settled = new Map<string, string>();
  readonly #timesApplied = new Map<string, number>();
  readonly #applied: AppliedStep[] = [];
  #last: Examined;
  #plan: readonly PlannedFix[] = [];
  #journal: JournalSink | undefined;
  #password: Secret | undefined;
  #newPassword: Secret | undefined;
  #number = 0;
  #end: AppliedPlan['end'] = 'finished';
  #because = '';

  constructor(first: Examined, options: ApplyOptions) {
    this.#last = first;
    this.#options = options;
  }

  ends(end: AppliedPlan['end'], because: string): void {
    this.#end = end;
    this.#because = because;
  }

  /** That it came to its end stands in the journal: one without that was killed. */
  async close(): Promise<void> {
    if (this.#journal === undefined) return;
    await this.#journal.append(journalLine({ event: 'end', at: new Date().toISOString(), end: this.#end }));
  }

  outcome(): AppliedPlan {
    return {
      last: this.#last,
      applied: this.#applied,
      plan: this.#plan,
      journal: this.#journal?.path,
      end: this.#end,
      because: this.#because,
      newPassword: this.#newPassword,
    };
  }

  async toTheEnd(): Promise<void> {
    for (;;) {
      const { plan, ...means } = await this.#makePlan();
      if (plan.next.length === 0) return;
      const { went, taken } = await this.#apply(plan, means);
      const findings = plan.findings.filter((_finding, at) => taken.has(at));
      if (went === 'again' && findings.length === 0) continue;
      const settled = went === 'done' ? 'its steps were run, but the problem remains' : 'its steps were not completed';
      if (went !== 'again') for (const finding of findings) this.#settled.set(keyOf(finding), settled);
      const before = rootsOf(this.#last.there, this.#options.failOn);
      await this.#lookAgain(findings, before, went === 'done' ? this.#options.waitMs : 0);
      if (went === 'done') this.#check(findings);
      else if (went === 'again') this.#count(findings);
      if (this.#end === 'finished') continue;
      await this.#makePlan();
      return;
    }
  }

  async #makePlan(): Promise<{ readonly plan: FixPlan } & Means> {
    const planned = await plannedBy(this.#last, {
      failOn: this.#options.failOn,
      disruptive: this.#options.disruptive,
      password: this.#options.password !== undefined,
      settled: this.#settled,
    });
    this.#plan = planned.plan.fixes;
    return planned;
  }

  /** What was applied must have fixed its findings. */
  #check(findings: readonly Finding[]): void {
    const still = findings.find((finding) => this.#isThere(finding));
    if (still !== undefined)
      return this.ends('failed', `The steps of ${still.rule} succeeded, but the problem remains.`);
    this.#count(findings);
  }

  #count(findings: readonly Finding[]): void {
    for (const { rule } of findings) {
      const times = (this.#timesApplied.get(rule) ?? 0) + 1;
      this.#timesApplied.set(rule, times);
      if (times >= mostOfOneRule) this.ends('failed', `${rule} was fixed ${times} times, and it came back each time.`);
    }
  }

  /**
   * Step after step, until something has to be looked at again. What is refused before anything of its remedy was done is
   * left; in the middle of a remedy that ends everything, as does the first step that does not do what it promised.
   */
  async #apply(
    plan: FixPlan,
    means: Means,
  ): Promise<{ readonly went: 'done' | 'again' | 'broken off'; readonly taken: ReadonlySet<number> }> {
    const { signal } = this.#options;
    const taken = new Set<number>();
    const edited = new Map<string, number>();
    for (const step of plan.next) {
      signal.throwIfAborted();
      const at = step.of.find((one) => !taken.has(one)) ?? step.of[0] ?? 0;
      const [fix, finding] = [plan.fixes[at], plan.findings[at]];
      if (fix === undefined || finding === undefined) throw new Error(`step ${step.number ?? 0} belongs to no finding`);
      const { edit } = step.inner;
      // what another remedy has changed there may be all that was needed, and its lines are not those that were seen
      if (edit !== undefined && edited.get(edit.file) !== undefined && !step.of.includes(edited.get(edit.file) ?? -1))
        return { went: 'again', taken };
      if (taken.size > 0 && startsStandby(step.inner) && (await this.#moreIsWrong())) return { went: 'again', taken };
      const summary = means.limits.placing.text(finding.remedy?.summary ?? '');
      const next = { fix, summary, step, reach: means.reach, first: !taken.has(at) };
      if (!(await this.#options.ask(next))) {
        if (step.of.every((one) => !taken.has(one))) {
          for (const one of plan.findings.filter((_finding, place) => step.of.includes(place)))
            this.#settled.set(keyOf(one), 'you declined it');
          return { went: 'again', taken };
        }
        this.ends('stopped', `You stopped ${fix.rule} before step ${step.number ?? 0} of ${plan.next.length}.`);
        return { went: 'broken off', taken };
      }
      for (const one of step.of) taken.add(one);
      if (edit !== undefined) edited.set(edit.file, at);
      const failure = await this.#take(step, fix, means);
      if (failure === undefined) continue;
      const where = `Step ${step.number ?? 0} of ${plan.next.length}, of ${fix.rule},`;
      this.ends('failed', `${where} did not do what it promised: ${failure}.`);
      return { went: 'broken off', taken };
    }
    return { went: 'done', taken };
  }

  /**
   * What was changed may show a fault of the files that could not be seen before, and a server that is started on them does
   * what cannot be taken back.
   */
  async #moreIsWrong(): Promise<boolean> {
    const before = new Set(this.#last.there.findings.map(({ rule }) => rule));
    this.#last = await this.#options.look(this.#newPassword);
    return rootsOf(this.#last.there, 'error').some(
      ({ rule }) => ofTheFiles.test(rule) && rule !== 'standby/not-running' && !before.has(rule),
    );
  }

  /** Takes a step, and gives what was said where it did not do what it promised. */
  async #take(
    { step: planned, inner: asPlanned }: MergedStep,
    { rule }: PlannedFix,
    { reach, limits }: Means,
  ): Promise<string | undefined> {
    const way = reach.shell(asPlanned.on);
    const inner = way.open ? await withFreeCopy(way.shell.host, asPlanned) : asPlanned;
    const step = inner === asPlanned ? planned : (limits.placing.steps([inner]).at(-1) ?? planned);
    const here = isTypedHere(inner, limits);
    if (needsPassword(inner)) this.#password ??= await this.#options.password?.();
    const number = (this.#number += 1);
    const now = (): string => new Date().toISOString();
    const takenAs = here ? reach.here : inner.kind === 'shell' ? way : undefined;
    await this.#write({
      ...{ event: 'step', number, at: now(), rule, step: { ...inner, text: step.text } },
      ...doer(takenAs),
    });
    const startedAt = performance.now();
    const { ok, output, unsure } = await applyStep({ step, inner }, reach, limits, this.#password);
    if (here) await this.#options.moved();
    await this.#write({
      event: 'outcome',
      number,
      at: now(),
      outcome: ok ? 'done' : unsure === true ? 'unknown' : 'failed',
      output,
    });
    const elapsedMs = Math.round(performance.now() - startedAt);
    const applied: AppliedStep = { rule, step, outcome: ok ? 'done' : 'failed', output, elapsedMs };
    this.#applied.push(applied);
    await this.#options.told(applied);
    if (!ok) return output.replaceAll('\n', ' ').replace(/\.$/u, '');
    if (inner.role !== undefined && inner.role === this.#userOfLogin()) this.#newPassword = this.#password;
    return undefined;
  }

  #userOfLogin(): string | undefined {
    const { connectionPlan } = this.#last.facts;
    return connectionPlan === undefined ? undefined : ifSeen(connectionPlan)?.user;
  }

  async #write(entry: JournalEntry): Promise<void> {
    const { subject } = this.#last.report;
    this.#journal ??= await this.#options.journal({
      primary: subject.primary,
      dataDirectory: this.#last.report.command === 'postmortem' ? this.#asGiven(subject.dataDirectory) : null,
    });
    await this.#journal.append(journalLine(entry));
  }

  /** As -D names it. */
  #asGiven(directory: string | null): string | null {
    const { place } = this.#last.surroundings.host;
    return place === undefined || directory === null ? directory : placeText(place, directory);
  }

  /** Until the finding is gone, and in a post-mortem the standby has had time to connect again. */
  async #lookAgain(findings: readonly Finding[], before: readonly Finding[], waitMs: number): Promise<void> {
    const { look, signal, failOn } = this.#options;
    const known = new Set(before.map(({ rule }) => rule));
    const until = performance.now() + waitMs;
    for (;;) {
      this.#last = await look(this.#newPassword);
      const { there: report } = this.#last;
      const unsettled =
        report.command === 'postmortem' &&
        (report.verdict === 'unknown' || rootsOf(report, failOn).some(({ rule }) => !known.has(rule)));
      if ((!findings.some((finding) => this.#isThere(finding)) && !unsettled) || performance.now() > until) return;
      await pause(betweenLooksMs, undefined, { signal });
    }
  }

  #isThere(finding: Finding): boolean {
    return rootsOf(this.#last.there, this.#options.failOn).some((one) => keyOf(one) === keyOf(finding));
  }
}

const betweenLooksMs = 500;

type Means = Pick<Awaited<ReturnType<typeof plannedBy>>, 'reach' | 'limits'>;
