import { expect, it } from 'vitest';

import { courseText } from '../../../src/cli/fleet/fleet.ts';

it.each([
  [{ done: 0, failing: 0, count: 4, elapsedMs: 2_000 }, '0 of 4 targets examined, 0 failing'],
  [{ done: 1, failing: 0, count: 4, elapsedMs: 2_000 }, '1 of 4 targets examined, 0 failing, about 6 s left'],
  [
    { done: 10, failing: 3, count: 1_000, elapsedMs: 5_000 },
    '10 of 1000 targets examined, 3 failing, about 9 min left',
  ],
  [{ done: 4, failing: 1, count: 4, elapsedMs: 9_000 }, '4 of 4 targets examined, 1 failing'],
])('progress tells what is done, what fails and what is left', (course, text) => {
  expect(courseText(course)).toBe(text);
});
