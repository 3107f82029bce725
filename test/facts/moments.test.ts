import { expect, it } from 'vitest';

import { seen, unseen } from '../../src/facts/observed.ts';
import { secondsAgo } from '../../src/facts/running-standby.ts';
import { lastFailure } from '../../src/facts/server-log.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aRunningStandby } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const words = 'FATAL:  could not connect to the primary server: connection refused';

it('a moment that is not known is long ago', () => {
  expect(secondsAgo(undefined, aRunningStandby())).toBe(Infinity);
  expect(secondsAgo(ago(90), aRunningStandby())).toBe(90);
  expect(secondsAgo(ago(-2), aRunningStandby())).toBe(-2);
});

it('the last failure is the one after which it did not stream', () => {
  const streams = 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1';
  expect(lastFailure(seen(aLogUntil(ago(3), [words]), 'its log'))?.time).toEqual(ago(3));
  expect(lastFailure(seen(aLogUntil(now, [words, streams]), 'its log'))).toBeUndefined();
  expect(lastFailure(unseen('permission', 'the log is closed'))).toBeUndefined();
});
