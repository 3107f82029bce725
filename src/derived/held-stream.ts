import type { HeldProcess, ServerProcesses } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import { ourSender } from './our-sender.ts';
import type { SendersSeen } from './our-sender.ts';

interface HeldStreamSeen extends SendersSeen {
  readonly runningStandby: Observed<RunningStandby>;
  readonly ownProcesses: Observed<ServerProcesses>;
  readonly upstreamProcesses: Observed<ServerProcesses>;
}

/** The processes of the standby without which nothing arrives or is replayed, whatever pg_stat_wal_receiver says. */
const onTheWay: ReadonlySet<string> = new Set(['walreceiver', 'startup']);

/** A signal or a debugger holds a process that the stream goes through, on either side. */
export const isStreamHeld = (seen: HeldStreamSeen): boolean =>
  stoppedOf(seen.ownProcesses).some(({ kind }) => onTheWay.has(kind)) || heldSender(seen) !== undefined;

/** The WAL sender of this standby, where it does not run on. */
export function heldSender(seen: Omit<HeldStreamSeen, 'ownProcesses'>): HeldProcess | undefined {
  const server = ifSeen(seen.runningStandby);
  const ours = server === undefined ? undefined : ourSender(server, seen);
  if (ours?.kind !== 'found') return undefined;
  return stoppedOf(seen.upstreamProcesses).find(({ pid }) => pid === ours.sender.pid);
}

const stoppedOf = (processes: Observed<ServerProcesses>): readonly HeldProcess[] =>
  (ifSeen(processes)?.held ?? []).filter(({ held }) => held !== 'waiting');
