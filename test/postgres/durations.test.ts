import { expect, it } from 'vitest';

import { formatDuration } from '../../src/postgres/durations.ts';

it.each([
  [0.0003, '0 ms'],
  [0.3, '300 ms'],
  [1, '1 s'],
  [2.54, '2.5 s'],
  [9.97, '10 s'],
  [119, '119 s'],
  [120, '2 min'],
  [270, '4.5 min'],
  [3_600, '60 min'],
  [7_200, '2 h'],
  [86_400, '24 h'],
  [14 * 86_400, '14 days'],
])('%s seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
