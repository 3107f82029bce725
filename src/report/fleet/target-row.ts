import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';
import type { Report } from '../../findings/report.ts';
import { sceneOf } from '../machines.ts';
import { verdictSentence, verdictWords } from '../verdict-text.ts';

/** A target as every table shows it. */
export interface TargetRow {
  readonly target: string;
  /** `BROKEN`, or `TIMED OUT` where there is no report. */
  readonly word: string;
  readonly sentence: string;
}

/** The worst first, and by name among equals. */
export const rowsOf = ({ targets }: Pick<FleetReport, 'targets'>): readonly TargetRow[] =>
  targets
    .map((one) => ({ target: one.target, word: wordOf(one), sentence: sentenceOf(one) }))
    .toSorted((a, b) => order.indexOf(a.word) - order.indexOf(b.word) || (a.target < b.target ? -1 : 1));

/** `3 BROKEN, 1 HEALTHY`. */
export const countsOf = (rows: readonly TargetRow[]): string =>
  order
    .flatMap((word) => {
      const count = rows.filter((row) => row.word === word).length;
      return count === 0 ? [] : [`${count} ${word}`];
    })
    .join(', ');

const order: readonly string[] = [
  ...['BROKEN', 'NOT READY', 'FAILED', 'TIMED OUT', 'INTERRUPTED', 'UNKNOWN', 'DEGRADED', 'HEALTHY', 'READY'],
];

export const toneOf = ({ word }: TargetRow): 'good' | 'bad' | 'unsure' =>
  word === 'HEALTHY' || word === 'READY' ? 'good' : order.indexOf(word) <= order.indexOf('FAILED') ? 'bad' : 'unsure';

const outcomes = {
  failed: 'FAILED',
  'timed-out': 'TIMED OUT',
  interrupted: 'INTERRUPTED',
  examined: 'UNKNOWN',
} as const;

const wordOf = ({ report, outcome }: ExaminedTarget): string =>
  report === null ? outcomes[outcome] : verdictWords[report.verdict];

function sentenceOf({ report, because }: ExaminedTarget): string {
  if (report === null) return because ?? '';
  const sentence = verdictSentence(report, sceneOf(report));
  const why = report.verdict === 'unknown' && report.notShown.length === 0 ? whyUnexamined(report) : undefined;
  return why === undefined ? sentence : `${sentence}: ${why}`;
}

/** What most of the rules that were not examined have in common. */
function whyUnexamined({ rules }: Report): string | undefined {
  const counts = new Map<string, number>();
  for (const { outcome, because } of rules)
    if (outcome === 'unexamined' && because !== null) counts.set(because, (counts.get(because) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
