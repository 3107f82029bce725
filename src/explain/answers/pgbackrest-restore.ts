import type { Answer } from '../answer.ts';

/** What keeps pgBackRest from giving back a backup or a WAL file. */
export const answersAboutPgBackRestRestores: readonly Answer[] = [
  {
    id: 'pgbackrest-backup-file-missing',
    // the directory of a backup ends with its type: full, differential, incremental
    says: [
      "unable to open missing file '%sF/pg_data/%s' for read",
      "unable to open missing file '%sD/pg_data/%s' for read",
      "unable to open missing file '%sI/pg_data/%s' for read",
    ],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/storage/ (055 FileMissingError), src/command/restore/file.c',
    matters: 5,
    elsewhere: true,
    means:
      'A file of this backup is not in the repository any more, so it cannot be restored as a whole. What was restored so far must not be started.',
    causes: [
      {
        cause: 'The backup was expired while the restore ran: a backup that ended meanwhile removed it.',
        on: 'repository host',
        check: 'sudo -u pgbackrest pgbackrest --stanza=<stanza> info; ls -t /var/log/pgbackrest | head -5',
      },
      {
        cause:
          'Files were deleted in the repository by something else (a lifecycle rule, a clean-up job, rm), or the storage lost them.',
        on: 'repository host',
        check: 'sudo -u pgbackrest pgbackrest --stanza=<stanza> verify',
      },
    ],
    todo: 'Restore another backup (--set=<label>), and take a full backup as soon as possible.',
  },
  {
    id: 'pgbackrest-timeline',
    says: [
      '[058]: target timeline %s forked from backup timeline %s at %s which is before backup lsn of %s',
      'target timeline %s forked from backup timeline %s at %s which is before backup lsn of %s',
      '[058]: backup timeline %s, lsn %s is not in the history of target timeline %s',
      'backup timeline %s, lsn %s is not in the history of target timeline %s',
      'HINT: was the target timeline created by accidentally promoting a standby?',
      'HINT: was the target timeline created by promoting from a timeline < latest?',
    ],
    source: 'pgBackRest 2.55 and later, src/command/restore/timeline.c',
    matters: 5,
    elsewhere: true,
    means:
      'The newest timeline in the archive began before this backup ended, so recovery cannot get from the backup to it. Nothing has been restored.',
    causes: [
      {
        cause:
          'A standby or a test restore was promoted by accident and archived its .history file into this stanza; the real primary went on.',
        on: 'primary',
        check:
          'psql -c "SELECT timeline_id FROM pg_control_checkpoint()"; sudo -u postgres pgbackrest --stanza=<stanza> info; sudo -u postgres pgbackrest --stanza=<stanza> repo-ls archive/<stanza> --recurse --filter="history$"',
      },
      {
        cause:
          'The cluster was recovered to an earlier point, and the backup is from after that point on the old timeline.',
      },
    ],
    todo: 'Restore on the timeline of the backup: pgbackrest --stanza=<stanza> --target-timeline=current restore (or its number). For a standby: the timeline of its primary. Turn the archiving of test restores off.',
  },
  {
    id: 'pgbackrest-not-a-cluster',
    says: [
      "--delta or --force specified but unable to find 'PG_VERSION' or 'backup.manifest' in '%s' to confirm that this is a valid $PGDATA directory",
    ],
    source: 'pgBackRest, src/command/restore/restore.c, restorePathValidate',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'restore --delta (or --force) replaces files in a data directory, and {directory|this directory} does not look like one. pgBackRest restores as if the option were not given: into an empty directory only.',
    causes: [
      {
        cause: 'The directory is empty: this line is harmless, and a full restore follows.',
        on: 'standby',
        check: 'ls -la {directory|<data directory>}',
      },
      {
        cause: 'It has other files, and the restore ends with [040]: pg1-path is wrong, or something else lies there.',
        on: 'standby',
        check: 'grep -rn "^pg1-path" /etc/pgbackrest.conf /etc/pgbackrest/',
      },
    ],
  },
  {
    id: 'pgbackrest-selected-databases',
    says: [
      "database to include '%s' does not exist",
      "database to exclude '%s' does not exist",
      '[080]: %s',
      '[081]: %s',
    ],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/command/restore/restore.c (080 DbMissingError, 081 DbInvalidError)',
    matters: 4,
    elsewhere: true,
    means:
      'A database in --db-include or --db-exclude is not in this backup, or cannot be chosen. Nothing was restored.',
    causes: [
      {
        cause: 'The name is misspelled, or the database was created after this backup.',
        on: 'standby',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> --set=<backup> info',
      },
    ],
    todo: 'For a standby, restore without these options: it needs all databases.',
  },
  {
    id: 'pgbackrest-links',
    says: ['[069]: %s', '[070]: %s', '[076]: %s', '[078]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/command/restore/restore.c, src/info/manifest.c (069, 070 links, 076, 078 their maps)',
    matters: 4,
    elsewhere: true,
    means:
      'A symbolic link in the data directory (a tablespace, pg_wal, a configuration file) or the map for it is not as pgBackRest needs it. The message names it.',
    causes: [
      {
        cause:
          'A link leads into the data directory, two lead to the same place, or --tablespace-map, --link-map or --link-all do not fit the backup.',
        on: 'standby',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info; ls -l <data directory> <data directory>/pg_tblspc',
      },
    ],
  },
  {
    id: 'pgbackrest-no-backup',
    says: ['no backup set found to restore', 'backup set %s is not valid', '[075]: %s'],
    source: 'pgBackRest, src/command/restore/restore.c, restoreBackupSet (075 BackupSetInvalidError)',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest finds no backup that it could restore. Nothing has been written. The backups may exist: this host does not see them.',
    causes: [
      {
        cause:
          'This host reads another repository than the one with the backups: repo1-path, repo1-host, bucket, a volume that is not mounted, or another stanza.',
        on: 'standby',
        check: 'sudo -u postgres pgbackrest info',
      },
      {
        cause:
          'It cannot read backup.info there: another user, the connection to the repository, or another passphrase (repo1-cipher-pass). The WARN lines before say which.',
        on: 'standby',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info --log-level-console=detail',
      },
      { cause: 'There is no finished backup of this stanza yet, or none from before the recovery target (or --set).' },
    ],
    todo: 'Do not run stanza-create because a hint speaks of it before you know that the repository is the right one.',
  },
  {
    id: 'pgbackrest-get-timeout',
    says: [
      "[082]: unable to get WAL file '%s' from the archive asynchronously after %d second(s)",
      "unable to get WAL file '%s' from the archive asynchronously after %d second(s)",
    ],
    source: 'pgBackRest, src/command/archive/get/get.c (082 ArchiveTimeoutError)',
    matters: 5,
    elsewhere: true,
    means: 'Recovery asked pgBackRest for a WAL file, and its background process did not deliver it in time.',
    causes: [
      {
        cause:
          'The background process failed: its log has the error (repository not reached, rights, another version).',
        on: 'standby',
        check: 'tail -20 /var/log/pgbackrest/<stanza>-archive-get-async.log',
      },
      {
        cause: 'It cannot write to its spool or lock directory.',
        on: 'standby',
        check: 'ls -ld /var/spool/pgbackrest /tmp/pgbackrest; df -h /var/spool/pgbackrest',
      },
    ],
    todo: 'Recovery tries again by itself. archive-timeout gives it more time where the repository is only slow.',
  },
];
