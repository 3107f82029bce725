import { expect, test } from 'vitest';

import { recoveryTargetTimeline } from '../../src/postgres/recovery-target-timeline.ts';

/** As PostgreSQL 13 and 18 said it: "recovery target timeline %u does not exist", or a start. */
test.each<readonly [string, 'latest' | 'current' | number]>([
  ['latest', 'latest'],
  ['current', 'current'],
  ['Latest', 0],
  [' latest', 0],
  ['newest', 0],
  ['', 0],
  ['7', 7],
  ['0x1', 1],
  ['01', 1],
  ['1abc', 1],
  ['-1', 4_294_967_295],
  ['99999999999', 1_215_752_191],
  ['4294967297', 1],
])('%j', (value, read) => expect(recoveryTargetTimeline(value)).toBe(read));
