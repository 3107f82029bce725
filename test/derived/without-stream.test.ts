import { describe, expect, it } from 'vitest';

import { isWithoutStream, whyReceiverHidden } from '../../src/derived/without-stream.ts';
import { notApplicable, seen } from '../../src/facts/observed.ts';
import type { RunningStandby } from '../../src/facts/running-standby.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aReceiver, aRunningStandby } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const noLog = notApplicable('no log was found');
const replay = { ...aRunningStandby().replay, moves: false };
const again = (receiverStatus: string | undefined) => ({
  ...replay,
  again: { afterMs: 300, receivedLsn: undefined, replayedLsn: undefined, receiverStatus },
});
const started = (secondsAgo: number) => ({ startedAt: new Date(now.getTime() - secondsAgo * 1000) });
const conninfo = (value: string | undefined) => {
  const settings = new Map(aRunningStandby().settings);
  if (value === undefined) settings.delete('primary_conninfo');
  else settings.set('primary_conninfo', { value, pendingRestart: false, source: 'configuration file' });
  return { settings };
};

describe('a running standby without a stream', () => {
  it.each<readonly [string, Partial<RunningStandby>, boolean]>([
    ['its receiver is gone', {}, true],
    ['it streams', { receiver: aReceiver() }, false],
    ['its receiver waits', { receiver: aReceiver({ status: 'waiting' }) }, true],
    ['it streams at the second look', { replay: again('streaming') }, false],
    ['it waits at the second look, too', { replay: again('waiting') }, true],
    ['it is gone at the second look', { receiver: aReceiver(), replay: again(undefined) }, false],
    ['it is a primary', { inRecovery: false }, false],
    ['its receiver may not be seen', { receiverHidden: true }, false],
    ['it is not to stream', conninfo(''), false],
    ['whether it is to stream is not seen', conninfo(undefined), true],
    ['it was started less than 5 s ago', started(4.999), false],
    ['it was started 5 s ago', started(5), true],
    ['when it was started is not seen', { startedAt: undefined }, true],
    ['it replays', { replay: { ...replay, moves: true } }, false],
  ])('%s', (_, change, isWithout) => {
    expect(isWithoutStream(aRunningStandby({ receiver: undefined, replay, ...change }), noLog)).toBe(isWithout);
  });

  it('restores from an archive', () => {
    const restores = ['3', '4'].map((last) => `LOG:  restored log file "00000001000000000000000${last}" from archive`);
    const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
    const server = aRunningStandby({ receiver: undefined, replay });
    expect(isWithoutStream(server, seen(aLogUntil(now, [starting, ...restores]), 'its log'))).toBe(false);
    expect(isWithoutStream(server, seen(aLogUntil(now, [starting]), 'its log'))).toBe(true);
  });

  it('no server was seen', () => expect(isWithoutStream(undefined, noLog)).toBe(false));
});

describe('why nothing is said of the receiver', () => {
  const why = {
    kind: 'permission',
    because: 'pg_stat_wal_receiver: the connection to the standby can read only the process ID',
  };

  it('with what would show it', () =>
    expect(whyReceiverHidden(aRunningStandby({ grant: 'GRANT pg_read_all_stats TO anna;' }))).toEqual({
      ...why,
      remedy: 'on the primary: GRANT pg_read_all_stats TO anna;',
    }));
  it('without it', () => expect(whyReceiverHidden(aRunningStandby())).toStrictEqual(why));
});
