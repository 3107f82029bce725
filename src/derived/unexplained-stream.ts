import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import { lastFailure } from '../facts/server-log.ts';
import { nextTry } from './too-early.ts';
import { messageIn } from './sighting-evidence.ts';
import { repeatedBreaks } from './repeated-breaks.ts';
import type { Unexplained } from '../findings/judgement.ts';

/** How it is told that nothing streams where no other finding says why. */
export function unexplainedStream(
  title: string,
  server: RunningStandby | undefined,
  serverLog: Observed<ServerLog>,
): Unexplained {
  const failure = lastFailure(serverLog);
  const fix = failure?.recognition?.entry.fix ?? '';
  const log = ifSeen(serverLog)?.files.at(-1)?.path ?? "the standby's log";
  // the login that succeeds has succeeded before each of them
  const ifOver =
    server === undefined || repeatedBreaks(serverLog, server.clock, server) !== undefined
      ? undefined
      : nextTry(server, serverLog);
  return {
    title,
    reason: failure === undefined ? undefined : reasonOf(failure.record),
    says: failure?.recognition === undefined ? undefined : messageIn(failure.recognition),
    mayBe: keepFromStreaming,
    look: `${fix === '' ? '' : `${fix} `}Read the messages of the WAL receiver at the end of ${log}, and what the primary's log says about this standby at the same time. standbylint explain - explains most messages.`,
    ...(ifOver === undefined ? {} : { ifOver }),
  };
}

/** What libpq or the primary said: walreceiver.c puts its own words before those, and libpq the server's address. */
const reasonOf = ({ message }: LogRecord): string =>
  message
    .replace(
      /^(?:streaming replication receiver "[^"]*" )?could not (?:connect to the primary server|receive data from WAL stream|start WAL streaming): /u,
      '',
    )
    .replace(/^connection to server .*? failed: /u, '')
    .replace(/^(?:FATAL|ERROR): +/u, '')
    .split('\n', 1)
    .join('');

/** What often keeps a standby from its primary. */
const keepFromStreaming = [
  'network/login-not-possible',
  'timeline/system-identifier-differs',
  'timeline/diverged',
  'wal/segment-removed',
  'slot/missing',
  'slot/in-use',
  'conninfo/not-applied',
  'conninfo/points-at-itself',
] as const;
