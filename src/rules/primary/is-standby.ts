import { withoutAdmin } from '../../facts/observed.ts';
import { manual, safe, sql } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const isStandby = defineRule({
  id: 'primary/is-standby',
  title: 'The source server is itself a standby',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primary'],
  wants: ['dataDirectory'],
  messages: ['fpw-off-since-restartpoint'],
  docs: {
    what: 'Notes if the source is in recovery: the new standby will be a cascading standby. It is an error if the WAL that the source replays was written with `full_page_writes = off`, because it then does not allow a base backup.',
    why: 'Cascading replication works, but the new standby depends on the other one: it never gets newer data, and a base backup waits for a restartpoint. A page that changes while it is copied is restored from its full image in the WAL, which does not exist with `full_page_writes = off`.',
    notes:
      "What matters is full_page_writes on the primary at its last checkpoint, not the setting in the standby's own files. `-c fast` does not speed up a standby: a restartpoint needs a checkpoint of the primary.",
    references: [
      'Cascading Replication: https://www.postgresql.org/docs/current/warm-standby.html#CASCADING-REPLICATION',
      'src/backend/access/transam/xlog.c: do_pg_backup_start()',
    ],
  },
  judge({ primary, dataDirectory }) {
    const exists = dataDirectory.status === 'seen';
    if (primary.inRecovery === undefined)
      return unexamined(
        withoutAdmin(
          'not-asked',
          'a replication connection does not show before PostgreSQL 14 whether the server is in recovery',
        ),
      );
    if (!primary.inRecovery) return pass('pg_is_in_recovery() is false: this is a primary');
    const inRecovery = evidence('pg_is_in_recovery()', 'true', 'the server');
    // who follows it needs no base backup of it
    if (primary.checkpointFullPageWrites !== false || exists)
      return fail({
        message: `${primary.name} is a standby. ${exists ? 'This server' : 'A copy of it'} ${exists ? 'is' : 'becomes'} a cascading standby: it follows ${primary.name}, and shares its lag and its outages.`,
        where: at('primary', primary.name),
        evidence: [inRecovery],
      });
    return fail({
      severity: 'error',
      title: 'No base backup from this standby: its primary has full_page_writes off',
      message: `${primary.name} is a standby, and the WAL that it replays was written with full_page_writes off at the last checkpoint. It refuses a base backup, because pages that change while they are copied could not be restored.`,
      where: at('primary', primary.name),
      evidence: [inRecovery, evidence('full_page_writes at the last restartpoint', 'off', 'pg_control_checkpoint()')],
      remedy: safe(
        'Turn full_page_writes on at the primary, then run a checkpoint on both servers.',
        manual(
          'primary',
          `On the primary that ${primary.name} follows, as a superuser: ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf(); CHECKPOINT;`,
        ),
        sql('primary', 'CHECKPOINT;', 'checkpoint'),
      ),
    });
  },
});
