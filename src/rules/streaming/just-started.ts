import type { Unseen } from '../../facts/observed.ts';
import type { RunningStandby } from '../../facts/standby.ts';
import { justStartedSeconds } from './thresholds.ts';

/** Why nobody can say yet whether it will stream; undefined for a server that has had the time. */
export function tooEarly({ startedAt, clock }: RunningStandby): Unseen | undefined {
  const seconds = startedAt === undefined ? Infinity : (clock.getTime() - startedAt.getTime()) / 1000;
  if (seconds >= justStartedSeconds) return undefined;
  return {
    kind: 'timed-out',
    because: `the standby was started ${Math.round(seconds)} s ago and does not stream yet`,
    remedy: 'run this again in a moment',
  };
}
