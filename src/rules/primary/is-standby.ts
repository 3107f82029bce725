import { manual, at, safe, sql } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const isStandby = defineRule({
  id: 'primary/is-standby',
  title: 'The server that is copied or followed is itself a standby',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primary'],
  wants: ['dataDirectory'],
  says: [
    'WAL generated with full_page_writes=off was replayed since last restartpoint',
    'WAL generated with "full_page_writes=off" was replayed since last restartpoint',
  ],
  docs: {
    what: 'Says when the source is in recovery: the new standby will be a cascaded one. It is an error when the WAL that this standby replays was written with `full_page_writes = off`: then it gives no base backup.',
    why: 'A standby that follows another standby works, and depends on it: it sees nothing newer than that one does, and waits for its restartpoints. A page that is copied while it changes is mended from its full image in the WAL, and with `full_page_writes = off` there is none.',
    notes:
      'It is the primary’s full_page_writes at its last checkpoint that counts, not the setting in the standby’s own files. `-c fast` cannot hurry a standby: a restartpoint needs a checkpoint of the primary.',
    references: [
      'https://www.postgresql.org/docs/current/warm-standby.html#CASCADING-REPLICATION',
      'src/backend/access/transam/xlog.c: do_pg_backup_start()',
    ],
  },
  judge({ primary, dataDirectory }) {
    const exists = dataDirectory.status === 'seen';
    if (primary.inRecovery === undefined)
      return unexamined({
        kind: 'not-asked',
        because: 'whether the server is in recovery is not shown on a replication connection before version 14',
        remedy: 'add --admin CONNINFO',
      });
    if (!primary.inRecovery) return pass('pg_is_in_recovery() is false: this is a primary');
    const inRecovery = evidence('pg_is_in_recovery()', 'true', 'the server');
    // who follows it needs no base backup of it
    if (primary.checkpointFullPageWrites !== false || exists)
      return fail({
        message: `${primary.name} is a standby. ${exists ? 'This one' : 'A copy of it'} ${exists ? 'is' : 'becomes'} a cascaded standby: it follows ${primary.name}, and shares its lag and its outages.`,
        where: at('primary', primary.name),
        evidence: [inRecovery],
      });
    return fail({
      severity: 'error',
      title: 'This standby gives no base backup: its primary runs with full_page_writes off',
      message: `${primary.name} is a standby, and the WAL that it replays was written with full_page_writes off at the last checkpoint. It refuses a base backup, as pages that change while they are copied could not be mended.`,
      where: at('primary', primary.name),
      evidence: [inRecovery, evidence('full_page_writes at the last restartpoint', 'off', 'pg_control_checkpoint()')],
      remedy: safe(
        'Turn full_page_writes on where the WAL is written, and let a checkpoint carry that here.',
        manual(
          'primary',
          `On the primary that ${primary.name} follows, as a superuser: ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf(); CHECKPOINT;`,
        ),
        sql('primary', 'CHECKPOINT;', 'checkpoint'),
      ),
    });
  },
});
