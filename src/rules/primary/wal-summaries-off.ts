import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const walSummariesOff = defineRule({
  id: 'primary/wal-summaries-off',
  title: 'WAL summarization is off, which an incremental backup needs',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl'],
  messages: ['bb-summarization-off'],
  docs: {
    what: 'With `--incremental`, checks summarize_wal on the primary.',
    why: 'An incremental backup contains the blocks that were changed since the previous one, and the primary knows them only from the summaries of its WAL.',
    notes:
      'The summaries must reach back to the start of the previous backup. If the primary has removed WAL from before summarize_wal was turned on, take a full backup first.',
    references: [
      'Incremental Backup: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-INCREMENTAL-BACKUP',
      'src/backend/backup/basebackup.c: parse_basebackup_options()',
    ],
  },
  judge(facts) {
    const { baseBackup, primarySettings } = facts;
    if (baseBackup.incremental === undefined) return notApplicable('no incremental backup is taken');
    const value = textOf(primarySettings, 'summarize_wal');
    if (value === undefined)
      return notApplicable('the primary is of a release before 17 (command/option-not-supported)');
    if (value !== 'off') return pass(`summarize_wal is ${value}`);
    return fail({
      message: 'summarize_wal is off on the primary, so it refuses an incremental backup.',
      where: at('primary', ifSeen(facts.primary)?.name),
      evidence: [evidence('summarize_wal', value, 'pg_settings')],
      remedy: safe(
        'Turn summarize_wal on, and reload. If the summaries do not reach back to the previous backup, take a full backup first.',
        ...changeAndReload(
          { ...facts, primarySettings: { status: 'seen', value: primarySettings, source: 'pg_settings' } },
          { summarize_wal: 'on' },
        ),
      ),
    });
  },
});
