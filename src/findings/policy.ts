import type { Acceptance, Thresholds } from '../facts/policy.ts';
import type { Severity } from './report.ts';

/** What the configuration says of judging, for one run. */
export interface Policy {
  /** Absolute; null where the environment alone says it. */
  readonly file: string | null;
  /** The name of the target that is examined. */
  readonly target: string | null;
  readonly severity: Readonly<Record<string, Severity>>;
  readonly ignore: readonly string[];
  readonly accepted: readonly Acceptance[];
  readonly thresholds: Partial<Thresholds>;
}
