import { ifSeen } from '../../facts/observed.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { formatBytes, walBytesOf } from '../primary/retention.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { slotReserve } from '../streaming/thresholds.ts';
import { slotOfName } from './named-slot.ts';
import { standbySlot, standbySlotFacts } from './standby-slot.ts';

export const atRisk = defineRule({
  id: 'slot/at-risk',
  title: 'The slot of the standby is about to lose its WAL',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['slots', 'primarySettings'],
  wants: ['replicationLogin', 'primary', 'fileSettings', 'primaryControl', ...standbySlotFacts],
  docs: {
    what: 'Warns when the slot that primary_slot_name names is `unreserved`, or when less than a fifth of max_slot_wal_keep_size is left to it (safe_wal_size).',
    why: 'At the next checkpoint beyond that the slot is invalidated, and a standby that has not caught up by then must be made anew.',
    notes: 'With max_slot_wal_keep_size = -1 a slot is never invalidated for its size.',
    references: ['https://www.postgresql.org/docs/current/view-pg-replication-slots.html'],
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
    if (slot.walStatus !== 'unreserved' && (limit < 0n || left === undefined))
      return pass(`no limit is set to what the slot ${slot.name} keeps (max_slot_wal_keep_size)`);
    if (slot.walStatus !== 'unreserved' && left !== undefined && Number(left) >= Number(limit) * slotReserve)
      return pass(`the slot ${slot.name} may keep ${formatBytes(left)} more (safe_wal_size)`);
    const held = slot.retainedBytes ?? 0n;
    const gigabytes = Math.max(1, Math.ceil((Number(held > limit ? held : limit) * 2) / 2 ** 30));
    const state =
      slot.walStatus === 'unreserved'
        ? 'its WAL may go at the next checkpoint'
        : `${formatBytes(left ?? 0n)} of WAL are left to it`;
    return fail({
      title: `The slot ${slot.name} is about to be lost: ${state}`,
      message: `The slot ${slot.name} holds back ${formatBytes(held)} of WAL, and max_slot_wal_keep_size is ${formatBytes(limit < 0n ? 0n : limit)}: ${state}. When it is invalidated, the standby must be made anew.`,
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
        `Let slots keep ${gigabytes} GB, until the standby has caught up.`,
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { max_slot_wal_keep_size: `${gigabytes}GB` },
        ),
      ),
    });
  },
});
