import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { RunningStandby } from '../facts/running-standby.ts';

/**
 * What shows that a standby without a WAL receiver gets on all the same: replay moved between two looks, or its log says that
 * it restores one file after another from the archive. Undefined: nothing does. One file again and again is no progress.
 */
export function catchingUp(server: RunningStandby, serverLog: Observed<ServerLog>): string | undefined {
  if (server.replay.moves === true) return 'replay moved between two looks';
  const log = ifSeen(serverLog);
  if (log === undefined) return undefined;
  const [last, before] = log.summary.sightings.filter(
    ({ recognition, sinceStart, record }) =>
      recognition.id === 'restored-log-file' && sinceStart > 0 && !record.message.includes('.history'),
  );
  if (last === undefined || before === undefined || last.count > 1) return undefined;
  const { time } = last.last;
  const failed = log.summary.receiverFailure?.position ?? 0;
  if (time === undefined || failed > last.last.position) return undefined;
  const age = server.clock.getTime() - time.getTime();
  const between = before.last.time === undefined ? 0 : time.getTime() - before.last.time.getTime();
  // the next one may take as long as the last one, and a good deal longer
  if (age > Math.max(minuteMs, 5 * between)) return undefined;
  return `its log says that it restores WAL from the archive, ${/"([^"]+)"/u.exec(last.record.message)?.[1] ?? 'a file'} ${Math.max(0, Math.round(age / 1000))} s ago`;
}

const minuteMs = 60_000;
