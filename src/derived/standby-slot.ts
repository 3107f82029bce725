import { ifSeen } from '../facts/observed.ts';
import type { Unseen } from '../facts/observed.ts';
import { inForce, settingsFacts, whyUnseen } from './in-force.ts';
import { isPrimaryNow, noStandby } from './role-now.ts';
import type { InForce, SettingsSeen } from './in-force.ts';
import { pass } from '../findings/judgement.ts';
import type { Judgement } from '../findings/judgement.ts';
import { derived } from './derived.ts';

/** The slot that a standby streams through: primary_slot_name. */
export type StandbySlot =
  | { readonly kind: 'none'; readonly because: string }
  | { readonly kind: 'unseen'; readonly why: Unseen }
  | { readonly kind: 'named'; readonly name: string; readonly set: InForce };

/** What a rule needs to know of the standby to speak of its slot, for its `wants`. */
export const standbySlotFacts = ['standbyConfiguration', 'runningStandby', 'dataDirectory', 'standbyControl'] as const;

/** By primary_slot_name in force, where a connection string is set that it serves. */
export const standbySlot = derived({ needs: [], wants: settingsFacts }, (seen): StandbySlot => {
  if (isPrimaryNow(seen.runningStandby)) return { kind: 'none', because: noStandby };
  const set = inForce('primary_slot_name', seen);
  if (set === undefined) return { kind: 'unseen', why: whyUnseen(seen) };
  if (set.value === '') return { kind: 'none', because: 'primary_slot_name is empty: the standby uses no slot' };
  if (inForce('primary_conninfo', seen)?.value === '')
    return { kind: 'none', because: 'primary_conninfo is not set: the slot is not used' };
  return { kind: 'named', name: set.value, set };
});

/** A standby that streams through its slot proves that it is there, physical, and its own. */
export function streamsThrough(
  name: string,
  { runningStandby }: Pick<SettingsSeen, 'runningStandby'>,
): Judgement | undefined {
  const receiver = ifSeen(runningStandby)?.receiver;
  return receiver?.status === 'streaming' && receiver.slotName === name
    ? pass(`the standby streams through the slot ${name} (pg_stat_wal_receiver)`)
    : undefined;
}
