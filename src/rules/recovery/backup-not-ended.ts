import { ifSeen } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { disruptive, sql } from '../../remedies/remedy.ts';
import { timeText } from '../../derived/sighting-evidence.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const backupNotEnded = defineRule({
  id: 'recovery/backup-not-ended',
  title: 'The primary is still in backup mode, so the standby cannot open',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile'],
  wants: ['runningStandby', 'primaryActivity'],
  explains: [...notStreaming],
  docs: {
    what: 'Before PostgreSQL 15: fails when the standby was copied between pg_start_backup() and pg_stop_backup() (an image of a machine or a disk, rsync), accepts no connections, and the primary is still in that backup mode.',
    why: 'Recovery of such a copy is consistent only after the record that pg_stop_backup() writes. Until then, the standby replays WAL but accepts no connections.',
    notes:
      'PostgreSQL 15 and later have no exclusive backup mode, and a copy made without pg_backup_stop() has no backup_label.',
    references: [
      'src/backend/access/transam/xlog.c: CheckRecoveryConsistency()',
      'Making an Exclusive Low-Level Backup (13): https://www.postgresql.org/docs/13/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP-EXCLUSIVE',
    ],
  },
  judge({ dataDirectory, controlFile, runningStandby, primaryActivity }) {
    if (runningStandby.status === 'seen') return pass('it accepts connections');
    if (dataDirectory.postmaster?.process !== 'running') return notApplicable('the server is not running');
    const file = dataDirectory.backupLabel ?? dataDirectory.backupLabelOld;
    const label = file?.label;
    const began = controlFile.ok ? controlFile.value.backupStart : null;
    if (label?.method !== 'pg_start_backup' || began === null)
      return notApplicable('it was not copied in exclusive backup mode, or its recovery is past the end of the backup');
    if (primaryActivity.status === 'unseen') return unexamined(primaryActivity.why);
    const since = ifSeen(primaryActivity)?.exclusiveBackup;
    if (since === undefined) return notApplicable('the primary is not in backup mode');
    return fail({
      message: `The standby was copied while the primary was in backup mode ("${label.label ?? ''}", since ${timeText(since)}), and backup mode is still on. Recovery waits for the record that pg_stop_backup() writes, and the standby accepts no connections until then.`,
      where: at('primary'),
      evidence: [
        evidence('backup mode', `on, since ${timeText(since)}`, 'pg_is_in_backup()'),
        evidence('the backup in recovery', `began at ${formatLsn(began)}`, 'pg_control'),
        evidence('BACKUP METHOD', label.method, 'backup_label'),
      ],
      remedy: disruptive(
        'End backup mode on the primary. (If a backup tool is still copying, let it finish: it ends backup mode itself.)',
        sql('primary', 'SELECT pg_stop_backup();', 'run'),
      ),
    });
  },
});
