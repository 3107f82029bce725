import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
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
export function repeatedBreaks(serverLog: Observed<ServerLog>, now: Date): RepeatedBreaks | undefined {
  const known = ifSeen(serverLog)?.summary.brokenStreams ?? [];
  const lately = known.filter(({ ended }) => ended.time !== undefined && secondsFrom(ended.time, now) < window);
  const [first, ...others] = lately;
  const last = others.at(-1);
  if (first === undefined || last === undefined || lately.length < fewest) return undefined;
  const held = lately.map(({ began, ended }) => secondsFrom(began.time, ended.time));
  const [shortest, longest] = [Math.min(...held), Math.max(...held)];
  // the next one may hold as long as the longest did
  if (secondsFrom(last.ended.time, now) > longest + pause) return undefined;
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
/** Between the end of a stream and the next attempt (wal_retrieve_retry_interval), with time to come about. */
const pause = 60;
