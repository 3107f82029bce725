import type { Report, Severity } from '../findings/report.ts';
import type { Paint } from './paint.ts';

/** What a report is shown on; only the report for people asks for it. */
export interface View {
  /** Columns. */
  readonly width: number;
  readonly paint: Paint;
  /** Every finding with all its evidence. */
  readonly full: boolean;
  /** What is known of each rule beside its id, for a format that tells it. */
  readonly rules?: ReadonlyMap<string, RuleHelp>;
}

export interface RuleHelp {
  readonly title: string;
  readonly severity: Severity;
  readonly docs: { readonly what: string; readonly why: string };
}

/** A pure function of the public report: one that was saved gives the same text. */
export type Renderer = (report: Report, view: View) => string;
