import type { Explanation, ExplainedCandidate } from '../explanation.ts';

export type Finding = Pick<ExplainedCandidate, 'cause' | 'rule' | 'check'>;

/** What such a text is, and what can be said of it. */
interface Shape {
  readonly text: string;
  readonly means: string;
  readonly candidates?: readonly Finding[];
  readonly advice?: string;
  readonly where?: string;
  readonly command: string;
}

export const shape = ({
  text,
  means,
  candidates = [],
  advice,
  where = 'to look at the servers themselves',
  command,
}: Shape): Explanation => ({
  text: text.replaceAll(/\s+/gu, ' ').trim().slice(0, 200),
  message: null,
  kind: 'cause',
  rule: null,
  means,
  confidence: 'medium',
  candidates: candidates.map((one) => ({ ...one, confidence: 'medium' })),
  steps: [],
  advice: advice ?? null,
  quoted: [],
  next: [{ where, command }],
  count: 1,
  first: null,
  last: null,
  over: false,
});

export const finding = (cause: string, rule: string | null = null): Finding => ({
  cause,
  rule,
  check: null,
});

export const postmortem = 'standbylint postmortem -D <data directory>';
