import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const incrementalBackup = defineRule({
  id: 'command/incremental-backup',
  title: '--incremental takes a part of a backup, not a data directory',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Notes if `--incremental` is given.',
    why: 'An incremental backup has only the blocks that were changed since the earlier one. A server does not start on it; pg_combinebackup makes a data directory of it and the earlier ones.',
    references: [
      'pg_combinebackup: https://www.postgresql.org/docs/current/app-pgcombinebackup.html',
      'src/backend/access/transam/xlogrecovery.c: read_backup_label()',
    ],
  },
  judge({ baseBackup: { incremental, printable } }) {
    if (incremental === undefined) return pass('a full backup is taken, on which a server can start');
    return fail({
      message:
        'A server does not start on an incremental backup. Combine it with the earlier ones: pg_combinebackup <full backup> <incremental backup> -o <data directory>. A standby then needs standby.signal and primary_conninfo in the result: -R has written them into the last of them.',
      where: at('client'),
      evidence: [evidence('command line', printable, 'the options given')],
    });
  },
});
