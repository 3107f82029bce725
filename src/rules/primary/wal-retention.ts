import { ifSeen } from '../../facts/observed.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { inForce, whyUnseen } from '../../derived/in-force.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { isArchiving, walBytesOf } from '../../derived/wal-retention.ts';

export const walRetention = defineRule({
  id: 'primary/wal-retention',
  title: 'A short outage of the standby can make a new base backup necessary',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: [
    'baseBackup',
    'standbyConfiguration',
    'runningStandby',
    'dataDirectory',
    'primary',
    'fileSettings',
    'primaryControl',
  ],
  explains: ['command/no-slot'],
  docs: {
    what: 'Warns if neither the command nor the standby (`primary_slot_name`) uses a slot, `wal_keep_size` is 0 and WAL is not archived.',
    why: 'The primary recycles WAL after its checkpoints. After a longer outage of the standby, the primary has removed the next segment, and the standby needs a new base backup.',
    notes:
      'A replication slot (`-C -S NAME`) keeps exactly the WAL that its standby needs; limit it with `max_slot_wal_keep_size`.',
    references: [
      'Replication Slots: https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS',
    ],
  },
  judge(facts) {
    const { primarySettings: settings, baseBackup, primary, fileSettings, primaryControl } = facts;
    const command = ifSeen(baseBackup);
    const isMade = command !== undefined;
    const configured = isMade ? undefined : inForce('primary_slot_name', facts);
    if (!isMade && configured === undefined) return unexamined(whyUnseen(facts));
    const slot = command?.slot ?? configured?.value ?? '';
    if (slot !== '') return pass(`the slot ${slot} keeps the WAL that its standby needs`);
    const kept = walBytesOf(settings, 'wal_keep_size');
    if (kept === undefined)
      return unexamined({ kind: 'permission', because: 'wal_keep_size: the server does not show this setting' });
    if (kept > 0n) return pass(`wal_keep_size keeps ${formatBytes(kept)} of WAL`);
    if (isArchiving(settings)) return pass('WAL is archived (archive_mode), so a restore_command can fetch it');
    if (!isMade && (inForce('restore_command', facts)?.value ?? '') !== '')
      return pass('restore_command is set on the standby, so an archive has the WAL');
    return fail({
      message:
        'No slot is used, wal_keep_size is 0 and WAL is not archived. If the standby is down during a few checkpoints, the primary removes the WAL that it needs, and it needs a new base backup.',
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('slot', 'none', isMade ? 'the command line' : 'primary_slot_name'),
        evidence('wal_keep_size', '0', 'pg_settings'),
        evidence('archive_mode', settings.get('archive_mode')?.value ?? 'off', 'pg_settings'),
      ],
      remedy: safe(
        `Keep 1 GB of WAL for disconnected standbys. A replication slot (${isMade ? '-C -S NAME' : 'primary_slot_name'}) keeps exactly the WAL that the standby needs.`,
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { wal_keep_size: '1GB' },
        ),
      ),
    });
  },
});
