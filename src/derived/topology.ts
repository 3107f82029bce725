import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Slot, WalSender } from '../facts/primary.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { TopologyServer, WalFlow } from '../findings/topology.ts';
import { bytesBetween } from '../postgres/lsn.ts';
import { lagParts } from './lag-parts.ts';
import { isCopy, ourSender } from './our-sender.ts';

/** The servers that were examined, and those that were seen from them: the other standbys of each. */
export function topologyOf(facts: Partial<Facts>): readonly TopologyServer[] {
  const primary = valueOf(facts.primary);
  const cascades = primary?.inRecovery === true;
  const above: readonly TopologyServer[] = cascades ? [{ role: 'primary' }] : [];
  const upstream: TopologyServer = {
    side: 'primary',
    role: cascades ? 'standby' : 'primary',
    ...(primary === undefined ? {} : { timeline: primary.timeline, ...identityOf(primary, primary) }),
    ...(cascades ? { receives: { from: 0, state: 'unknown' } } : {}),
  };
  const command = valueOf(facts.baseBackup);
  const examined = command === undefined ? standbyOf(facts, above.length) : copyOf(command, above.length);
  const running = valueOf(facts.runningStandby);
  const ours = senderOf(facts);
  // where a standby receives WAL and its sender was not found, one of them all is its own
  const tellable = ours !== undefined || ['none', 'planned'].includes(examined.receives?.state ?? '');
  return [
    ...above,
    upstream,
    examined,
    ...(tellable ? seenFrom(above.length, valueOf(facts.walSenders), valueOf(facts.slots), ours?.pid) : []),
    ...seenFrom(above.length + 1, running?.senders, running?.slots),
  ];
}

/** Two servers of a cluster differ in their address or their port. */
const identityOf = (
  cluster: { readonly systemIdentifier: bigint } | undefined,
  { address, port }: { readonly address?: string | undefined; readonly port?: number | undefined },
): Pick<TopologyServer, 'systemIdentifier' | 'address' | 'port'> => ({
  ...(cluster === undefined ? {} : { systemIdentifier: String(cluster.systemIdentifier) }),
  ...(address === undefined || port === undefined ? {} : { address, port }),
});

function copyOf({ slot }: BaseBackupCommand, from: number): TopologyServer {
  return {
    side: 'standby',
    role: 'copy',
    receives: { from, state: 'planned', ...(slot === undefined ? {} : { slot }) },
  };
}

function standbyOf(facts: Partial<Facts>, from: number): TopologyServer {
  const running = valueOf(facts.runningStandby);
  const timeline = valueOf(facts.timelines)?.local.timeline;
  const role = running?.inRecovery === false ? 'primary' : 'standby';
  const sender = senderOf(facts);
  const control = valueOf(facts.controlFile);
  const lag = running?.receiver?.status === 'streaming' ? lagOf(running, sender) : undefined;
  const slot = slotOf(facts);
  return {
    side: 'standby',
    role,
    ...(timeline === undefined ? {} : { timeline }),
    ...(sender?.applicationName === undefined ? {} : { name: sender.applicationName }),
    ...identityOf(control?.ok === true ? control.value : undefined, { address: sender?.address, port: running?.port }),
    receives: {
      from,
      state: arrival(facts),
      ...(slot === undefined ? {} : { slot }),
      ...(lag === undefined ? {} : { lagBytes: lag }),
    },
  };
}

/** How WAL comes to the examined standby; a server that lets nobody in shows nothing of it. */
function arrival(facts: Partial<Facts>): WalFlow['state'] {
  const running = valueOf(facts.runningStandby);
  if (running === undefined) {
    const directory = valueOf(facts.dataDirectory);
    return directory === undefined || directory.postmaster?.process === 'running' ? 'unknown' : 'none';
  }
  if (running.receiver !== undefined) return running.receiver.status === 'streaming' ? 'streaming' : 'waiting';
  return running.receiverHidden ? 'unknown' : 'none';
}

/**
 * The slot that it streams through, or that is set. Its default is empty, so that the table of all settings, which a
 * preflight does not read, need not be asked.
 */
function slotOf(facts: Partial<Facts>): string | undefined {
  const running = valueOf(facts.runningStandby);
  const setting = 'primary_slot_name';
  const names = [
    running?.receiver?.slotName,
    running === undefined
      ? valueOf(facts.standbyConfiguration)?.files.settings.get(setting)?.value
      : running.settings.get(setting)?.value,
  ];
  return running?.inRecovery === false ? undefined : names.find((name) => name !== undefined && name !== '');
}

function senderOf({ runningStandby, walSenders, slots, standbyConninfo }: Partial<Facts>): WalSender | undefined {
  const running = valueOf(runningStandby);
  if (running === undefined || !walSenders || !slots || !standbyConninfo) return undefined;
  const found = ourSender(running, { walSenders, slots, standbyConninfo });
  return found.kind === 'found' ? found.sender : undefined;
}

function lagOf(running: RunningStandby, sender: WalSender | undefined): number | undefined {
  const parts = lagParts(running, sender);
  return parts.length === 0 ? undefined : Number(parts.reduce((sum, { bytes }) => sum + bytes, 0n));
}

/** The standbys in a server's pg_stat_replication, but one. */
const seenFrom = (
  from: number,
  senders: readonly WalSender[] = [],
  slots: readonly Slot[] = [],
  but?: number,
): readonly TopologyServer[] =>
  senders
    .filter((sender) => sender.pid !== but && !isCopy(sender) && sender.state !== undefined)
    .map((sender) => {
      const { pid, applicationName, address, state, replayLsn, currentLsn } = sender;
      const slot = slots.find(({ activePid }) => activePid === pid)?.name;
      const behind =
        replayLsn === undefined || currentLsn === undefined ? undefined : bytesBetween(replayLsn, currentLsn);
      return {
        role: 'standby',
        ...(applicationName === undefined ? {} : { name: applicationName }),
        ...(address === undefined ? {} : { address }),
        receives: {
          from,
          state: state === 'streaming' || state === 'catchup' ? state : 'waiting',
          ...(slot === undefined ? {} : { slot }),
          ...(behind === undefined ? {} : { lagBytes: Math.max(0, Number(behind)) }),
        },
      };
    });

const valueOf = <T>(fact: Observed<T> | undefined): T | undefined => (fact === undefined ? undefined : ifSeen(fact));
