import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Measure } from '../findings/scene.ts';
import { sendersOfOthers, walSendersAllowed } from './connections-needed.ts';
import { lagParts, replaySeconds } from './lag-parts.ts';
import { ourSender } from './our-sender.ts';

/** The figures that a monitoring system keeps: those that were seen, in a fixed order. */
export const measuresOf = (facts: Partial<Facts>): readonly Measure[] => [
  ...lagOf(facts),
  ...freeSendersOf(facts),
  ...freeSpaceOf(facts),
];

/** Of a standby that streams: one that does not is told as a problem, and how far it is behind is not known. */
function lagOf({ runningStandby, walSenders, slots, standbyConninfo }: Partial<Facts>): readonly Measure[] {
  const server = valueOf(runningStandby);
  if (server === undefined || !server.inRecovery) return [];
  const found = walSenders && slots && standbyConninfo && ourSender(server, { walSenders, slots, standbyConninfo });
  const sender = found?.kind === 'found' ? found.sender : undefined;
  if (sender === undefined && server.receiver?.status !== 'streaming') return [];
  const parts = lagParts(server, sender);
  const seconds = replaySeconds(server, sender);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0n);
  return [
    ...(parts.length === 0 ? [] : [{ name: 'replay-lag', unit: 'bytes', value: Number(bytes) } as const]),
    ...(seconds === undefined ? [] : [{ name: 'replay-delay', unit: 'seconds', value: seconds } as const]),
  ];
}

function freeSendersOf({ primarySettings, replicationLogin, walSenders }: Partial<Facts>): readonly Measure[] {
  if (primarySettings === undefined || replicationLogin === undefined) return [];
  const senders = valueOf(walSenders);
  const allowed = walSendersAllowed(primarySettings, replicationLogin);
  if (senders === undefined || !allowed.known) return [];
  const free = Math.max(0, allowed.count - sendersOfOthers(senders).length);
  return [{ name: 'free-wal-senders', unit: 'count', value: free, of: allowed.count }];
}

/** On the disk of the standby's data directory, or where the copy will go. */
function freeSpaceOf({ dataDirectory, targetDirectory }: Partial<Facts>): readonly Measure[] {
  const disk = valueOf(dataDirectory)?.fileSystem ?? valueOf(targetDirectory)?.fileSystem;
  if (disk === undefined) return [];
  return [{ name: 'free-space', unit: 'bytes', value: disk.freeBytes, of: disk.totalBytes }];
}

const valueOf = <T>(fact: Observed<T> | undefined): T | undefined => (fact === undefined ? undefined : ifSeen(fact));
