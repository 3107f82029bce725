import type { WalSender } from '../facts/primary.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import { bytesBetween } from '../postgres/lsn.ts';
import type { Lsn } from '../postgres/lsn.ts';

/** A stretch on the way from the primary's WAL to what the standby shows, and how many bytes lie on it. */
export interface LagPart {
  readonly part: 'send' | 'receive' | 'write' | 'flush' | 'replay';
  readonly bytes: bigint;
}

/**
 * Where the WAL is that the standby does not show yet. The primary's row has it split into send, write, flush and
 * replay, all of one moment; without it, the standby knows the end of the primary's WAL from the last message.
 */
export function lagParts(server: RunningStandby, sender: WalSender | undefined): readonly LagPart[] {
  if (sender?.sentLsn !== undefined) {
    const { currentLsn, sentLsn, writeLsn, flushLsn, replayLsn } = sender;
    return [
      ...stretch('send', sentLsn, currentLsn),
      ...stretch('write', writeLsn, sentLsn),
      ...stretch('flush', flushLsn, writeLsn),
      ...stretch('replay', replayLsn, flushLsn),
    ];
  }
  const { receiver, replay } = server;
  return [
    ...stretch('receive', receiver?.flushedLsn ?? replay.receivedLsn, receiver?.latestEndLsn),
    ...stretch('replay', replay.replayedLsn, replay.receivedLsn),
  ];
}

function stretch(part: LagPart['part'], from: Lsn | undefined, to: Lsn | undefined): readonly LagPart[] {
  if (from === undefined || to === undefined) return [];
  const bytes = bytesBetween(from, to);
  return [{ part, bytes: bytes < 0n ? 0n : bytes }];
}

/**
 * How old what the standby shows is, in seconds: as the primary measured it, or else the time since the last replayed
 * commit, which is an age only while there is something to replay. Undefined where neither tells.
 */
export function replaySeconds(server: RunningStandby, sender: WalSender | undefined): number | undefined {
  if (sender?.sentLsn !== undefined) return sender.replayLagSeconds;
  const { receivedLsn, replayedLsn, lastReplayedCommitAt, again } = server.replay;
  if (receivedLsn === undefined || replayedLsn === undefined || lastReplayedCommitAt === undefined) return undefined;
  // what was waiting at the first look has been replayed at the second
  if (again?.replayedLsn !== undefined && again.replayedLsn >= receivedLsn) return 0;
  if (bytesBetween(replayedLsn, receivedLsn) < lagBytesThatCount) return undefined;
  return (server.clock.getTime() - lastReplayedCommitAt.getTime()) / 1000;
}

/**
 * The time since the last replayed commit is a lag only where at least one segment waits: on an idle primary a few
 * hundred bytes (a running-xacts record each 15 s) lie between two looks, and the last commit may be hours old.
 */
const lagBytesThatCount = 16n * 1024n ** 2n;
