import { describe, expect, it } from 'vitest';

import { archiveEffort, copyEffort } from '../../src/derived/effort.ts';
import type { EffortSeen } from '../../src/derived/effort.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { aControlFile } from '../rules/standby-world.ts';
import { aLogUntil } from '../rules/a-log.ts';

const megabyte = 1024 ** 2;
const no = unseen('connection', 'it was not asked');
const nothing: EffortSeen = { copySize: no, lastCopy: no, serverLog: no, controlFile: aControlFile() };
const size = (change: object = {}): EffortSeen['copySize'] =>
  seen(
    {
      dataBytes: BigInt(100 * megabyte),
      walBytes: undefined,
      tablespaces: [],
      walBytesPerSecond: undefined,
      ...change,
    },
    'it',
  );
const last = seen({ bytes: BigInt(50 * megabyte), seconds: 5 }, 'backup_manifest');
const replayed = (amount: { readonly bytes: bigint } | { readonly segments: number }): EffortSeen['serverLog'] => {
  const log = aLogUntil(new Date(), []);
  return seen({ ...log, summary: { ...log.summary, replayed: { amount, seconds: 4 } } }, 'its log');
};

describe('what a new base backup costs', () => {
  it.each<readonly [string, Partial<EffortSeen>, readonly (number | null)[], RegExp]>([
    ['nothing is known', {}, [null, null, null], /how much to copy is not known/u],
    ['its size alone', { copySize: size() }, [100 * megabyte, null, null], /100 MB to copy, speed not known/u],
    [
      'its size, and how fast the last one was',
      { copySize: size(), lastCopy: last },
      [100 * megabyte, null, 10],
      /100 MB to copy, about 10 s at 10 MB\/s, the speed of the last base backup/u,
    ],
    [
      'the last one alone',
      { lastCopy: last },
      [50 * megabyte, null, 5],
      /50 MB to copy if the primary has not grown since/u,
    ],
    [
      'what is written meanwhile',
      { copySize: size({ walBytesPerSecond: megabyte }), lastCopy: last },
      [100 * megabyte, 10 * megabyte, 10],
      /about 10 s/u,
    ],
    [
      'with tablespaces of their own',
      {
        copySize: size({
          tablespaces: [
            { location: '', bytes: 7n },
            { location: '/ts', bytes: BigInt(100 * megabyte) },
            { location: '/hidden', bytes: undefined },
          ],
        }),
      },
      [200 * megabyte, null, null],
      /200 MB to copy/u,
    ],
  ])('%s', (_, change, [copyBytes, replayBytes, downtimeSeconds], says) => {
    const effort = copyEffort({ ...nothing, ...change });
    expect(effort.cost).toEqual({ copyBytes, replayBytes, downtimeSeconds });
    expect(effort.says).toMatch(says);
  });
});

describe('what WAL out of an archive costs', () => {
  it.each<readonly [string, Partial<EffortSeen>, number | null]>([
    ['how fast it is replayed is not known', {}, null],
    ['by bytes that were replayed', { serverLog: replayed({ bytes: BigInt(8 * megabyte) }) }, 16],
    ['by segments that were restored', { serverLog: replayed({ segments: 2 }) }, 4],
    ['by segments of a size that is not known', { serverLog: replayed({ segments: 2 }), controlFile: no }, null],
    [
      'by segments of a size that was seen',
      { serverLog: replayed({ segments: 2 }), controlFile: seen(aControlFile(), 'it') },
      4,
    ],
  ])('%s', (_, change, downtimeSeconds) => {
    const missing = 32 * megabyte;
    const effort = archiveEffort(BigInt(missing), { ...nothing, ...change });
    expect(effort.cost).toEqual({ copyBytes: missing, replayBytes: missing, downtimeSeconds });
    expect(effort.says).toContain(downtimeSeconds === null ? 'speed not known' : `about ${downtimeSeconds} s`);
  });
});
