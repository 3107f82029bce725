import type { FactName, FactTypes } from '../facts/facts.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { RuleId } from './rule-ids.ts';
import type { CommandName, Evidence, Frame, Location, Remedy, Severity, Step } from '../facts/report.ts';

/**
 * A rule: what it is called, which facts it needs, and a pure judgement over them (no I/O, no clock, no environment).
 *
 * It receives exactly the facts that it declares: each of `needs` as a value (where one was not seen, the engine reports
 * the rule as `unexamined` and never calls it), each of `wants` as an `Observed`, for evidence that helps and is not
 * indispensable. Reading another one does not compile.
 */
export interface Rule<Id extends string, Needs extends FactName, Wants extends FactName> {
  /** `group/kebab-case`: says the fault, not the check; never changes once released. */
  readonly id: Id;
  /** The fault in one line, true when the rule fails; a finding may word it more exactly. */
  readonly title: string;
  /** What this fault usually is; by the evidence a finding may be milder or graver. */
  readonly severity: Severity;
  readonly commands: readonly Exclude<CommandName, 'explain'>[];
  readonly needs: readonly Needs[];
  readonly wants?: readonly Wants[];
  /** Rules whose findings are consequences of this one. */
  readonly explains?: readonly RuleId[];
  /**
   * What shows afterwards that the fault is not there, where nobody could look before: that pg_basebackup made the copy,
   * or that the standby started on it and streams.
   */
  readonly provenBy?: 'copy' | 'streaming';
  /**
   * It speaks of an effect, so that it is no root cause where anything explains it. `of-any`: whatever other fault is an
   * error explains it, except what it explains itself; `of-named`: the rules that name it among their consequences do.
   */
  readonly effect?: 'of-any' | 'of-named';
  /** Parts of PostgreSQL's own messages that speak of this fault, without names and numbers (`%s` stands for any text). */
  readonly says?: readonly string[];
  readonly docs: RuleDocs;
  judge(facts: JudgedFacts<Needs, Wants>): Judgement;
}

/** The rule's page: plain sentences, Markdown allowed. */
export interface RuleDocs {
  /** What the rule looks at and when it fails. */
  readonly what: string;
  /** Why that keeps a standby from being made or from streaming. */
  readonly why: string;
  /** What is easily mistaken: the traps, and what is deliberately no finding. */
  readonly notes?: string;
  /** Manual sections or files of PostgreSQL's source. */
  readonly references: readonly string[];
}

export type JudgedFacts<Needs extends FactName, Wants extends FactName> = {
  readonly [Name in Needs]: FactTypes[Name];
} & { readonly [Name in Exclude<Wants, Needs>]: Observed<FactTypes[Name]> };

export type Judgement =
  | { readonly outcome: 'passed'; readonly because: string }
  | { readonly outcome: 'not-applicable'; readonly because: string }
  | { readonly outcome: 'unexamined'; readonly why: Unseen; readonly severity?: Severity }
  | { readonly outcome: 'failed'; readonly findings: readonly Fault[] };

/** One finding as a rule words it; the engine adds the id, the rule and the links. */
export interface Fault {
  /** A family of rules: the name of the one that this finding is of, in the family's group. */
  readonly as?: string;
  /** The message that it reports, as PostgreSQL's source has it: a rule that knows it reports it instead. */
  readonly says?: string;
  /** Default: the rule's title. */
  readonly title?: string;
  /** Default: the rule's severity. */
  readonly severity?: Severity;
  /** One to three sentences: what was seen, and why it stops the standby. */
  readonly message: string;
  readonly where: Location;
  readonly evidence: readonly Evidence[];
  readonly frame?: Frame;
  /** It tells that a start of the server failed: nothing on the way to the primary is the reason. */
  readonly isFailedStart?: true;
  /** Whatever else is done before it is fixed can destroy data: it is told first. */
  readonly endangersData?: true;
  /** Of a rule of effects: what is told where no other finding explains it; absent where it needs no cause. */
  readonly unexplained?: Unexplained;
  /** Absent only where nothing needs to be done (severity info). */
  readonly remedy?: Remedy;
}

/** An effect whose cause was not found: told with the server's last words, what was ruled out, and where to look next. */
export interface Unexplained {
  readonly title: string;
  /** The message, as PostgreSQL's source has it, that the last attempt ended with. A rule that knows it and passes says that it is over. */
  readonly says?: string | undefined;
  /** What the rules that pass rule out, of those that often are the cause. */
  readonly mayBe: readonly RuleId[];
  /** The log to look into, and what its last message asks for. */
  readonly look: string;
  /** What follows once the cause is repaired. */
  readonly afterwards?: Step;
  /** Where it is over: the next attempt has not been made yet. Absent: the remedy of the finding makes it. */
  readonly ifOver?: Unseen;
}

/** A rule as the engine sees it, whatever it needs. */
export interface AnyRule extends Omit<Rule<string, FactName, FactName>, 'judge' | 'explains'> {
  readonly explains?: readonly string[];
  judge(facts: { readonly [Name in FactName]?: unknown }): Judgement;
}

/** Keeps the literal types of a rule: its id, and the names of its facts. */
export const defineRule = <const Id extends string, const Needs extends FactName, const Wants extends FactName = never>(
  rule: Rule<Id, Needs, Wants>,
): Rule<Id, Needs, Wants> => rule;

/** It was examined and holds, because of this evidence: a pass that shows nothing is no pass. */
export const pass = (because: string): Judgement => ({ outcome: 'passed', because });

/** It does not concern this setup, and why. */
export const notApplicable = (because: string): Judgement => ({ outcome: 'not-applicable', because });

/**
 * A wanted fact turned out to be indispensable here. `severity`: by the evidence that is there the fault could be no
 * graver than this, which the verdict goes by; when absent: the rule's own severity.
 */
export const unexamined = (why: Unseen, severity?: Severity): Judgement =>
  severity === undefined ? { outcome: 'unexamined', why } : { outcome: 'unexamined', why, severity };

export const fail = (...findings: readonly [Fault, ...Fault[]]): Judgement => ({ outcome: 'failed', findings });

export const evidence = (label: string, value: string, source: string): Evidence => ({ label, value, source });
