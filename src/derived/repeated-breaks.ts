import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { BrokenStream } from '../postgres/log/broken-streams.ts';

/** Streams that begin and break again and again, up to now. */
export interface RepeatedBreaks {
  readonly breaks: readonly [BrokenStream, ...BrokenStream[]];
  readonly last: BrokenStream;
  /** How long they held, in seconds: the shortest and the longest. */
  readonly held: readonly [shortest: number, longest: number];
  /** Each held about as long as the others: something counts the time. */
  readonly isRegular: boolean;
}

/**
 * Several streams broke lately, whatever the standby does at this moment. A primary that was restarted breaks one of them,
 * and one that is restarted again and again is a fault, too.
 */
export function repeatedBreaks(
  serverLog: Observed<ServerLog>,
  now: Date,
  server?: RunningStandby,
  primaryLoadedAt?: Date,
): RepeatedBreaks | undefined {
  const summary = ifSeen(serverLog)?.summary;
  // of the primary only where it streams since: a break that comes once an hour would be forgotten at each reload
  const streams = (summary?.streaming?.position ?? 0) > (summary?.receiverFailure?.position ?? 0);
  const ofPrimary = streams ? (primaryLoadedAt?.getTime() ?? 0) : 0;
  const loaded = Math.max(server?.loadedAt?.getTime() ?? 0, ofPrimary);
  // what came before either read its configuration again may have been repaired by that
  const lately = (summary?.brokenStreams ?? []).filter(
    ({ ended: { time } }) => time !== undefined && secondsFrom(time, now) < window && time.getTime() > loaded,
  );
  const [first, ...others] = lately;
  const last = others.at(-1);
  if (first === undefined || last === undefined || lately.length < fewest) return undefined;
  const held = lately.map(({ began, ended }) => secondsFrom(began.time, ended.time));
  const [shortest, longest] = [Math.min(...held), Math.max(...held)];
  // the next one may hold as long as the longest did, and one that holds much longer is another one
  if (secondsFrom(last.ended.time, now) > longest + pause) return undefined;
  const stream = summary?.streaming?.time;
  const holds = stream !== undefined && stream >= (last.ended.time ?? now) ? secondsFrom(stream, now) : 0;
  if (holds > 2 * longest + grace) return undefined;
  return {
    breaks: [first, ...others],
    last,
    held: [shortest, longest],
    isRegular: longest - shortest <= Math.max(1, longest / 10),
  };
}

const secondsFrom = (from: Date | undefined, to: Date | undefined): number =>
  from === undefined || to === undefined ? Infinity : (to.getTime() - from.getTime()) / 1_000;

const fewest = 3;
/** Two hours: proxies and firewalls often end idle connections after ten minutes, half an hour, or an hour. */
const window = 7_200;
const grace = 5;
/** Between the end of a stream and the next attempt (wal_retrieve_retry_interval), with time to come about. */
const pause = 60;
