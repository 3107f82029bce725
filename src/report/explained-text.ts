import type { Step } from '../findings/report.ts';

/** What explain prints of a message. */
export interface ExplainedText {
  readonly text: string;
  readonly message: string | null;
  readonly kind: 'cause' | 'consequence' | 'course';
  readonly rule: { readonly id: string } | null;
  readonly means: string;
  readonly candidates: readonly {
    readonly cause: string;
    readonly check: { readonly on: string; readonly command: string } | null;
  }[];
  readonly answers?: 'points' | 'steps';
  readonly steps: readonly Step[];
  readonly advice: string | null;
  readonly quoted: readonly string[];
  readonly next: readonly { readonly where: string; readonly command: string }[];
  readonly count: number;
  readonly first: Date | null;
  readonly last: Date | null;
  readonly over: boolean;
}
