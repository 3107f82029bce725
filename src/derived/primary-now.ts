import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { RunningStandby } from '../facts/running-standby.ts';

/** A running server that is no standby any more: standby/already-primary says so. */
export const isPrimaryNow = (runningStandby: Observed<RunningStandby>): boolean =>
  ifSeen(runningStandby)?.inRecovery === false;

export const noStandby = 'the running server is not in recovery: it is a primary';
