import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { ReplicationLogin } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed, Unseen } from '../../facts/observed.ts';
import type { Slot } from '../../facts/primary.ts';

/** The slot that `-S` names, as far as it was seen: in pg_replication_slots, or by READ_REPLICATION_SLOT (15 and later). */
export type NamedSlotSeen =
  | { readonly kind: 'none-named' }
  | { readonly kind: 'absent'; readonly name: string; readonly source: string }
  | {
      readonly kind: 'present';
      readonly name: string;
      readonly type: 'physical' | 'logical';
      /** Undefined where only READ_REPLICATION_SLOT answered. */
      readonly slot: Slot | undefined;
      readonly reserved: boolean | undefined;
      readonly source: string;
    }
  | { readonly kind: 'unseen'; readonly name: string; readonly why: Unseen };

export function namedSlot(
  baseBackup: BaseBackupCommand,
  slots: Observed<readonly Slot[]>,
  login: Observed<ReplicationLogin>,
): NamedSlotSeen {
  const name = baseBackup.slot;
  if (name === undefined) return { kind: 'none-named' };
  if (slots.status === 'seen') {
    const slot = slots.value.find((one) => one.name === name);
    if (slot === undefined) return { kind: 'absent', name, source: slots.source };
    const reserved = slot.restartLsn !== undefined;
    return { kind: 'present', name, type: slot.type, slot, reserved, source: slots.source };
  }
  const outcome = ifSeen(login)?.outcome;
  const read = outcome?.accepted === true ? outcome.session.slot : undefined;
  const source = 'READ_REPLICATION_SLOT';
  if (read === undefined)
    return {
      kind: 'unseen',
      name,
      why:
        slots.status === 'unseen'
          ? slots.why
          : { kind: 'not-asked', because: 'the replication slots of the primary were not looked at' },
    };
  if (read.exists === false) return { kind: 'absent', name, source };
  if (read.exists === 'logical')
    return { kind: 'present', name, type: 'logical', slot: undefined, reserved: true, source };
  return { kind: 'present', name, type: 'physical', slot: undefined, reserved: read.reserved, source };
}

/** slot.c, ReplicationSlotValidateName: lower-case letters, digits and underscores, at most 63. */
export const isSlotName = (name: string): boolean => /^[a-z0-9_]{1,63}$/.test(name);

/** A name for a new slot that no slot has yet. */
export function unusedName(wish: string, slots: Observed<readonly Slot[]>): string {
  const taken = new Set(ifSeen(slots)?.map(({ name }) => name));
  const base = wish.slice(0, 58);
  for (let number = 2; ; number += 1) {
    const name = number === 2 ? base : `${base}_${number}`;
    if (!taken.has(name)) return name;
  }
}
