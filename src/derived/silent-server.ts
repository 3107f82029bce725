import type { ConnectionAttempt } from '../facts/connection.ts';
import type { FactTypes } from '../facts/facts.ts';
import type { ServerProcesses } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';

type Wanted = 'upstreamProcesses' | 'runningStandby' | 'standbyConninfo' | 'serverLog';

/** What {@link streamedFrom} and {@link serverBehind} look at, for a rule's `wants`. */
export const silentServerFacts = ['upstreamProcesses', 'runningStandby', 'standbyConninfo', 'serverLog'] as const;

type Facts = { readonly [Name in Wanted]: Observed<FactTypes[Name]> };

/** Something accepts the connection and says nothing, and this shows that it is a server of PostgreSQL all the same. */
export interface SilentServer {
  readonly processes: ServerProcesses | undefined;
  /** In words that go on from `this standby`. */
  readonly streamed: string | undefined;
}

/** Undefined: an answer came, or nothing shows what is there. */
export function serverBehind(facts: Facts, attempt: ConnectionAttempt): SilentServer | undefined {
  const { outcome } = attempt;
  if (outcome.kind !== 'timed-out' || outcome.phase === 'connect') return undefined;
  const processes = ifSeen(facts.upstreamProcesses);
  const streamed = streamedFrom(facts, attempt);
  return processes === undefined && streamed === undefined ? undefined : { processes, streamed };
}

/** That the standby has streamed from this very host and port: what primary_conninfo says was right then. */
export function streamedFrom(facts: Omit<Facts, 'upstreamProcesses'>, attempt: ConnectionAttempt): string | undefined {
  const receiver = ifSeen(facts.runningStandby)?.receiver;
  const isSame =
    receiver?.senderHost !== undefined &&
    receiver.senderPort === attempt.port &&
    [attempt.host, attempt.address].includes(receiver.senderHost);
  if (receiver?.status === 'streaming' && isSame)
    return `is connected to ${attempt.host}, port ${attempt.port} (pg_stat_wal_receiver)`;
  const conninfo = ifSeen(facts.standbyConninfo);
  const streamed = ifSeen(facts.serverLog)?.summary.streaming?.time;
  const written = conninfo?.writtenAt;
  // of several hosts the log does not tell which one it was
  if (conninfo?.hosts.length !== 1 || written === undefined || streamed === undefined || streamed <= written)
    return undefined;
  return `streamed from there at ${streamed.toISOString().slice(0, 19).replace('T', ' ')} UTC (its log), and primary_conninfo has not changed since`;
}
