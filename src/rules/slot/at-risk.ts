import { ifSeen } from '../../facts/observed.ts';
import { keepSizeChanged } from '../../remedies/slot-keep-size.ts';
import { safe } from '../../remedies/remedy.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { walBytesOf } from '../../derived/wal-retention.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { thresholdsIn } from '../../facts/thresholds.ts';
import { slotOfName } from '../../derived/named-slot.ts';
import { standbySlot, standbySlotFacts } from '../../derived/standby-slot.ts';

export const atRisk = defineRule({
  id: 'slot/at-risk',
  title: 'The slot of the standby is about to be invalidated',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['slots', 'primarySettings'],
  wants: ['replicationLogin', 'primary', 'fileSettings', 'primaryControl', 'thresholds', ...standbySlotFacts],
  docs: {
    what: 'Warns when the slot in primary_slot_name is `unreserved`, or when less than a fifth of max_slot_wal_keep_size is left for it (safe_wal_size; threshold `slotReservePercent` of the configuration).',
    why: 'At the next checkpoint beyond that, the slot is invalidated, and a standby that did not catch up in time needs a new base backup.',
    notes: 'With max_slot_wal_keep_size = -1, a slot is never invalidated because of its size.',
    references: ['pg_replication_slots: https://www.postgresql.org/docs/current/view-pg-replication-slots.html'],
  },
  judge(facts) {
    const { slots, primarySettings: settings, primary, fileSettings, primaryControl } = facts;
    const own = standbySlot(facts);
    if (own.kind === 'none') return notApplicable(own.because);
    if (own.kind === 'unseen') return unexamined(own.why);
    const named = slotOfName(own.name, { status: 'seen', value: slots, source: '' }, facts.replicationLogin);
    const slot = named.kind === 'present' ? named.slot : undefined;
    if (slot === undefined) return notApplicable(`the slot ${own.name} does not exist, see slot/missing`);
    if (slot.walStatus === 'lost' || slot.invalidationReason !== undefined)
      return notApplicable(`the slot ${slot.name} is lost, see slot/lost`);
    const limit = walBytesOf(settings, 'max_slot_wal_keep_size') ?? -1n;
    const left = slot.safeWalBytes;
    const { slotReserve } = thresholdsIn(facts.thresholds);
    if (slot.walStatus !== 'unreserved' && (limit < 0n || left === undefined))
      return pass(`the WAL that slot ${slot.name} keeps is not limited (max_slot_wal_keep_size)`);
    if (slot.walStatus !== 'unreserved' && left !== undefined && Number(left) >= Number(limit) * slotReserve)
      return pass(`the slot ${slot.name} can keep ${formatBytes(left)} more (safe_wal_size)`);
    const held = slot.retainedBytes ?? 0n;
    const gigabytes = Math.max(1, Math.ceil((Number(held > limit ? held : limit) * 2) / 2 ** 30));
    const state =
      slot.walStatus === 'unreserved'
        ? 'its WAL may be removed at the next checkpoint'
        : `${formatBytes(left ?? 0n)} of WAL are left`;
    return fail({
      title: `Slot "${slot.name}" is about to be invalidated: ${state}`,
      message: `Slot "${slot.name}" keeps ${formatBytes(held)} of WAL, and max_slot_wal_keep_size is ${formatBytes(limit < 0n ? 0n : limit)}: ${state}. If the slot is invalidated, the standby needs a new base backup.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence(
          `slot ${slot.name}`,
          `wal_status ${slot.walStatus ?? 'null'}, safe_wal_size ${left === undefined ? 'null' : formatBytes(left)}`,
          'pg_replication_slots',
        ),
        evidence('held back', formatBytes(held), 'pg_replication_slots'),
      ],
      remedy: safe(
        `Raise max_slot_wal_keep_size to ${gigabytes} GB until the standby has caught up.`,
        ...keepSizeChanged({ primarySettings: settings, fileSettings, primaryControl }, gigabytes),
      ),
    });
  },
});
