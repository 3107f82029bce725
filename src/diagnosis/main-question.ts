import type { FactName, Facts } from '../facts/facts.ts';
import type { RuleId } from '../rules/catalogue.ts';
import type { Judged } from './judge.ts';

/** What a good verdict claims. It is given only where each of its claims was shown to hold. */
export interface MainQuestion {
  /** The claim, behind "that": `it receives WAL`. */
  readonly claim: string;
  /** What it is answered from. */
  readonly needs: readonly FactName[];
  /** Rules about it: one of them that failed says it better, one that the caller accepts unexamined accepts it. */
  readonly rules: readonly RuleId[];
  readonly answer: (examined: Examined) => Answer;
}

export interface Examined {
  readonly facts: Partial<Facts>;
  readonly resultOf: (rule: RuleId) => Judged['result'] | undefined;
}

/** Only what was shown to hold is answered; `because`: why it was not shown. */
export type Answer = { readonly holds: true } | { readonly holds: false; readonly because: string };

export const holds: Answer = { holds: true };
export const notShown = (because: string): Answer => ({ holds: false, because });
