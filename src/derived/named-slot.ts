import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { ReplicationLogin } from '../facts/connection.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { Slot } from '../facts/primary.ts';
import { derived } from './derived.ts';

/** The slot that `-S` names, as far as it was seen: in pg_replication_slots, or by READ_REPLICATION_SLOT (15 and later). */
export type NamedSlotSeen =
  /** No slot is named, or pg_basebackup does not come so far as to use it. */
  | { readonly kind: 'not-used'; readonly because: string }
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

const goesBy = { needs: ['baseBackup'], wants: ['slots', 'replicationLogin'] } as const;

/** Of a command that takes a base backup. */
export const namedSlot = derived(goesBy, ({ baseBackup, slots, replicationLogin }): NamedSlotSeen => {
  const { slot } = baseBackup;
  const because = whyNotUsed(baseBackup);
  return slot === undefined || because !== undefined
    ? { kind: 'not-used', because: because ?? 'the command names no slot' }
    : slotOfName(slot, slots, replicationLogin);
});

/** A slot of the primary by its name. */
export function slotOfName(
  name: string,
  slots: Observed<readonly Slot[]>,
  login: Observed<ReplicationLogin>,
): Exclude<NamedSlotSeen, { readonly kind: 'not-used' }> {
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
          : { kind: 'not-asked', because: 'the replication slots of the primary were not read' },
    };
  if (read.exists === false) return { kind: 'absent', name, source };
  if (read.exists === 'logical')
    return { kind: 'present', name, type: 'logical', slot: undefined, reserved: true, source };
  return { kind: 'present', name, type: 'physical', slot: undefined, reserved: read.reserved, source };
}

/** Why the slot that `-S` names, or none, does not matter; undefined where the copy will use it. */
export function whyNotUsed({ slot, walMethod, noSlot }: BaseBackupCommand): string | undefined {
  if (slot === undefined) return 'the command names no slot';
  // pg_basebackup.c, main: it ends before it connects
  if (walMethod !== 'stream') return `-S cannot be combined with -X ${walMethod}, see command/options-conflict`;
  return noSlot ? '-S cannot be combined with --no-slot, see command/options-conflict' : undefined;
}

/** slot.c, ReplicationSlotValidateName: lower-case letters, digits and underscores, at most 63. */
export const isSlotName = (name: string): boolean => /^[a-z0-9_]{1,63}$/.test(name);

/** A name for a new slot that no slot has yet. */
export function unusedName(wish: string, slots: Observed<readonly Slot[]>): string {
  const taken = new Set(ifSeen(slots)?.map(({ name }) => name));
  const base = wish.slice(0, 58);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}_${number}`;
    if (!taken.has(name)) return name;
  }
}
