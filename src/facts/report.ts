export type Severity = 'error' | 'warning' | 'info';
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
  readonly file: string;
  readonly lines: readonly { readonly number: number; readonly text: string; readonly remark?: string }[];
}

export interface Step {
  readonly on: Side;
  /** sql: complete statements for a superuser; shell: POSIX shell as the owner of the data directory; manual: a sentence. */
  readonly kind: 'sql' | 'shell' | 'manual';
  readonly text: string;
}

export interface Remedy {
  readonly summary: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
}

export interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
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

export type Outcome = 'passed' | 'failed' | 'unexamined' | 'not-applicable' | 'crashed';

export interface RuleResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** The evidence of a pass, the reason of the rest; null for a failed rule, whose findings say it. */
  readonly because: string | null;
  /** What would make an unexamined rule's facts visible. */
  readonly remedy?: string;
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
   * histories have parted and pg_rewind can serve; new-copy: nothing cheaper serves; unknown: what decides was not seen.
   */
  readonly way: 'mend' | 'catch-up' | 'from-archive' | 'rewind' | 'new-copy' | 'unknown';
  /** With the figures that decide. */
  readonly because: string;
  /** mend, catch-up, from-archive: WAL to fetch; rewind: WAL that is thrown away; new-copy: what is to be copied. */
  readonly bytes: number | null;
  readonly steps: readonly Step[];
}

/** The public report: what `--format json` prints. Its schema is generated from the rules into schemas/report.json. */
export interface Report {
  readonly schemaVersion: '1.0';
  readonly tool: { readonly name: 'standbylint'; readonly version: string };
  readonly command: CommandName;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly subject: {
    readonly primary: string | null;
    readonly standby: string | null;
    readonly dataDirectory: string | null;
    readonly serverVersion: string | null;
  };
  readonly verdict: 'ready' | 'blocked' | 'unknown' | 'healthy' | 'degraded' | 'broken';
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
  /** Rules of severity error that were not examined and that the caller accepted by --accept-unexamined. */
  readonly acceptedUnexamined: readonly string[];
  /** Every rule of the command, in catalogue order. */
  readonly rules: readonly RuleResult[];
  /** clone only */
  readonly steps?: readonly CloneStep[];
}
