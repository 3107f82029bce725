import type { Unseen } from '../facts/observed.ts';
import type { Evidence, Frame, Location, Remedy, Severity, Side, Step } from './report.ts';
import type { RuleId } from './rule-ids.ts';

/** What a rule finds. */
export type Judgement =
  | { readonly outcome: 'passed'; readonly because: string }
  | { readonly outcome: 'not-applicable'; readonly because: string }
  | { readonly outcome: 'unexamined'; readonly why: Unseen; readonly severity?: Severity }
  | { readonly outcome: 'failed'; readonly findings: readonly Fault[] };

/** One finding as a rule words it; the engine adds the id, the rule and the links. */
export interface Fault {
  /** A family of rules: the name of the one that this finding is of, in the family's group. */
  readonly as?: string;
  /** The message that it reports: a rule that knows it reports it instead. */
  readonly says?: SaidMessage;
  /** It tells of something that no later look at another thing shows to be over: a rule that knows it and passes does not silence it. */
  readonly lasting?: true;
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

/** A message of PostgreSQL's as the catalogue has it (its name, that of its newer wording, its words), and as it was printed. */
export interface SaidMessage {
  readonly id: string;
  readonly variantOf: string | undefined;
  readonly format: string;
  readonly text: string;
}

/** An effect whose cause was not found: told with the server's last words, what was ruled out, and where to look next. */
export interface Unexplained {
  /** The effect; what the server says of it, or that the cause was not found, comes after it. */
  readonly title: string;
  /** How the last attempt ended, in the server's own words. */
  readonly reason: string | undefined;
  /** The message that the last attempt ended with. A rule that knows it and passes says that it is over. */
  readonly says?: SaidMessage | undefined;
  /** What the rules that pass rule out, of those that often are the cause. */
  readonly mayBe: readonly RuleId[];
  /** The log to look into, and what its last message asks for. */
  readonly look: string;
  /** What follows once the cause is repaired. */
  readonly afterwards?: Step;
  /** Where it is over: the next attempt has not been made yet. Absent: the remedy of the finding makes it. */
  readonly ifOver?: Unseen;
}

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

/** The fault is there, once or more often. */
export const fail = (...findings: readonly [Fault, ...Fault[]]): Judgement => ({ outcome: 'failed', findings });

/** `source`: where it was seen, as a report names it. */
export const evidence = (label: string, value: string, source: string): Evidence => ({ label, value, source });

/** Where a finding is: a machine, and what of it is known. */
export const at = (side: Side, host?: string, file?: string, line?: number): Location => ({
  side,
  ...(host === undefined ? {} : { host }),
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { line }),
});
