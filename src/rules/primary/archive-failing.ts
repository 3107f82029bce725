import { timeText } from '../../derived/sighting-evidence.ts';
import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { isArchiving } from '../../derived/wal-retention.ts';

export const archiveFailing = defineRule({
  id: 'primary/archive-failing',
  title: 'WAL archiving fails',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now', 'archiver', 'primarySettings'],
  wants: ['primary', 'serverClock'],
  messages: ['archive-too-many-failures', 'archive-command-failed'],
  docs: {
    what: 'Warns if the last attempt of the archiver failed within the last ten minutes.',
    why: 'WAL that is not archived stays in pg_wal until the disk of the primary is full, and the archive lacks WAL that a standby may need.',
    notes:
      'A failing archiver tries again at least once a minute (pgarch.c). An older failure, or one followed by a success, is ignored.',
    references: [
      'pg_stat_archiver: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW',
    ],
  },
  judge({ now, archiver, primarySettings: settings, primary, serverClock }) {
    if (!isArchiving(settings)) return notApplicable('WAL is not archived (archive_mode, archive_command)');
    const { lastFailedAt, lastArchivedAt, lastFailedWal, failedCount } = archiver;
    if (lastFailedAt === undefined) return pass('the archiver has never failed (pg_stat_archiver)');
    if (lastArchivedAt !== undefined && lastArchivedAt >= lastFailedAt)
      return pass(`the archiver succeeded at ${timeText(lastArchivedAt)}, after its last failure (pg_stat_archiver)`);
    const serverNow = now.getTime() + (ifSeen(serverClock)?.offsetMs ?? 0);
    if (serverNow - lastFailedAt.getTime() > 10 * 60_000)
      return pass(`the archiver last failed at ${timeText(lastFailedAt)}, and has not tried since (pg_stat_archiver)`);
    const since =
      lastArchivedAt === undefined
        ? 'it has never archived a file'
        : `the last success was at ${timeText(lastArchivedAt)}`;
    return fail({
      message: `The archiver fails on ${lastFailedWal ?? 'a WAL file'}, last at ${timeText(lastFailedAt)}; ${since}. WAL accumulates in pg_wal, and the archive lacks WAL that a standby may need.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('last_failed_wal', lastFailedWal ?? '', 'pg_stat_archiver'),
        evidence('last_failed_time', timeText(lastFailedAt), 'pg_stat_archiver'),
        evidence('last_archived_time', (lastArchivedAt && timeText(lastArchivedAt)) ?? 'never', 'pg_stat_archiver'),
        evidence('failed_count', String(failedCount), 'pg_stat_archiver'),
      ],
      remedy: safe(
        "Find out why archive_command (or archive_library) fails: the server's log shows its error message.",
        manual(
          'primary',
          `Run archive_command by hand for pg_wal/${lastFailedWal ?? 'FILE'}, as the owner of the data directory, and fix the error that it reports.`,
        ),
      ),
    });
  },
});
