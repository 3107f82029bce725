import { describe, expect, it } from 'vitest';

import { lagParts, replaySeconds } from '../../src/derived/lag-parts.ts';
import { aReceiver, aRunningStandby, aWalSender } from '../rules/standby-world.ts';
import { lsn } from '../rules/world.ts';

const replay = aRunningStandby().replay;
const ago = (seconds: number): Date => new Date(aRunningStandby().clock.getTime() - seconds * 1000);
const parts = (...given: Parameters<typeof lagParts>) =>
  lagParts(...given).map(({ part, bytes }) => [part, Number(bytes)]);

describe('where the WAL is that a standby does not show yet', () => {
  it('the primary splits it, all of one moment', () => {
    const sender = aWalSender({
      currentLsn: lsn('0/3000060'),
      sentLsn: lsn('0/3000050'),
      writeLsn: lsn('0/3000030'),
      flushLsn: lsn('0/3000030'),
      replayLsn: lsn('0/3000000'),
    });
    expect(parts(aRunningStandby(), sender)).toEqual([
      ['send', 16],
      ['write', 32],
      ['flush', 0],
      ['replay', 48],
    ]);
  });

  it('without the primary the standby knows two parts', () => {
    const server = aRunningStandby({
      receiver: aReceiver({ flushedLsn: lsn('0/3000050'), latestEndLsn: lsn('0/3000060') }),
      replay: { ...replay, receivedLsn: lsn('0/3000050'), replayedLsn: lsn('0/3000040') },
    });
    expect(parts(server, undefined)).toEqual([
      ['receive', 16],
      ['replay', 16],
    ]);
  });

  it('is never negative, and what is not known is left out', () => {
    const ahead = aWalSender({ currentLsn: lsn('0/3000000'), writeLsn: undefined });
    expect(parts(aRunningStandby(), ahead)).toEqual([
      ['send', 0],
      ['replay', 0],
    ]);
    expect(parts(aRunningStandby({ receiver: undefined }), undefined)).toEqual([['replay', 0]]);
  });
});

describe('how old it is what a standby shows', () => {
  const waiting = { ...replay, receivedLsn: lsn('0/5000000'), replayedLsn: lsn('0/3000000') };

  it.each([
    ['as the primary measured it', aRunningStandby(), aWalSender({ replayLagSeconds: 7 }), 7],
    ['the primary has not measured it', aRunningStandby(), aWalSender(), undefined],
    [
      'a segment waits since the last commit',
      aRunningStandby({ replay: { ...waiting, lastReplayedCommitAt: ago(90) } }),
      undefined,
      90,
    ],
    [
      'less than a segment waits',
      aRunningStandby({ replay: { ...replay, lastReplayedCommitAt: ago(90) } }),
      undefined,
      undefined,
    ],
    [
      'what waited is replayed at the second look',
      aRunningStandby({ replay: { ...waiting, lastReplayedCommitAt: ago(90), again: again('0/5000000') } }),
      undefined,
      0,
    ],
    [
      'it still waits at the second look',
      aRunningStandby({ replay: { ...waiting, lastReplayedCommitAt: ago(90), again: again('0/4000000') } }),
      undefined,
      90,
    ],
    [
      'no commit was replayed',
      aRunningStandby({ replay: { ...waiting, lastReplayedCommitAt: undefined } }),
      undefined,
      undefined,
    ],
  ])('%s', (_, server, sender, seconds) => expect(replaySeconds(server, sender)).toBe(seconds));
});

function again(position: string) {
  return { replayedLsn: lsn(position), receivedLsn: lsn(position), seconds: 1 } as never;
}
