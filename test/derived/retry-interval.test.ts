import { describe, expect, it } from 'vitest';

import { retrySeconds } from '../../src/derived/retry-interval.ts';
import { aRunningStandby } from '../rules/standby-world.ts';

const withRetry = (value: string | undefined) => {
  const setting = { value: value ?? '', pendingRestart: false, source: 'configuration file' };
  const settings = value === undefined ? [] : [['wal_retrieve_retry_interval', setting] as const];
  return aRunningStandby({ settings: new Map(settings) });
};

describe('how often a standby tries', () => {
  it.each([
    ['by default', undefined, 5],
    ['as pg_settings has it', '2000', 2],
    ['with a unit', '1min', 60],
    ['a part of a second', '250ms', 0.25],
    ['no time', 'often', 5],
  ])('%s', (_, value, seconds) => expect(retrySeconds(withRetry(value))).toBe(seconds));
});
