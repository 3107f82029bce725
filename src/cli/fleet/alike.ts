import type { ExaminedTarget } from '../../findings/fleet-report.ts';
import type { RuleResult } from '../../findings/report.ts';

/**
 * The reports of a fleet are kept until its last target was examined, and nine tenths of each is what rules say. Of two thirds
 * of the rules that is the same sentence for target after target: it is kept once.
 */
export class Alike {
  readonly #known = new Map<string, readonly RuleResult[]>();

  of(examined: ExaminedTarget): ExaminedTarget {
    const { report } = examined;
    return report === null
      ? examined
      : { ...examined, report: { ...report, rules: report.rules.map((one) => this.#once(one)) } };
  }

  #once(result: RuleResult): RuleResult {
    const before = this.#known.get(result.id) ?? [];
    const known = before.find((one) => isSame(one, result));
    if (known !== undefined) return known;
    this.#known.set(result.id, [result, ...before.slice(0, mostOfOne - 1)]);
    return result;
  }
}

/** What a rule says of one target only is not searched for among all others. */
const mostOfOne = 4;

const isSame = (one: RuleResult, other: RuleResult): boolean =>
  one.because === other.because && JSON.stringify(one) === JSON.stringify(other);
