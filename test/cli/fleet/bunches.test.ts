import { expect, test } from 'vitest';

import { bunchesOf } from '../../../src/cli/fleet/examine.ts';
import type { Job } from '../../../src/cli/fleet/examine.ts';

const job = (target: string, server?: string): Job => ({ target, command: 'preflight', server, words: [] });

test('targets of one server begin together, each once, and in no larger bunches than may be', () => {
  const jobs = [job('a1', 'a'), job('b1', 'b'), job('a2', 'a'), job('x'), job('a3', 'a'), job('b2', 'b'), job('y')];
  const names = bunchesOf(jobs, 2).map((bunch) => bunch.map(({ target }) => target));
  expect(names).toEqual([['a1', 'a2'], ['b1', 'b2'], ['x'], ['a3'], ['y']]);
  expect(bunchesOf(jobs, 1).flat()).toEqual(jobs);
});
