import type { Answer } from '../answer.ts';

/** pg_probackup and pg_rman. */
export const answersAboutProbackup: readonly Answer[] = [
  {
    id: 'probackup-archive',
    says: [
      'WAL segment %s could not be archived in %d seconds',
      'Switched WAL segment %s could not be archived in %d seconds',
      'WAL segment %s was archived, but target LSN %X/%X could not be archived in %d seconds',
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
  {
    id: 'probackup-archive-get',
    says: [
      'pg_probackup archive-get failed to deliver WAL file: %s, time elapsed: %s',
      'pg_probackup archive-get failed to deliver WAL file',
    ],
    source: 'pg_probackup, src/archive.c, do_archive_get',
    matters: 5,
    elsewhere: true,
    means: 'restore_command (pg_probackup archive-get) does not find a WAL segment in the catalog. Recovery needs it.',
    causes: [
      {
        cause:
          'The segment was never archived: the backup was taken without --stream, and archive_command (archive-push) fails or belongs to another instance.',
        on: 'primary',
        check: 'psql -c "SHOW archive_command" -c "SELECT last_archived_wal, last_failed_wal FROM pg_stat_archiver"',
      },
      {
        cause: '-B or --instance in restore_command names another catalog than the one that archive-push writes to.',
        on: 'standby',
        check: 'pg_probackup show --archive -B <catalog> --instance=<instance>',
      },
    ],
    todo: 'Correct the archiving and take a new backup; with --stream it holds the WAL that it needs to start.',
  },
  {
    id: 'pg-rman-archive',
    says: ['switched WAL could not be archived in %d seconds'],
    source: 'pg_rman, backup.c, wait_for_archive',
    matters: 5,
    elsewhere: true,
    means: 'pg_rman switched to a new WAL segment and waited for the old one to be archived, and it was not.',
    causes: [
      {
        cause: 'archive_command fails or is slow.',
        on: 'primary',
        check: 'psql -c "SHOW archive_command" -c "SELECT last_archived_wal, last_failed_wal FROM pg_stat_archiver"',
      },
      {
        cause: 'pg_rman looks in another directory (ARCLOG_PATH, set at pg_rman init) than archive_command writes to.',
      },
    ],
  },
  {
    id: 'probackup-stream',
    says: [
      'Problem in receivexlog',
      'Problem in stop_streaming()',
      'could not send replication command START_REPLICATION',
      'Cannot continue backup because stream connect has failed.',
    ],
    among: /probackup|receivexlog|stop_streaming|stream connect|Backup \S+ is running/iu,
    source: 'pg_probackup, src/stream.c, StreamLog',
    matters: 5,
    elsewhere: true,
    means:
      'pg_probackup received the WAL of the backup (--stream) over a replication connection, and that connection ended. The backup is marked as failed.',
    causes: [
      {
        cause:
          'The server process crashed or was ended, or wal_sender_timeout was reached: its log has the line of that minute.',
        on: 'primary',
        check:
          'psql -c "SHOW wal_sender_timeout" -c "SELECT pid, application_name, state FROM pg_stat_replication"; tail -n 30 <log of PostgreSQL>',
      },
      { cause: 'No WAL sender or no replication line in pg_hba.conf for this role was left.' },
    ],
    todo: 'Run it again with --slot=<name> --temp-slot and the newest release of pg_probackup.',
  },
  {
    id: 'probackup-streamed-wal',
    says: [
      'WAL segment %s could not be streamed in %d seconds',
      'WAL segment %s was streamed, but target LSN %X/%X could not be archived in %d seconds',
    ],
    source: 'pg_probackup, src/backup.c, wait_wal_lsn',
    matters: 5,
    elsewhere: true,
    means:
      'pg_probackup (--stream) waited for the WAL segment in which the backup ends, and it did not become complete in time (--archive-timeout). The backup is not usable.',
    causes: [
      {
        cause:
          'The backup is taken from a standby and the primary writes little: the standby cannot switch its segment, so the last one stays open until the primary fills or switches it.',
        on: 'primary',
        check: 'psql -c "SHOW archive_timeout" -c "SELECT pg_switch_wal()"',
      },
      {
        cause: 'The standby itself lags or receives nothing: the segment has not reached it.',
        on: 'standby',
        check: 'psql -c "SELECT status, flushed_lsn FROM pg_stat_wal_receiver" -c "SELECT pg_last_wal_replay_lsn()"',
      },
      { cause: 'On a primary: the receiving process on the backup host is too slow, or its disk is full.' },
    ],
    todo: 'Set archive_timeout on the primary (60 for example) below the --archive-timeout of pg_probackup; archive_mode need not be on for that. Or take the backup from the primary.',
  },
  {
    id: 'probackup-agent-release',
    says: ['Unknown subcommand "agent"'],
    source: 'pg_probackup, src/help.c and src/pg_probackup.c',
    matters: 5,
    elsewhere: true,
    means:
      'pg_probackup began itself on the other host over ssh (pg_probackup agent), and the program there does not know that command: it is of another release than this one. Nothing was copied.',
    causes: [
      {
        cause: 'An old pg_probackup on the remote host, or another one first in its PATH (--remote-path).',
        on: 'backup host',
        check: 'pg_probackup --version; ssh <remote user>@<remote host> pg_probackup --version',
      },
    ],
    todo: 'Install the same release on both hosts.',
  },
  {
    of: ['os-eacces'],
    when: /\bAgent error: Permission denied/u,
    elsewhere: true,
    matters: 5,
    means:
      'pg_probackup works on the files of another host, through its own process there (the agent), and that was refused a file or directory on that host. The line does not say which.',
    causes: [
      {
        cause:
          'The files were to be here: remote-host in pg_probackup.conf of the instance sends restore and backup to that host.',
        on: 'backup host',
        check: 'pg_probackup show-config -B <catalog> --instance=<instance> | grep remote',
      },
      {
        cause: 'remote-user may not read or write the data directory there.',
        on: 'that host',
        check: 'id; namei -l <data directory>',
      },
    ],
    todo: 'For one command: --remote-proto=none makes pg_probackup use the files of this host.',
  },
];
