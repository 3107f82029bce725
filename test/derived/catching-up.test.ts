import { describe, expect, it } from 'vitest';

import { seen } from '../../src/facts/observed.ts';
import { catchingUp } from '../../src/derived/catching-up.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aRunningStandby } from '../rules/standby-world.ts';

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const restored = (segment: number): string =>
  `LOG:  restored log file "00000001000000000000000${segment}" from archive`;
const failed =
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed';

describe('a standby that gets on without a WAL receiver', () => {
  const server = aRunningStandby({ replay: { ...aRunningStandby().replay, moves: false } });
  const of = (secondsAgo: number, ...lines: readonly string[]): string | undefined =>
    catchingUp(server, seen(aLogUntil(new Date(server.clock.getTime() - secondsAgo * 1000), lines), 'its log'));

  it.each([
    [
      'restores one segment after another',
      12,
      [starting, restored(3), restored(4)],
      /000000010000000000000004 12 s ago/u,
    ],
    ['has restored a single one', 12, [starting, restored(3)], undefined],
    ['restores the same one again and again', 2, [starting, restored(3), restored(4), restored(4)], undefined],
    ['restored the last one long ago', 600, [starting, restored(3), restored(4)], undefined],
    ['did so before it was started again', 12, [starting, restored(3), restored(4), starting], undefined],
    ['came to the end of the archive, and is refused', 2, [starting, restored(3), restored(4), failed], undefined],
  ] as const)('%s', (_name, secondsAgo, lines, words) => {
    const found = of(secondsAgo, ...lines);
    if (words === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(words);
  });

  it('replays', () => {
    const moving = aRunningStandby({ replay: { ...server.replay, moves: true } });
    expect(catchingUp(moving, seen(aLogUntil(server.clock, []), 'its log'))).toBe('replay moved between two looks');
  });
});
