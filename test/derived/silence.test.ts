import { expect, test } from 'vitest';

import { silenceSeconds } from '../../src/derived/silence.ts';

test('silence is told only after the receiver has asked for a sign of life and the answer had its time', () => {
  expect(silenceSeconds(60_000)).toBe(40);
  expect(silenceSeconds(8_000)).toBe(6);
  expect(silenceSeconds(0)).toBeUndefined();
});
