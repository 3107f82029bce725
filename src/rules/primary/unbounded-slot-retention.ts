import { ifSeen } from '../../facts/observed.ts';
import { keepSizeChanged } from '../../remedies/slot-keep-size.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { thresholdsIn } from '../../facts/thresholds.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { walBytesOf } from '../../derived/wal-retention.ts';

export const unboundedSlotRetention = defineRule({
  id: 'primary/unbounded-slot-retention',
  title: 'An inactive replication slot retains WAL without a limit',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings', 'slots'],
  wants: ['primary', 'fileSettings', 'primaryControl', 'thresholds'],
  docs: {
    what: 'Warns if an inactive slot retains more WAL than `max_wal_size` (or than the threshold `slotRetention` of the configuration), and `max_slot_wal_keep_size` is -1.',
    why: 'WAL accumulates until the file system of the primary is full; then the primary stops.',
    notes: 'A slot that was just created for a new standby retains little WAL and is not reported.',
    references: [
      'max_slot_wal_keep_size: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-SLOT-WAL-KEEP-SIZE',
    ],
  },
  judge({ primarySettings: settings, slots, primary, fileSettings, primaryControl, thresholds }) {
    if (slots.length === 0) return notApplicable('the primary has no replication slots');
    const limit = walBytesOf(settings, 'max_slot_wal_keep_size') ?? -1n;
    if (limit >= 0n) return pass(`max_slot_wal_keep_size is ${formatBytes(limit)}`);
    const allowed = thresholdsIn(thresholds).slotRetention;
    const usual = allowed ?? walBytesOf(settings, 'max_wal_size') ?? 0n;
    // an invalidated slot keeps nothing, whatever position it still shows
    const idle = slots.filter(
      ({ active, retainedBytes, invalidationReason, walStatus }) =>
        !active && (retainedBytes ?? 0n) > usual && invalidationReason === undefined && walStatus !== 'lost',
    );
    if (idle.length === 0)
      return pass(
        `no inactive slot retains more than ${allowed === undefined ? 'max_wal_size' : 'the slotRetention of the configuration'}, ${formatBytes(usual)} (pg_replication_slots)`,
      );
    const most = idle.reduce(
      (largest, { retainedBytes }) => ((retainedBytes ?? 0n) > largest ? (retainedBytes ?? 0n) : largest),
      0n,
    );
    const gigabytes = Math.max(10, Math.ceil(Number(most) / 2 ** 30) * 2);
    const [first] = idle;
    const named = idle.map(({ name, retainedBytes }) => `${name} (${formatBytes(retainedBytes ?? 0n)})`).join(', ');
    return fail({
      title:
        idle.length === 1 && first !== undefined
          ? `Inactive slot ${first.name} retains ${formatBytes(most)} of WAL, without a limit`
          : `${idle.length} inactive slots retain up to ${formatBytes(most)} of WAL, without a limit`,
      message: `No standby uses ${named}, and max_slot_wal_keep_size is -1: WAL accumulates until the disk of the primary is full.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('max_slot_wal_keep_size', '-1', 'pg_settings'),
        ...idle.map(({ name, retainedBytes }) =>
          evidence(`slot ${name}`, `inactive, retains ${formatBytes(retainedBytes ?? 0n)}`, 'pg_replication_slots'),
        ),
      ],
      remedy: safe(
        `Limit the WAL that a slot may retain: with ${gigabytes} GB, no slot loses WAL now. A slot whose standby no longer exists can be dropped.`,
        ...(idle.some(({ name }) => /barman/iu.test(name))
          ? [
              manual(
                'primary',
                'A slot of Barman is used by its receive-wal: on the machine of Barman, as its user, barman cron starts it again, and barman check SERVER says what keeps it from that.',
              ),
            ]
          : []),
        ...keepSizeChanged({ primarySettings: settings, fileSettings, primaryControl }, gigabytes),
      ),
    });
  },
});
