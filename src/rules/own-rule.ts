import type { OwnFacts, PublicFactName } from '../facts/public-facts.ts';
import type { Unseen } from '../facts/observed.ts';
import { at, evidence, notApplicable, pass } from '../findings/judgement.ts';
import type { Evidence, Location, Risk, Severity, Side } from '../findings/report.ts';

/** A rule of one's own: the same as those of standbylint, over the facts that are public, and without a say in what causes what. */
export interface OwnRule<Needs extends PublicFactName = PublicFactName, Wants extends PublicFactName = PublicFactName> {
  /** `group/kebab-case`, in a group that is none of standbylint's: `company/wal-keep-size`. */
  readonly id: string;
  /** The fault in one line. */
  readonly title: string;
  /** error: the standby cannot be made or cannot stream, or data is in danger. For everything else, warning or info. */
  readonly severity: Severity;
  readonly commands: readonly ('preflight' | 'postmortem')[];
  /** Facts that are given as values: where one was not seen, the rule is not checked, and says why. */
  readonly needs: readonly Needs[];
  /** Facts that are given with what kept them from being seen, if anything did. */
  readonly wants?: readonly Wants[];
  /** Where to read more: an address, or a file. */
  readonly docs?: string;
  /** A pure function over the facts that are declared, which are a copy. What it throws makes the rule `crashed`. */
  judge(facts: OwnFacts<Needs, Wants>): OwnJudgement;
}

/** How a rule of one's own ends. */
export type OwnJudgement =
  | { readonly outcome: 'passed' | 'not-applicable'; readonly because: string }
  | { readonly outcome: 'unexamined'; readonly why: Unseen }
  | { readonly outcome: 'failed'; readonly findings: readonly OwnFinding[] };

/** What a rule of one's own finds. */
export interface OwnFinding {
  /** Default: the rule's title. */
  readonly title?: string;
  /** Default: the rule's severity. */
  readonly severity?: Severity;
  /** One to three sentences: what was seen, and what it causes. */
  readonly message: string;
  readonly where: Location;
  /** What proves it. */
  readonly evidence: readonly Evidence[];
  /** What to do: printed, and never run. */
  readonly remedy?: {
    readonly summary: string;
    readonly risk: Risk;
    readonly steps: readonly { readonly on: Side; readonly kind: 'sql' | 'shell' | 'manual'; readonly text: string }[];
  };
}

const failed = (...findings: readonly [OwnFinding, ...OwnFinding[]]): OwnJudgement => ({
  outcome: 'failed',
  findings,
});

/** Keeps the names of the facts, so that `judge` is checked against them. */
const defineOwnRule = <const Needs extends PublicFactName, const Wants extends PublicFactName = never>(
  rule: OwnRule<Needs, Wants>,
): OwnRule<Needs, Wants> => rule;

/** It could not be examined, and why; `remedy` says what would make it visible. */
const notSeen = (why: Unseen): OwnJudgement => ({ outcome: 'unexamined', why });

/** What a rule of one's own is made of: the exports of the package, and the argument of a file that exports a function. */
export const toolbox = {
  defineRule: defineOwnRule,
  pass: pass as (because: string) => OwnJudgement,
  notApplicable: notApplicable as (because: string) => OwnJudgement,
  unexamined: notSeen,
  fail: failed,
  at,
  evidence,
} as const;
