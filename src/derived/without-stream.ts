import type { Observed, Unseen } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import { catchingUp } from './catching-up.ts';
import { justStartedSeconds } from '../facts/thresholds.ts';

/** A running standby that is to stream and does not: its receiver is gone, and it neither starts just now nor catches up otherwise. */
export function isWithoutStream(server: RunningStandby | undefined, serverLog: Observed<ServerLog>): boolean {
  if (server?.inRecovery !== true || server.receiverHidden || server.settings.get('primary_conninfo')?.value === '')
    return false;
  const { receiver, replay, startedAt, clock } = server;
  const streams = [receiver?.status, replay.again?.receiverStatus].includes('streaming');
  const isNew = startedAt !== undefined && clock.getTime() - startedAt.getTime() < justStartedSeconds * 1000;
  return !streams && !isNew && catchingUp(server, serverLog) === undefined;
}

/** Why nothing is said of the WAL receiver where `receiverHidden`: a role without pg_read_all_stats sees its process ID alone. */
export const whyReceiverHidden = ({ grant }: RunningStandby): Unseen => ({
  kind: 'permission',
  because: 'pg_stat_wal_receiver: the connection to the standby can read only the process ID',
  ...(grant === undefined ? {} : { remedy: `on the primary: ${grant}` }),
});
