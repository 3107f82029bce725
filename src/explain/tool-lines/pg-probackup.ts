import type { Answer } from '../answer.ts';

const show = 'pg_probackup show -B <catalog> --instance=<instance>';
const archive = `pg_probackup show --archive -B <catalog> --instance=<instance>`;

/** What pg_probackup reports, by what it is about. */
export const linesOfPgProbackup: readonly Answer[] = [
  {
    id: 'probackup-wal-missing',
    source: 'pg_probackup 2.5, src/parsexlog.c, validate_wal and PrintXLogCorruptionMsg',
    matters: 5,
    elsewhere: true,
    means:
      'pg_probackup read the WAL in its catalog, and a segment that it needs is missing there or cannot be read. A restore gets no further than that, and a backup that needs it is not usable.',
    causes: [
      {
        cause: 'archive_command (archive-push) failed or was off for a while, so that the archive has a gap.',
        on: 'primary',
        check: `${archive}; psql -c "SELECT last_archived_wal, last_failed_wal, last_failed_time FROM pg_stat_archiver"`,
      },
      {
        cause:
          'The segments were deleted from the archive: by a job of its own, or by delete --wal with a --wal-depth that is too small.',
        on: 'backup host',
        check: 'ls <catalog>/wal/<instance> | head; ls <catalog>/wal/<instance> | tail -n 3',
      },
      {
        cause:
          'The target is after the last segment that was archived: the current segment is archived when it is full.',
        on: 'primary',
        check: 'psql -c "SELECT pg_walfile_name(pg_switch_wal())"',
      },
    ],
    todo: 'Restore to a target that the message names as reachable ("Recovery can be done up to"), and take a new full backup. With --stream a backup holds the WAL that it needs itself.',
  },
  {
    id: 'probackup-wal-reading',
    source: 'pg_probackup 2.5, src/parsexlog.c',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'pg_probackup stopped to read WAL there. What is said of the segment (absent, possible corruption) is the reason; the other threads end with it.',
    causes: [{ cause: 'Which segments the catalog has.', on: 'backup host', check: archive }],
  },
  {
    id: 'probackup-backup-corrupt',
    source: 'pg_probackup 2.5, src/validate.c and src/restore.c',
    matters: 5,
    elsewhere: true,
    means:
      'A backup in the catalog is damaged or not complete: a file of it is missing, or its size or checksum is another one. It cannot be restored, nor can the incremental backups that depend on it.',
    causes: [
      { cause: 'Which backups are affected (CORRUPT, ORPHAN, ERROR).', on: 'backup host', check: show },
      {
        cause: 'The storage of the catalog lost or changed files.',
        on: 'backup host',
        check: 'dmesg -T | grep -iE "i/o error|nvme|sd[a-z]" | tail; df -h <catalog>',
      },
    ],
    todo: 'Restore an older backup with status OK (-i <backup id>), and take a new full backup. Delete nothing before that.',
  },
  {
    id: 'probackup-orphan',
    source: 'pg_probackup 2.5, src/validate.c and src/restore.c',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'This incremental backup cannot be used, because one that it is built on is missing or damaged. When its parent is valid again, validate sets it to OK.',
    causes: [{ cause: 'The chain: the parent has the real fault.', on: 'backup host', check: show }],
  },
  {
    id: 'probackup-skips',
    source: 'pg_probackup 2.5, src/restore.c and src/validate.c',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'pg_probackup leaves a backup out that did not end well (status ERROR, RUNNING) or is in use, and takes an older one.',
    causes: [{ cause: 'Their states.', on: 'backup host', check: show }],
  },
  {
    id: 'probackup-no-backup-for-target',
    source: 'pg_probackup 2.5, src/restore.c, do_restore_or_validate',
    matters: 4,
    elsewhere: true,
    means:
      'No valid full backup in the catalog, with what builds on it, fits what was asked for: the id, the time, the LSN or the timeline.',
    causes: [
      {
        cause: 'The target is earlier than the end of the first valid backup, or on another timeline.',
        on: 'backup host',
        check: show,
      },
    ],
    todo: 'Give a target later than the "Recovery Time" of a backup with status OK, with its time zone, or -i <backup id>.',
  },
  {
    id: 'probackup-not-empty',
    source: 'pg_probackup 2.5, src/restore.c',
    matters: 4,
    elsewhere: true,
    means: 'The directory to restore into (-D) has files, so pg_probackup restores nothing and leaves them alone.',
    causes: [
      {
        cause: 'What is in it, and whether a server runs there.',
        on: 'standby',
        check: 'ls -la <data directory>; pg_ctl -D <data directory> status',
      },
    ],
    todo: 'Restore into an empty directory, or move this one aside. An older state of the same cluster can be brought forward with --incremental-mode=checksum (2.4 and later), while the server is stopped.',
  },
  {
    id: 'probackup-full-needed',
    source: 'pg_probackup 2.5, src/backup.c, do_backup_pg',
    matters: 4,
    elsewhere: true,
    means:
      'An incremental backup (DELTA, PAGE, PTRACK) needs a valid full backup on the timeline of this server or on one that it comes from, and there is none that can be used.',
    causes: [
      { cause: 'No full backup is there yet, or its status is not OK.', on: 'backup host', check: show },
      {
        cause: 'The server was promoted or restored since: the history of its timeline is not in the archive.',
        on: 'primary',
        check: `psql -c "SELECT timeline_id FROM pg_control_checkpoint()"; ${archive}`,
      },
    ],
    todo: 'Take one: pg_probackup backup -B <catalog> --instance=<instance> -b FULL.',
  },
  {
    id: 'probackup-other-cluster',
    source: 'pg_probackup 2.5, src/backup.c, check_system_identifiers',
    matters: 5,
    elsewhere: true,
    means:
      'The server that pg_probackup connected to, the data directory and the instance in its catalog are not of one cluster: their system identifiers differ.',
    causes: [
      {
        cause: 'Connection options (-h, -p) and -D lead to different servers.',
        on: 'backup host',
        check:
          'pg_controldata -D <data directory> | grep "system identifier"; psql -h <host> -p <port> -c "SELECT system_identifier FROM pg_control_system()"; pg_probackup show-config -B <catalog> --instance=<instance> | grep -E "system-identifier|pgdata|pghost|pgport"',
      },
      {
        cause: 'The cluster is a new one (initdb, pg_upgrade), and the instance in the catalog is of the old one.',
        on: 'backup host',
        check: show,
      },
    ],
    todo: 'A new cluster gets an instance of its own: pg_probackup add-instance -B <catalog> -D <data directory> --instance=<new name>.',
  },
  {
    id: 'probackup-version',
    source: 'pg_probackup 2.5, src/validate.c and src/restore.c',
    matters: 4,
    elsewhere: true,
    means:
      'This pg_probackup is not the one for that backup: it is older than the one that made it, or was built for another PostgreSQL.',
    causes: [
      {
        cause: 'There is one program for each major release (pg_probackup-16 and so on).',
        on: 'backup host',
        check: 'pg_probackup --version; ls /usr/bin/pg_probackup*',
      },
    ],
    todo: 'Install the same or a newer release here. On two hosts (--remote-host) both need it.',
  },
  {
    id: 'probackup-lock',
    source: 'pg_probackup 2.5, src/catalog.c, lock_backup',
    matters: 3,
    elsewhere: true,
    means: 'Another pg_probackup uses this backup (a backup, merge, validate or restore), so it cannot be locked.',
    causes: [
      {
        cause: 'What runs.',
        on: 'backup host',
        check: 'pgrep -af pg_probackup; ls <catalog>/backups/<instance>/*/backup.pid',
      },
    ],
    todo: 'Wait until it has ended. A lock file whose process is gone is taken over by itself.',
  },
  {
    id: 'probackup-course',
    source: 'pg_probackup 2.5',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'pg_probackup reports what it does. That line needs no attention.',
  },
];
