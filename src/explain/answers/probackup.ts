import type { Answer } from '../answer.ts';

/** pg_probackup. */
export const answersAboutProbackup: readonly Answer[] = [
  {
    id: 'probackup-archive',
    says: [
      'WAL segment %s could not be archived in %d seconds',
      'WAL segment %s could not be streamed in %d seconds',
      'Switched WAL segment %s could not be archived in %d seconds',
      'WAL segment %s was archived, but target LSN %X/%X could not be archived in %d seconds',
      'WAL segment %s was streamed, but target LSN %X/%X could not be archived in %d seconds',
      'By default pg_probackup assume WAL delivery method to be ARCHIVE.',
    ],
    source: 'pg_probackup, src/backup.c, wait_wal_lsn',
    matters: 5,
    elsewhere: true,
    means:
      'pg_probackup waited for the WAL of the backup to arrive in its catalog (archive_timeout), and it did not come. The backup is not usable.',
    causes: [
      {
        cause: 'archive_command of the server does not call pg_probackup archive-push for this instance, or it fails.',
        on: 'primary',
        check:
          'psql -c "SHOW archive_mode" -c "SHOW archive_command" -c "SELECT last_archived_wal, last_failed_wal FROM pg_stat_archiver"',
      },
      {
        cause:
          'The backup is taken from a standby: it archives nothing unless archive_mode = always, so it waits for the primary, which switches its segment when there is traffic or after archive_timeout of the server.',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()"',
      },
    ],
    todo: 'Without an archive, add --stream: the WAL then comes over a replication connection.',
  },
];
