import { ifSeen } from '../../facts/observed.ts';
import { keepSizeChanged } from '../../remedies/slot-keep-size.ts';
import { safe } from '../../remedies/remedy.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { copySeconds, walBytesOf } from '../../derived/wal-retention.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const keepSizeBelowCopy = defineRule({
  id: 'slot/keep-size-below-copy',
  title: 'max_slot_wal_keep_size is too small for the base backup',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'primarySettings'],
  wants: ['copySize', 'primary', 'fileSettings', 'primaryControl'],
  docs: {
    what: 'Warns when the command names a slot, `max_slot_wal_keep_size` limits what it keeps, and the primary, at its current rate, writes more WAL than that during the base backup.',
    why: 'A slot that falls further behind is invalidated: the new standby then cannot catch up.',
    notes: 'The duration is estimated from the size and `-r`, or from 100 MB per second.',
    references: [
      'max_slot_wal_keep_size: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-SLOT-WAL-KEEP-SIZE',
    ],
  },
  judge({ baseBackup, primarySettings: settings, copySize, primary, fileSettings, primaryControl }) {
    if (baseBackup.slot === undefined) return notApplicable('the command names no slot');
    const limit = walBytesOf(settings, 'max_slot_wal_keep_size');
    if (limit === undefined)
      return unexamined({
        kind: 'permission',
        because: 'max_slot_wal_keep_size: the server does not show this setting',
      });
    if (limit < 0n) return pass('max_slot_wal_keep_size is -1: a slot is never invalidated because of its size');
    if (copySize.status === 'unseen') return unexamined(copySize.why);
    if (copySize.status === 'not-applicable') return notApplicable(copySize.why);
    const { dataBytes, tablespaces, walBytesPerSecond: rate } = copySize.value;
    if (rate === undefined)
      return unexamined({
        kind: 'timed-out',
        because: 'the two samples of the WAL position were too close together to measure a rate',
      });
    const bytes = tablespaces.reduce((sum, tablespace) => sum + (tablespace.bytes ?? 0n), dataBytes);
    const seconds = copySeconds(bytes, baseBackup.maxRate);
    const written = BigInt(Math.round(seconds * rate));
    const words = `${formatBytes(BigInt(Math.round(rate)))} of WAL per second, about ${formatBytes(written)} in the ${formatDuration(seconds)} of the base backup`;
    if (written <= limit) return pass(`max_slot_wal_keep_size is ${formatBytes(limit)}; the primary writes ${words}`);
    const gigabytes = Math.ceil((Number(written) * 2) / 2 ** 30);
    return fail({
      title: `max_slot_wal_keep_size is ${formatBytes(limit)}, less than the ${formatBytes(written)} of WAL expected`,
      message: `The primary writes ${words}. The slot can keep ${formatBytes(limit)}; beyond that, it is invalidated, and the new standby cannot catch up.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('max_slot_wal_keep_size', formatBytes(limit), 'pg_settings'),
        evidence('WAL per second', formatBytes(BigInt(Math.round(rate))), 'two samples of the WAL position'),
        evidence('bytes to copy', formatBytes(bytes), copySize.source),
      ],
      remedy: safe(
        `Raise max_slot_wal_keep_size to ${gigabytes} GB, twice the estimate.`,
        ...keepSizeChanged({ primarySettings: settings, fileSettings, primaryControl }, gigabytes),
      ),
    });
  },
});
