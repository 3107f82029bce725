import { expect, test } from 'vitest';

import { Alike } from '../../../src/cli/fleet/alike.ts';
import type { ExaminedTarget } from '../../../src/findings/fleet-report.ts';
import type { RuleResult } from '../../../src/findings/report.ts';

const target = (...rules: readonly RuleResult[]): ExaminedTarget => ({
  ...{ target: 'a', command: 'postmortem', outcome: 'examined', because: null, elapsedMs: 1, status: 0 },
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is read
  report: { rules } as unknown as ExaminedTarget['report'],
});
const passed: RuleResult = { id: 'a/b', outcome: 'passed', because: 'it is there' };

test('what a rule says of two targets alike is kept once, and of no other', () => {
  const alike = new Alike();
  const others: readonly RuleResult[] = [
    { ...passed, outcome: 'not-applicable' },
    { ...passed, because: 'it is here' },
    { ...passed, remedy: 'look' },
    { ...passed, id: 'a/c' },
  ];
  const all = [passed, ...others].map((one) => target({ ...one }));
  const first = all.map((one) => alike.of(one));
  expect(first).toEqual(all);
  const again = all.map((one) => alike.of(structuredClone(one)));
  expect(again).toEqual(all);
  expect(again.at(-1)?.report?.rules[0]).toBe(first.at(-1)?.report?.rules[0]);
  expect(new Set([...first, ...again].map((one) => one.report?.rules[0])).size).toBeLessThan(2 * all.length);
});

test('a target without a report stays as it is', () => {
  const failed: ExaminedTarget = { ...target(), outcome: 'failed', because: 'no', report: null };
  expect(new Alike().of(failed)).toBe(failed);
});
