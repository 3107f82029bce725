import type { Answer } from '../answer.ts';

const summaries =
  'psql -c "SHOW summarize_wal" -c "SHOW wal_summary_keep_time" -c "SELECT * FROM pg_available_wal_summaries() ORDER BY end_lsn DESC LIMIT 3"';

const chain = 'grep -HE "START WAL|INCREMENTAL FROM" <full backup>/backup_label <incremental backup>/backup_label';

/** Backups that build on one another (17 and later), and the check of a backup. */
export const answersAboutIncrementalBackups: readonly Answer[] = [
  {
    of: ['bb-summarization-off'],
    means:
      'An incremental backup was requested, and the server does not record which blocks change: summarize_wal is off.',
    causes: [
      {
        cause:
          'It was never switched on, or only on the other server: a standby from which backups are taken needs it, too.',
        on: 'primary',
        check: 'psql -c "SHOW summarize_wal" -c "SHOW wal_level" -c "SELECT pg_is_in_recovery()"',
        rule: 'primary/wal-summaries-off',
      },
    ],
    todo: 'On that server: ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf(); (no restart; wal_level must not be minimal). Then take a full backup: an older one cannot be the base.',
  },
  {
    of: ['bb-summaries-none', 'bb-summaries-incomplete'],
    means:
      'The server does not know all the blocks that changed since the previous backup: WAL summaries from {lsn} to {lsn2} on timeline {timeline} are needed, and some are not there. This incremental backup cannot be made.',
    causes: [
      {
        cause: 'The previous backup is older than wal_summary_keep_time (10 days), and its summaries were removed.',
        on: 'primary',
        check: summaries,
        rule: 'primary/wal-summaries-off',
      },
      { cause: 'summarize_wal was off when that backup was made, or for a while since.' },
      {
        cause:
          'The previous backup was made on another server (a standby, the old primary): each one has only its own summaries.',
      },
      {
        cause: 'The summarizer has not reached this position yet, or does not advance.',
        on: 'primary',
        check: 'psql -c "SELECT * FROM pg_get_wal_summarizer_state()"',
      },
    ],
    todo: 'Take a full backup. For the next ones keep summarize_wal on, and wal_summary_keep_time longer than the time between two backups.',
  },
  {
    of: ['bb-manifest-timeline'],
    means:
      'The previous backup was made on timeline {timeline}, which is not in the history of this server: it is another branch or another cluster.',
    causes: [
      {
        cause: 'A failover happened, and the backup is of the branch that was abandoned.',
        on: 'primary',
        check:
          'psql -c "SELECT system_identifier FROM pg_control_system()" -c "SELECT timeline_id FROM pg_control_checkpoint()"; ls <data directory>/pg_wal/*.history',
      },
      {
        cause: 'The manifest is of another server.',
        on: 'client',
        check: 'grep -m1 System-Identifier <backup>/backup_manifest; grep -A1 WAL-Ranges <backup>/backup_manifest',
      },
    ],
    todo: 'Take a full backup of this server: pg_basebackup -h <primary> -U <role> -D <directory> -X stream -c fast',
  },
  {
    of: ['bb-manifest-final-timeline'],
    means:
      'The previous backup ends at {lsn}, and this one would begin before that, at {lsn2}: a standby begins at its last restartpoint, and there was none since.',
    causes: [
      {
        cause: 'The backup is made on a standby, and little was written since the previous one.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()" -c "SELECT redo_lsn, checkpoint_time FROM pg_control_checkpoint()"',
      },
      { cause: 'The manifest is of a backup of the primary, and this standby is behind it.' },
    ],
    todo: 'Run CHECKPOINT; on the primary, wait until the standby has replayed it, run CHECKPOINT; on the standby (that makes the restartpoint), and take the backup again.',
  },
  {
    of: ['bb-unrecognized-option'],
    means:
      'The server does not know the option "{option}" of BASE_BACKUP: the program that asks is of a newer release, or is not pg_basebackup.',
    causes: [
      {
        cause: 'The releases differ.',
        on: 'client',
        check: 'pg_basebackup --version; psql "host=<primary> user=<role> replication=true" -Atc "SHOW server_version"',
        rule: 'command/option-not-supported',
      },
      { cause: 'The server is a fork or a proxy that knows a part of the protocol only.' },
    ],
    todo: 'Use the program of the release of the server (/usr/lib/postgresql/<release>/bin), or leave the option out.',
  },
  {
    of: ['incremental-not-data-directory'],
    means:
      'The server was started on an incremental backup. It holds only the blocks that changed, and is not a data directory by itself.',
    causes: [
      {
        cause: 'pg_combinebackup was left out, or -D names the backup instead of its result.',
        on: 'standby',
        check: 'grep -E "START WAL|INCREMENTAL FROM" <data directory>/backup_label',
        rule: 'standby/incomplete-backup',
      },
    ],
    todo: 'Combine the whole chain into a new directory, oldest first: pg_combinebackup <full backup> <incremental backup> … -o <new directory>. Start the server on that one. For a standby put standby.signal and primary_conninfo into it first.',
  },
  {
    of: ['combine-incremental-first', 'combine-start-lsn', 'combine-full-later', 'combine-start-timeline'],
    means:
      'The backups on the command line are not one chain: {value|one of them} does not follow on the one before it.',
    causes: [
      {
        cause: 'The order is wrong. The full backup comes first, then each incremental one, oldest first.',
        on: 'client',
        check: chain,
      },
      {
        cause:
          'One of the chain is missing, or belongs to another full backup. "INCREMENTAL FROM LSN" of each must be "START WAL LOCATION" of the one before.',
      },
    ],
    todo: 'Name all of them in that order. Without the missing one, only the backups before the gap can be used.',
  },
  {
    of: ['combine-tblspc-mapping'],
    means:
      'The backup has a tablespace in {tablespace}, and pg_combinebackup does not know where to write its combined content. Nothing was written there.',
    causes: [
      {
        cause: 'Which tablespaces there are.',
        on: 'client',
        check: 'ls -l <incremental backup>/pg_tblspc',
      },
    ],
    todo: 'Add -T {tablespace}=<new directory> for each of them, with the path of the last backup. The new directory must be empty or not exist.',
  },
  {
    of: ['verify-wal-failed'],
    means:
      'The files of the backup may be whole. The WAL that it needs to become consistent (timeline {timeline}) cannot be read from its pg_wal.',
    causes: [
      {
        cause: 'The WAL is not in the backup: it was taken with -X none, or it is in the archive.',
        on: 'client',
        check: 'ls -l <backup>/pg_wal; tail -3 <backup>/backup_manifest',
      },
      { cause: 'The server was started on this backup: it removes WAL that it has replayed.' },
      {
        cause: 'pg_waldump is missing or of another release: it must be in the directory of pg_verifybackup.',
        on: 'client',
        check: 'pg_verifybackup --version; pg_waldump --version',
      },
      { cause: 'A segment is damaged. The lines before, from pg_waldump, name it.' },
    ],
    todo: 'If the WAL is elsewhere: pg_verifybackup -w <directory with the WAL> <backup>. -n checks the files alone. Take the next backup with -X stream.',
  },
  {
    of: ['verify-short-read'],
    means:
      'The file {file} of the backup has {number2} bytes where its manifest says {number}. The backup is damaged and must not be used.',
    causes: [
      {
        cause: 'It was cut off when the backup was moved or unpacked (a full disk, an interrupted copy).',
        on: 'client',
        check: 'ls -l <backup>/{file}; df -h <backup>',
      },
      { cause: 'A server was started on it: it is no longer the backup that was made.' },
    ],
    todo: 'Copy it again from where it was made, or take a new backup, and check it with pg_verifybackup <backup> before it is needed.',
  },
  {
    of: ['verify-manifest-ended'],
    means:
      'backup_manifest is cut off. pg_basebackup writes it last, so the backup did not end properly, or the file was not copied whole.',
    causes: [
      {
        cause: 'The disk was full or the copy was interrupted. A whole one ends with "Manifest-Checksum".',
        on: 'client',
        check: 'tail -c 120 <backup>/backup_manifest; df -h <backup>',
        rule: 'standby/incomplete-backup',
      },
    ],
    todo: 'Take a new backup into an empty directory: pg_basebackup -h <primary> -U <role> -D <directory> -X stream -c fast, and check it with pg_verifybackup <directory>.',
  },
];
