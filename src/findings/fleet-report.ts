import type { Report, Severity } from './report.ts';

/** What came of one target of a fleet. */
export interface ExaminedTarget {
  readonly target: string;
  readonly command: 'preflight' | 'postmortem';
  /** failed: its call could not be followed, or standbylint crashed; timed-out: it took longer than its limit. */
  readonly outcome: 'examined' | 'failed' | 'timed-out' | 'interrupted';
  /** Why there is no report; null where there is one. */
  readonly because: string | null;
  readonly elapsedMs: number;
  /** The exit status that the command alone would have. */
  readonly status: number;
  readonly report: Report | null;
}

/** A root cause, and all targets that have it. */
export interface SharedCause {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  /** The server that it is on, where that is one that several targets have in common. */
  readonly primary: string | null;
  readonly targets: readonly string[];
}

/** A root cause of a target, as two runs have it in common. */
export interface KnownFinding {
  readonly target: string;
  readonly rule: string;
  readonly title: string;
  /** The same in each run, for one target: see fingerprint.ts. */
  readonly fingerprint: string;
  /** When it was seen first, as far as the earlier runs tell (RFC 3339). */
  readonly firstSeen: string;
}

/** What has changed since an earlier run. */
export interface FleetChanges {
  readonly new: readonly KnownFinding[];
  readonly gone: readonly KnownFinding[];
  readonly same: readonly KnownFinding[];
}

/** All targets of a run, and their root causes each once: the object of `fleet --format json`. */
export interface FleetReport {
  readonly schemaVersion: '1.0';
  readonly tool: { readonly name: 'standbylint'; readonly version: string };
  readonly command: 'fleet';
  readonly startedAt: string;
  readonly elapsedMs: number;
  /** With --shard: which one it is, and all targets of the whole run in their order. */
  readonly shard?: { readonly index: number; readonly count: number; readonly of: readonly string[] };
  /** Every target was examined. */
  readonly complete: boolean;
  readonly causes: readonly SharedCause[];
  readonly since?: FleetChanges;
  readonly targets: readonly ExaminedTarget[];
}
