import type { Facts } from '../facts/facts.ts';
import type { Step } from '../findings/report.ts';

/** Why a remedy is not offered, and what is done in its place. */
export interface Refusal {
  readonly on: Step['on'];
  readonly summary: string;
  readonly text: string;
}

/** Of the whole way: what one step needs depends on those before it. */
export type Condition = (steps: readonly Step[], facts: Partial<Facts>) => Refusal | undefined;
