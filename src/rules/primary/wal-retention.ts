import { ifSeen } from '../../facts/observed.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { inForce, whyUnseen } from '../recovery/in-force.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { formatBytes, isArchiving, walBytesOf } from './retention.ts';

export const walRetention = defineRule({
  id: 'primary/wal-retention',
  title: 'Nothing keeps WAL for a standby that is away: a short outage loses it',
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
    what: 'Warns when neither the command nor the standby (`primary_slot_name`) names a slot, `wal_keep_size` is 0 and WAL is not archived.',
    why: 'The primary recycles WAL after its checkpoints. A standby that was away for longer than that finds its next segment removed and has to be copied anew.',
    notes:
      'A replication slot (`-C -S NAME`) keeps exactly what its standby needs; bound it with `max_slot_wal_keep_size`.',
    references: ['https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS'],
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
    if (isArchiving(settings)) return pass('WAL is archived (archive_mode), so that a restore_command can fetch it');
    if (!isMade && (inForce('restore_command', facts)?.value ?? '') !== '')
      return pass('restore_command is set on the standby, so that an archive has the WAL');
    return fail({
      message:
        'No slot is named, wal_keep_size is 0 and WAL is not archived. A standby that is away during a few checkpoints finds its WAL removed and has to be copied anew.',
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('slot', 'none', isMade ? 'the command line' : 'primary_slot_name'),
        evidence('wal_keep_size', '0', 'pg_settings'),
        evidence('archive_mode', settings.get('archive_mode')?.value ?? 'off', 'pg_settings'),
      ],
      remedy: safe(
        `Keep 1 GB of WAL for standbys that are away. A slot of its own (${isMade ? '-C -S NAME' : 'primary_slot_name'}) keeps exactly what the standby needs.`,
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { wal_keep_size: '1GB' },
        ),
      ),
    });
  },
});
