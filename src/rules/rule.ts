import type { FactName, JudgedFacts } from '../facts/facts.ts';
import type { RuleId } from '../findings/rule-ids.ts';
import type { Judgement } from '../findings/judgement.ts';
import type { CommandName, Severity } from '../findings/report.ts';

/** What a judgement is made of: a rule needs no other import for it. */
export { at, evidence, fail, notApplicable, pass, unexamined } from '../findings/judgement.ts';

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
  /** What shows afterwards that the fault, where nobody could look, would be no error: it speaks of a later start only. */
  readonly milderOnce?: 'copy' | 'streaming';
  /**
   * It speaks of an effect, so that it is no root cause where anything explains it. `of-any`: whatever other fault is an
   * error explains it, except what it explains itself; `of-named`: the rules that name it among their consequences do.
   */
  readonly effect?: 'of-any' | 'of-named';
  /**
   * A start of the server before it is fixed cannot be undone (without standby.signal, it makes a primary): no finding whose
   * steps start the server, without other data and without the file that this one makes, hides it as a consequence.
   */
  readonly beforeStart?: true;
  /** Data can be damaged or lost: no configuration makes its findings accepted. */
  readonly endangersData?: true;
  /** The messages that speak of this fault, by their names in the catalogue of PostgreSQL's messages; older wordings come with them. */
  readonly messages?: readonly string[];
  /** Words for it that are no message of the catalogue: another program's, or those of the system that tell this fault from others (`%s` stands for any text). */
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

/** A rule as the engine sees it, whatever it needs. */
export interface AnyRule extends Omit<Rule<string, FactName, FactName>, 'judge' | 'explains'> {
  readonly explains?: readonly string[];
  /** Of a rule that is not ours: the file that it comes from. */
  readonly source?: string;
  judge(facts: { readonly [Name in FactName]?: unknown }): Judgement;
}

/** Keeps the literal types of a rule: its id, and the names of its facts. */
export const defineRule = <const Id extends string, const Needs extends FactName, const Wants extends FactName = never>(
  rule: Rule<Id, Needs, Wants>,
): Rule<Id, Needs, Wants> => rule;
