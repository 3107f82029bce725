import { ifSeen } from '../facts/observed.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { Primary, Slot, WalSender } from '../facts/primary.ts';
import type { RunningStandby, WalReceiver } from '../facts/running-standby.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';

/** What the primary says of this standby: its row in pg_stat_replication. */
export type OurSender =
  | { readonly kind: 'found'; readonly sender: WalSender; readonly by: string }
  /** Several have the name that this standby reports, and nothing tells them apart. */
  | { readonly kind: 'several'; readonly senders: readonly WalSender[]; readonly name: string }
  | { readonly kind: 'absent'; readonly all: readonly WalSender[]; readonly name: string | undefined }
  | { readonly kind: 'unseen'; readonly why: Unseen };

export interface SendersSeen {
  readonly walSenders: Observed<readonly WalSender[]>;
  readonly slots: Observed<readonly Slot[]>;
  readonly standbyConninfo: Observed<StandbyConninfo>;
}

/** By the slot that it uses, else by the name that it reports. */
export function ourSender(
  server: Pick<RunningStandby, 'receiver' | 'settings' | 'reportsAs'>,
  { walSenders, slots, standbyConninfo }: SendersSeen,
): OurSender {
  if (walSenders.status === 'unseen') return { kind: 'unseen', why: walSenders.why };
  if (walSenders.status === 'not-applicable')
    return { kind: 'unseen', why: { kind: 'not-asked', because: walSenders.why } };
  const all = walSenders.value;
  // who may not see the statistics of others sees the process ids alone
  if (all.length > 0 && all.every(({ state, applicationName }) => state === undefined && applicationName === undefined))
    return {
      kind: 'unseen',
      why: {
        kind: 'permission',
        because: 'pg_stat_replication: the connection to the primary can read only the process IDs',
        remedy: 'add --admin CONNINFO, a connection as a superuser or as a member of pg_monitor',
      },
    };
  const slotName = server.receiver?.slotName ?? server.settings.get('primary_slot_name')?.value;
  const slot = slotName === undefined || slotName === '' ? undefined : slotNamed(slots, slotName);
  const inSlot = slot?.activePid === undefined ? undefined : all.find(({ pid }) => pid === slot.activePid);
  const name = nameOf(server, ifSeen(standbyConninfo));
  // a slot that somebody else has taken is no sign of this standby
  if (inSlot !== undefined && (name === undefined || inSlot.applicationName === name))
    return { kind: 'found', sender: inSlot, by: `slot ${slotName ?? ''}` };
  const named = all.filter((one) => one.applicationName === name && !isCopy(one));
  const [only, another] = named;
  if (name === undefined || only === undefined) return { kind: 'absent', all, name };
  return another === undefined
    ? { kind: 'found', sender: only, by: `application_name ${name}` }
    : { kind: 'several', senders: named, name };
}

/**
 * The server that was looked at, where it is the one that the receiver streams from. What --admin alone has reached may be
 * another server of the cluster on the same port: the one at the top of a cascade.
 */
export function streamsFrom(
  receiver: Pick<WalReceiver, 'senderHost' | 'senderPort'> | undefined,
  primary: Observed<Primary>,
): Primary | undefined {
  if (primary.status !== 'seen' || receiver === undefined) return undefined;
  const { overAdmin, name, address, port } = primary.value;
  const { senderHost, senderPort } = receiver;
  const isSame =
    senderPort === port && (overAdmin !== true || senderHost === undefined || [name, address].includes(senderHost));
  return isSame ? primary.value : undefined;
}

/** What its receiver says it took, before what its files would give now. An empty name is not among the former. */
export function nameOf(
  { reportsAs }: Pick<RunningStandby, 'reportsAs'>,
  conninfo: StandbyConninfo | undefined,
): string | undefined {
  return conninfo?.reportsAs === '' ? '' : (reportsAs ?? conninfo?.reportsAs);
}

/** A base backup, not a standby. */
export const isCopy = ({ state, applicationName }: WalSender): boolean =>
  state === 'backup' || applicationName === 'pg_basebackup' || applicationName === 'pg_receivewal';

const slotNamed = (slots: Observed<readonly Slot[]>, name: string): Slot | undefined =>
  ifSeen(slots)?.find((one) => one.name === name);

/** A commit on the primary waits for it (pg_stat_replication.sync_state). */
export const isSynchronousState = (state: string | undefined): boolean => state === 'sync' || state === 'quorum';
