import { secondsAgo } from '../facts/running-standby.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import { lastFailure } from '../facts/server-log.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import { justStartedSeconds } from '../facts/thresholds.ts';
import { longestWaitSeconds, retrySeconds } from './retry-interval.ts';

/** Why it is not known yet whether it will stream: it was started, or read its configuration again, and has not tried since. */
export function tooEarly(server: RunningStandby, serverLog: Observed<ServerLog>): Unseen | undefined {
  const retry = retrySeconds(server);
  const started = secondsAgo(server.startedAt, server);
  if (started < Math.max(justStartedSeconds, Math.min(retry, longestWaitSeconds)))
    return soon(`the standby was started ${Math.round(started)} s ago and does not stream yet`);
  const loaded = secondsAgo(server.loadedAt, server);
  if (loaded >= Math.min(retry, longestWaitSeconds) + roundTripSeconds) return undefined;
  const tried = lastFailure(serverLog)?.time;
  if (tried !== undefined && server.loadedAt !== undefined && tried >= server.loadedAt) return undefined;
  return soon(
    `the standby reloaded its configuration ${Math.round(loaded)} s ago, and tries to connect every ${retry} s (wal_retrieve_retry_interval)`,
  );
}

/** The last attempt failed less than wal_retrieve_retry_interval ago: the next one may well succeed. */
export function nextTry(server: RunningStandby, serverLog: Observed<ServerLog>): Unseen | undefined {
  const failure = lastFailure(serverLog);
  const ago = secondsAgo(failure?.time, server);
  const retry = retrySeconds(server);
  if (failure === undefined || retry > longestWaitSeconds || ago >= retry + roundTripSeconds) return undefined;
  return soon(
    `the standby tried to connect ${Math.max(0, Math.round(ago))} s ago, and tries again every ${retry} s (wal_retrieve_retry_interval)`,
  );
}

const soon = (because: string): Unseen => ({
  kind: 'timed-out',
  because,
  remedy: 'run this again in a moment',
});

/** A login takes a few round trips, its refusal is logged after that. */
const roundTripSeconds = 1;
