import { ifSeen } from '../facts/observed.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { Failure } from '../postgres/log/log-summary.ts';
import { millisecondsOf, readSetting, settingDefinition } from '../postgres/settings.ts';
import { justStartedSeconds } from './thresholds.ts';

/** Why nobody can say yet whether it will stream: it was started, or read its configuration anew, and has not tried since. */
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

/** Nobody takes a longer wait for a moment: streaming/receiver-settings speaks of it. */
export const longestWaitSeconds = 60;

/** A login takes a few round trips, its refusal is logged after that. */
const roundTripSeconds = 1;

export const lastFailure = (serverLog: Observed<ServerLog>): Failure | undefined =>
  ifSeen(serverLog)?.summary.receiverFailure;

export const secondsAgo = (moment: Date | undefined, { clock }: RunningStandby): number =>
  moment === undefined ? Infinity : (clock.getTime() - moment.getTime()) / 1000;

/** wal_retrieve_retry_interval in force; its default is 5 s. */
export function retrySeconds({ settings }: RunningStandby): number {
  const ms = millisecondsIn('wal_retrieve_retry_interval', settings.get('wal_retrieve_retry_interval')?.value);
  return ms === undefined ? justStartedSeconds : ms / 1000;
}

/** A setting of time as the server shows it, in milliseconds. */
export function millisecondsIn(name: string, value: string | undefined): number | undefined {
  const definition = settingDefinition(name, 18);
  const read = definition === undefined || value === undefined ? undefined : readSetting(definition, value);
  if (read?.ok !== true || typeof read.value !== 'number') return undefined;
  const unit = definition?.unit;
  return unit === 'ms' || unit === 's' || unit === 'min' ? millisecondsOf(read.value, unit) : undefined;
}
