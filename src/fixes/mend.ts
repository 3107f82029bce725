import { setTimeout as pause } from 'node:timers/promises';

import type { Surroundings } from '../checks/check.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { AppliedStep, Finding, PlannedFix, Report, Severity } from '../facts/report.ts';
import type { Secret } from '../postgres/secret.ts';
import { applyStep } from './apply.ts';
import { withFreeCopy } from './edit.ts';
import { journalLine } from './journal.ts';
import type { JournalEntry, JournalSink, JournalUser } from './journal.ts';
import { needsPassword } from './placeholder.ts';
import { firstTogether, keyOf, planOf, rootsOf } from './plan.ts';
import { reachOf } from './reach.ts';
import type { Reach } from './reach.ts';

/** One examination: what it found, and what it looked with. */
export interface Examined {
  readonly report: Report;
  readonly facts: Partial<Facts>;
  readonly surroundings: Surroundings;
}

/** A step that is about to be taken, for whoever is asked. */
export interface NextStep {
  readonly fix: PlannedFix;
  readonly summary: string;
  /** From 1. */
  readonly number: number;
}

export interface MendOptions {
  readonly failOn: Severity;
  readonly disruptive: boolean;
  /** The whole examination anew; a password that a role was given is what the login is tried with from then on. */
  readonly look: (newPassword: Secret | undefined) => Promise<Examined>;
  /** How long what was mended has to show itself: a standby connects again by itself only after some seconds. */
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
export interface Mended {
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
 * Applies the remedies of root causes one after another, the first first, each step by step. After each remedy everything is
 * examined anew: its finding must be gone, or this ends there. The same rule with the same message is applied only once.
 * Between two steps an interrupt ends it; a step that has begun comes to its end.
 */
export async function mend(first: Examined, options: MendOptions): Promise<Mended> {
  const run = new Run(first, options);
  try {
    await run.toTheEnd();
  } catch (error) {
    if (!options.signal.aborted) throw error;
    run.ends('interrupted', 'You interrupted it.');
  }
  return run.outcome();
}

/** The same rule may find a second fault, and a third; beyond this it goes round in circles. */
const mostOfOneRule = 5;

class Run {
  readonly #options: MendOptions;
  readonly #settled = new Map<string, string>();
  readonly #timesApplied = new Map<string, number>();
  readonly #applied: AppliedStep[] = [];
  #last: Examined;
  #plan: readonly PlannedFix[] = [];
  #journal: JournalSink | undefined;
  #password: Secret | undefined;
  #newPassword: Secret | undefined;
  #number = 0;
  #end: Mended['end'] = 'finished';
  #because = '';

  constructor(first: Examined, options: MendOptions) {
    this.#last = first;
    this.#options = options;
  }

  ends(end: Mended['end'], because: string): void {
    this.#end = end;
    this.#because = because;
  }

  outcome(): Mended {
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
      const reach = await this.#makePlan();
      const together = firstTogether(this.#plan);
      if (together.length === 0) return;
      const roots = rootsOf(this.#last.report, this.#options.failOn);
      const findings = together.flatMap(({ at }) => roots[at] ?? []);
      const went = await this.#applyAll(together, roots, reach);
      if (went === 'not wanted') continue;
      const settled =
        went === 'done' ? 'its steps were taken, and it is still there' : 'its steps were not taken to their end';
      for (const finding of findings) this.#settled.set(keyOf(finding), settled);
      await this.#lookAgain(findings, roots, went === 'done' ? this.#options.waitMs : 0);
      if (went === 'done') this.#check(findings);
      if (this.#end === 'finished') continue;
      await this.#makePlan();
      return;
    }
  }

  async #makePlan(): Promise<Reach> {
    const { report, facts, surroundings } = this.#last;
    const reach = await reachOf(facts, surroundings);
    this.#plan = planOf(report, reach, {
      failOn: this.#options.failOn,
      disruptive: this.#options.disruptive,
      password: this.#options.password !== undefined,
      root: surroundings.host.account.uid === 0,
      settled: this.#settled,
    });
    return reach;
  }

  /** What was applied must have mended its findings. */
  #check(findings: readonly Finding[]): void {
    const still = findings.find((finding) => this.#isThere(finding));
    if (still !== undefined)
      return this.ends('failed', `The steps of ${still.rule} did what was asked, but the finding is still there.`);
    for (const { rule } of findings) {
      const times = (this.#timesApplied.get(rule) ?? 0) + 1;
      this.#timesApplied.set(rule, times);
      if (times >= mostOfOneRule)
        this.ends('failed', `${rule} was mended ${times} times, and something brings it back each time.`);
    }
  }

  async #applyAll(
    together: ReturnType<typeof firstTogether>,
    roots: readonly Finding[],
    reach: Reach,
  ): Promise<'done' | 'not wanted' | 'broken off'> {
    for (const [index, { at, fix }] of together.entries()) {
      const finding = roots[at];
      if (finding === undefined) continue;
      const went = await this.#apply(fix, finding, reach);
      if (went === 'not wanted') {
        this.#settled.set(keyOf(finding), 'you did not want it');
        if (index === 0) return 'not wanted';
        this.ends('stopped', `You stopped before ${fix.rule}, which belongs to what was done.`);
        return 'broken off';
      }
      if (went === 'broken off') return went;
    }
    return 'done';
  }

  /** Every step of a remedy; the first that does not do what it promised ends everything. */
  async #apply(fix: PlannedFix, finding: Finding, reach: Reach): Promise<'done' | 'not wanted' | 'broken off'> {
    const { signal, password } = this.#options;
    for (const [index, { step: planned }] of fix.steps.entries()) {
      signal.throwIfAborted();
      if (!(await this.#options.ask({ fix, summary: finding.remedy?.summary ?? '', number: index + 1 }))) {
        if (index === 0) return 'not wanted';
        this.ends('stopped', `You stopped ${fix.rule} before step ${index + 1} of ${fix.steps.length}.`);
        return 'broken off';
      }
      const step = await withFreeCopy(this.#last.surroundings.host, planned);
      if (needsPassword(step)) this.#password ??= await password?.();
      const number = (this.#number += 1);
      const now = (): string => new Date().toISOString();
      await this.#write({ event: 'step', number, at: now(), rule: fix.rule, step, user: userOf(step, reach) });
      const startedAt = performance.now();
      const { ok, output } = await applyStep(step, reach, this.#last.surroundings.host, this.#password);
      await this.#write({ event: 'outcome', number, at: now(), outcome: ok ? 'done' : 'failed', output });
      const elapsedMs = Math.round(performance.now() - startedAt);
      const applied: AppliedStep = { rule: fix.rule, step, outcome: ok ? 'done' : 'failed', output, elapsedMs };
      this.#applied.push(applied);
      await this.#options.told(applied);
      if (!ok) {
        const where = `Step ${index + 1} of ${fix.steps.length} of ${fix.rule}`;
        this.ends(
          'failed',
          `${where} did not do what it promised: ${output.replaceAll('\n', ' ').replace(/\.$/u, '')}.`,
        );
        return 'broken off';
      }
      if (step.role !== undefined && step.role === this.#userOfLogin()) this.#newPassword = this.#password;
    }
    return 'done';
  }

  #userOfLogin(): string | undefined {
    const { connectionPlan } = this.#last.facts;
    return connectionPlan === undefined ? undefined : ifSeen(connectionPlan)?.user;
  }

  async #write(entry: JournalEntry): Promise<void> {
    const { subject } = this.#last.report;
    this.#journal ??= await this.#options.journal({
      primary: subject.primary,
      dataDirectory: this.#last.report.command === 'postmortem' ? subject.dataDirectory : null,
    });
    await this.#journal.append(journalLine(entry));
  }

  /** Until the finding is gone, and in a post-mortem the standby has had time to connect again. */
  async #lookAgain(findings: readonly Finding[], before: readonly Finding[], waitMs: number): Promise<void> {
    const { look, signal, failOn } = this.#options;
    const known = new Set(before.map(({ rule }) => rule));
    const until = performance.now() + waitMs;
    for (;;) {
      this.#last = await look(this.#newPassword);
      const { report } = this.#last;
      const unsettled =
        report.command === 'postmortem' &&
        (report.verdict === 'unknown' || rootsOf(report, failOn).some(({ rule }) => !known.has(rule)));
      if ((!findings.some((finding) => this.#isThere(finding)) && !unsettled) || performance.now() > until) return;
      await pause(betweenLooksMs, undefined, { signal });
    }
  }

  #isThere(finding: Finding): boolean {
    return rootsOf(this.#last.report, this.#options.failOn).some((one) => keyOf(one) === keyOf(finding));
  }
}

const betweenLooksMs = 500;

function userOf({ kind, on }: AppliedStep['step'], reach: Reach): JournalUser | null {
  const way = kind === 'shell' ? reach.shell(on) : undefined;
  if (way?.open !== true) return null;
  const { uid, gid, name, home } = way.shell.user;
  return { uid, gid, name, home };
}
