import type { CommandLineChange } from '../facts/base-backup.ts';
import type { Measure, Scene } from './scene.ts';
import type { TopologyServer } from './topology.ts';

export type Severity = 'error' | 'warning' | 'info';
/** The gravest first. */
export const severityRank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };
export type CommandName = 'preflight' | 'clone' | 'postmortem' | 'explain';
export type Side = 'primary' | 'standby' | 'client';
export type Risk = 'safe' | 'disruptive' | 'destructive';

/** Where a fault is. */
export interface Location {
  readonly side: Side;
  readonly host?: string;
  readonly file?: string;
  readonly line?: number;
}

/** What was seen and where: `pg_roles` says `rolreplication` is `false`. */
export interface Evidence {
  readonly label: string;
  readonly value: string;
  readonly source: string;
}

/** Lines of a file that a finding shows in a frame, each with a remark. */
export interface Frame {
  /** Whose file it is: the fault may be on another machine. */
  readonly side: Side;
  readonly file: string;
  readonly lines: readonly { readonly number: number; readonly text: string; readonly remark?: string }[];
}

/** What a step does (container: a command of its engine, typed outside of it): whoever needs to know goes by this, and never by the step's text. */
export const stepActions = [
  'edit-file',
  'make-file',
  'make-directory',
  'change-mode',
  'change-owner',
  'move-aside',
  'put-back',
  'copy',
  'rewind',
  'start',
  'restart',
  'stop',
  'reload',
  'set-configuration',
  'make-role',
  'change-role',
  'set-password',
  'make-slot',
  'drop-slot',
  'end-session',
  'end-process',
  'continue-process',
  'control-replay',
  'checkpoint',
  'mount',
  'container',
  'check-again',
  'look',
  'run',
  'by-hand',
] as const;
export type StepAction = (typeof stepActions)[number];

export interface Step {
  readonly on: Side;
  /** sql: complete statements for a superuser; shell: POSIX shell as the owner of the data directory; manual: a sentence. */
  readonly kind: 'sql' | 'shell' | 'manual';
  readonly does: StepAction;
  readonly text: string;
  /**
   * What it makes, moves, or gives another mode, owner or content; of a server that it starts or stops, or a copy that it
   * makes, the directory. Whole paths.
   */
  readonly paths?: readonly string[];
  /** The role whose password it sets. */
  readonly role?: string;
  /** It asks for a password and reads it from the terminal, or from standard input where there is none. */
  readonly asksPassword?: true;
  /** The command in it, where it is a sentence because only root can type that. */
  readonly asRoot?: string;
  /** The command in the sentence that stops a server. */
  readonly stop?: string;
  /** A start with settings that no later one has. */
  readonly once?: true;
  /** A restart by creating the server's container again, since what it was created with is what changes. */
  readonly again?: true;
  /** It is typed elsewhere, and does this to the server of the primary. */
  readonly server?: 'primary';
  /** check-again: what it changes in the command line; not in a report, whose command lines have all corrections. */
  readonly correction?: CommandLineChange;
  /** What it changes in primary_conninfo (undefined: takes out); not in a report, whose base backups have all corrections. */
  readonly conninfo?: Readonly<Record<string, string | undefined>>;
  /** copy: the connection string in its text; not in a report. */
  readonly connects?: string;
  /** What a shell step does to a text file, line by line: `--fix` makes the same change atomically, and shows it as a diff. */
  readonly edit?: FileEdit;
  /** What takes the step back; without one it cannot be taken back, or leaves nothing behind. */
  readonly undo?: Step;
}

/**
 * A change of a text file. The file as it was is kept beside it, under a name that did not exist before. Lines end as
 * those of the file do.
 */
export interface FileEdit {
  readonly file: string;
  readonly copy: string;
  readonly changes: readonly LineChange[];
  /** The lines of the file end in CR LF, and so do those that are put into it. */
  readonly crlf?: true;
  /** The file is not there: it is made, for its owner alone (0600), and there is nothing to copy. */
  readonly absent?: true;
  /** The file is a password file: no line of it is ever shown. */
  readonly secret?: true;
}

/**
 * Lines are counted from 1, as they are before any of the changes; `was` is the line as it was seen, so that an edit by
 * somebody else is noticed. `***` in it stands for a secret that is there. `replace` changes what differs between `was`
 * and `text` and leaves the bytes of the rest as they are.
 */
export type LineChange =
  | { readonly act: 'append'; readonly text: string }
  | { readonly act: 'insert-before'; readonly line: number; readonly was: string; readonly text: string }
  | { readonly act: 'replace'; readonly line: number; readonly was: string; readonly text: string };

export interface Remedy {
  readonly summary: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
  /** Other ways to the same end, where more than one serves: the first choice is the remedy itself. */
  readonly alternatives?: readonly Alternative[];
  /** What the remedy itself costs: where it has alternatives. */
  readonly cost?: Cost;
}

/** Another way than the remedy's own, and what it costs. */
export interface Alternative {
  readonly summary: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
  /** Why it is not the first choice, with its figures. */
  readonly because: string;
  readonly cost: Cost;
}

/** What a way costs; null where nothing that was seen tells. */
export interface Cost {
  /** Bytes that go over the network or out of the archive. */
  readonly copyBytes: number | null;
  /** Bytes of WAL that are to be replayed. */
  readonly replayBytes: number | null;
  /** How long the standby is away, from measured rates. */
  readonly downtimeSeconds: number | null;
}

/** The fix of the whole report: the steps of all root causes, merged, in the order in which they work. */
export interface Plan {
  /** That of the only root cause; null where there are several, or none. */
  readonly summary: string | null;
  /** The gravest of its steps. */
  readonly risk: Risk;
  readonly steps: readonly PlanStep[];
  /** Other ways to the same end: each takes the place of the steps that are for that finding. */
  readonly alternatives: readonly (Alternative & { readonly for: string })[];
}

export interface PlanStep {
  readonly step: Step;
  /** The ids of the findings that it fixes; empty: it is what remains to be done after them. */
  readonly for: readonly string[];
}

/** A step that `--fix` took, or came to and did not take. */
export interface AppliedStep {
  /** The rule whose remedy it belongs to. */
  readonly rule: string;
  readonly step: Step;
  /** done: it did what it promised; failed: it did not, and nothing was done after it; left: it is for a person. */
  readonly outcome: 'done' | 'failed' | 'left';
  /** What it printed, or why it was left; without secrets. */
  readonly output: string;
  readonly elapsedMs: number;
}

/** What `--fix` makes of a root cause. */
export interface PlannedFix {
  readonly rule: string;
  readonly title: string;
  /** apply: its remedy is applied as a whole; leave: it is for a person. */
  readonly decision: 'apply' | 'leave';
  /** Why it is left; empty where it is not. */
  readonly because: string;
  readonly steps: readonly PlannedStep[];
}

export interface PlannedStep {
  readonly step: Step;
  /** Its place among all that is done, from 1; a step that several remedies share has the same one in each. */
  readonly number?: number;
  /** Who takes it, in words: `postgres, by psql over --admin`; empty where the remedy is left. */
  readonly as: string;
  /** What it would change in a file, as a unified diff (--dry-run). */
  readonly diff?: readonly string[];
}

export interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  /** What the rule itself says, where the configuration says otherwise: verdicts go by it. */
  readonly ownSeverity?: Severity;
  /** The configuration accepts it until a day: it is told, and does not count for the exit status. */
  readonly accepted?: { readonly reason: string; readonly until: string };
  readonly title: string;
  readonly message: string;
  readonly where: Location;
  readonly evidence: readonly Evidence[];
  readonly frame: Frame | null;
  readonly causedBy: string | null;
  readonly causes: readonly string[];
  readonly remedy: Remedy | null;
  readonly docs: string;
}

/** Whether the verdict goes by this finding, so that it is one of its problems. */
export function isProblem(
  { severity, ownSeverity = severity, accepted }: Finding,
  verdict: Report['verdict'],
): boolean {
  switch (verdict) {
    case 'broken':
      return ownSeverity === 'error';
    case 'blocked':
      return ownSeverity === 'error' || (severity === 'error' && accepted === undefined);
    case 'degraded':
      return severity !== 'info' && accepted === undefined;
    case 'ready':
    case 'healthy':
    case 'unknown':
      return false;
  }
}

export type Outcome = 'passed' | 'failed' | 'unexamined' | 'not-applicable' | 'crashed';

export interface RuleResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** The evidence of a pass, the reason of the rest; null for a failed rule, whose findings say it. */
  readonly because: string | null;
  /** What would make an unexamined rule's facts visible. */
  readonly remedy?: string;
  /** The gravest that an unexamined rule's fault could be by what was seen, where that is not the rule's own severity. */
  readonly severity?: Severity;
  /** Of a rule that is not one of standbylint: where it comes from. */
  readonly source?: string;
}

/** A stage of `clone`. */
export interface CloneStep {
  readonly name: string;
  readonly outcome: 'done' | 'failed' | 'skipped';
  readonly elapsedMs: number;
  readonly details: readonly Evidence[];
}

/** How a broken standby comes back (post-mortem). */
export interface Recovery {
  /**
   * mend: nothing is lost; catch-up: the primary has all that is missing; from-archive: the archive has it; rewind: the
   * histories have diverged and pg_rewind can serve; new-copy: nothing cheaper serves; unknown: what decides was not seen.
   */
  readonly way: 'mend' | 'catch-up' | 'from-archive' | 'rewind' | 'new-copy' | 'unknown';
  /** With the figures that decide. */
  readonly because: string;
  /** rewind: what pg_rewind asks of both sides, and what was seen of each. */
  readonly conditions?: readonly string[];
  /** mend, catch-up, from-archive: WAL to fetch; rewind: WAL that is thrown away; new-copy: what is to be copied. */
  readonly bytes: number | null;
  readonly steps: readonly Step[];
}

/** The public report: what `--format json` prints. Its schema is generated from the rules into schemas/report.json. */
export interface Report {
  readonly schemaVersion: '1.2';
  readonly tool: { readonly name: 'standbylint'; readonly version: string };
  readonly command: CommandName;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly subject: {
    readonly primary: string | null;
    /** The address that answered (or was tried last) where a name stood. */
    readonly primaryAddress?: string;
    readonly standby: string | null;
    readonly dataDirectory: string | null;
    /** The postgresql.conf that named the data directory, where -D is the directory of that file. */
    readonly configFile?: string;
    readonly serverVersion: string | null;
    /** What starts and configures the standby's server, where that is a program of its own. */
    readonly manager?: string;
  };
  readonly verdict: 'ready' | 'blocked' | 'unknown' | 'healthy' | 'degraded' | 'broken';
  /** What `healthy` or `ready` claims and was not shown to hold, a sentence for each reason: then the verdict is none of the two. */
  readonly notShown: readonly string[];
  /** False when a rule was not examined or crashed. */
  readonly complete: boolean;
  readonly summary: {
    readonly error: number;
    readonly warning: number;
    readonly info: number;
    readonly passed: number;
    readonly unexamined: number;
    readonly notApplicable: number;
  };
  /** Root causes first, then by severity. */
  readonly findings: readonly Finding[];
  /** postmortem of a standby that is broken; null otherwise. */
  readonly recovery: Recovery | null;
  /** The fix of the whole report: empty where nothing has to be fixed. */
  readonly plan: Plan;
  /** What the configuration changes in judging; absent where there is no configuration. */
  readonly configuration?: {
    readonly file: string | null;
    readonly target: string | null;
    readonly ignored: readonly string[];
  };
  /** Rules that were not examined, that would have made the verdict unknown, and that --accept-unexamined names. */
  readonly acceptedUnexamined: readonly string[];
  /** Every rule of the command, in catalogue order. */
  readonly rules: readonly RuleResult[];
  /** The machines as the report for people names them. */
  readonly scene?: Scene;
  /** Figures that were measured: lag, free WAL senders, free space. */
  readonly measures?: readonly Measure[];
  /** The servers, each behind the one that it receives WAL from. */
  readonly topology?: readonly TopologyServer[];
  /** clone only */
  readonly steps?: readonly CloneStep[];
  /** after --fix only: in the order in which they were taken */
  readonly applied?: readonly AppliedStep[];
  /** with --fix only: what it would do (--dry-run), and afterwards what of it is left */
  readonly fixes?: readonly PlannedFix[];
  /** with --fix only: the file that says what was done, for `standbylint undo`; null where nothing was. */
  readonly journal?: string | null;
}
