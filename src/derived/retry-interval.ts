import type { RunningStandby } from '../facts/running-standby.ts';
import { justStartedSeconds } from '../facts/thresholds.ts';
import { millisecondsIn } from '../postgres/settings.ts';

/** Nobody takes a longer wait for a moment: streaming/receiver-settings speaks of it. */
export const longestWaitSeconds = 60;

/** wal_retrieve_retry_interval in force; its default is 5 s. */
export function retrySeconds({ settings }: RunningStandby): number {
  const ms = millisecondsIn('wal_retrieve_retry_interval', settings.get('wal_retrieve_retry_interval')?.value);
  return ms === undefined ? justStartedSeconds : ms / 1000;
}
