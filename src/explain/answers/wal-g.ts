import type { Answer } from '../answer.ts';

/** WAL-G. Its errors stand behind "ERROR: <date> <time>". */
export const answersAboutWalG: readonly Answer[] = [
  {
    id: 'walg-page-header',
    says: ['Invalid page header encountered: blockNo %d, path %s', 'Invalid page header encountered: blockNo'],
    source: 'wal-g, internal/databases/postgres/page_checksum.go, isPageCorrupted',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'WAL-G read a page whose header made no sense. The backup goes on. During a backup, most often of a standby, a page that is being written looks like that, and the WAL repairs it at a restore.',
    causes: [
      {
        cause: 'The same blocks at every backup: the page may be damaged.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_relation_filepath(oid), relname FROM pg_class WHERE relfilenode = <number in the path>"',
      },
    ],
    todo: 'If it repeats for the same blocks, check the relation (amcheck; pg_checksums with the server stopped) and restore the backup on a test machine.',
  },
  {
    id: 'wal-g-stop-backup',
    says: ['INFO: %s Calling pg_stop_backup()'],
    among: /Calling pg_stop_backup\(\)(?![^]*\bINFO: )/u,
    source: 'wal-g, internal/databases/postgres/query_runner.go, StopBackup',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'WAL-G has copied the files and asks the server to end the backup. If nothing follows for long, the server waits until the WAL of the backup is archived.',
    causes: [
      {
        cause: 'On a primary: archive_command fails or is slow.',
        on: 'primary',
        check:
          'psql -c "SELECT archived_count, failed_count, last_failed_wal FROM pg_stat_archiver" -c "SHOW archive_command"',
      },
      {
        cause:
          'On a standby: with archive_mode = always its own archive_command must bring the WAL away, and an empty one does not; and the segment must be complete, which a quiet primary does only at a switch.',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()"',
      },
    ],
  },
  {
    id: 'wal-g-prefetch',
    says: ['WAL-prefetch failed: %s'],
    source: 'wal-g, internal/databases/postgres (prefetch)',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'WAL-G could not fetch the next segments in advance. Recovery does not depend on it: each segment is fetched again when it is asked for.',
    causes: [
      {
        cause:
          '"no such file or directory" or "executable file not found": WAL-G starts itself for this and was called by its name alone. Write its whole path in restore_command.',
        on: 'standby',
        check: 'psql -c "SHOW restore_command"; sudo -u postgres sh -c \'command -v wal-g; echo $PATH\'',
      },
      { cause: 'The segment is not in the archive yet: normal at the end of the archived WAL.' },
    ],
  },
  {
    id: 'wal-g',
    says: ["Archive '%s' does not exist", "Archive '%s' does not exist."],
    source: 'wal-g, internal/ (ArchiveNonExistenceError)',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'WAL-G did not find a file in the archive. At the end of recovery and for .history files that is normal.',
    causes: [
      {
        cause:
          'If recovery stops here: the prefix (WALG_S3_PREFIX and the like) or credentials differ from those of the archiving server, or the segment was never pushed.',
        on: 'standby',
        check: 'wal-g wal-show',
      },
    ],
  },
  {
    id: 'wal-g-prefetched-file',
    says: [
      'Prefetched file contain errors',
      'WAL-G: WAL file magic is invalid',
      'WAL-G: Prefetch error: wrong file size of prefetched file %d',
    ],
    source: 'wal-g, internal/databases/postgres/wal_fetch_handler.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'WAL-G had fetched this segment in advance and found that its copy is not a whole WAL segment. It discards the copy and fetches the segment again, so once is harmless.',
    causes: [
      {
        cause:
          'If it comes for the same segment again: the copy in the archive is incomplete, or the cluster has another wal_segment_size than 16 MB.',
        on: 'standby',
        check: 'wal-g wal-fetch <segment> /tmp/<segment> && ls -l /tmp/<segment>',
      },
      {
        cause: 'The disk of pg_wal is full, so the prefetched file was cut off.',
        on: 'standby',
        check: 'df -h <data directory>/pg_wal',
      },
    ],
  },
  {
    id: 'wal-g-connection',
    says: [
      'Connect: postgres connection failed',
      'Failed to connect using provided PGHOST and PGPORT, trying localhost:5432',
      'Connect: unable to read environment variables',
      'Failed to establish a connection to Postgres cluster %s',
    ],
    source: 'wal-g, internal/databases/postgres/connect.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'WAL-G could not log in to the server that it is to back up. It reads PGHOST, PGPORT, PGUSER and PGPASSWORD from its environment; the text before or behind this has the reason.',
    causes: [
      {
        cause: 'PGHOST is not set, or names another directory than that of the socket (/var/run/postgresql, /tmp).',
        on: 'primary',
        check: 'psql -c "SHOW unix_socket_directories"; env | grep ^PG | cut -d= -f1',
      },
      {
        cause:
          'It does not run as the operating system user that peer authentication expects (postgres), or cron gives it no environment.',
      },
    ],
  },
  {
    id: 'wal-g-no-backup',
    says: ['No backups found', 'no backups found for fetching'],
    among: /wal[-_][ge]|WALG|spilo|backup-(?:list|fetch)|\d{4}\/\d\d\/\d\d \d\d:/u,
    source: 'wal-g, internal/backup_selector.go',
    matters: 4,
    elsewhere: true,
    means:
      'WAL-G finds no base backup under its prefix. Either there is none yet, or this host looks in another place than the backups were written to.',
    causes: [
      {
        cause:
          'The prefix, endpoint or credentials differ from those of the server that pushes the backups. In Spilo the prefix contains the cluster, its UID and the major release (WAL_BUCKET_SCOPE_SUFFIX).',
        on: 'standby',
        check: 'envdir /run/etc/wal-e.d/env wal-g backup-list',
      },
      { cause: 'No backup-push has finished yet. A replica can then be copied from the leader instead.' },
    ],
  },
  {
    id: 'wal-g-tablespace-link',
    says: ['Error creating tablespace symkink %s', 'Error creating tablespace symlink %s', 'symlink %s: file exists'],
    among: /pg_tblspc/u,
    source: 'wal-g, internal/databases/postgres/tablespace_spec.go',
    matters: 5,
    elsewhere: true,
    means:
      'wal-g was to make the link of a tablespace in pg_tblspc, and there is one already: the target directory was not empty, or an incremental backup made its link twice (an error of old releases).',
    causes: [
      {
        cause: 'An earlier fetch left its files in the data directory or in the directory of the tablespace.',
        on: 'standby',
        check: 'ls -la <data directory>/pg_tblspc; wal-g --version',
      },
    ],
    todo: 'Move aside what is in the data directory and in the directories of its tablespaces (they must not belong to a running server), then fetch again with the newest release, or fetch the full backup by its name.',
  },
  {
    id: 'wal-g-fetch-failed',
    says: ['Failed to fetch backup: %s', 'Expect pg_control archive, but not found'],
    source: 'wal-g, internal/databases/postgres/backup_fetch_handler.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means: 'wal-g backup-fetch stopped: the content of the target directory is not complete and must not be started.',
    causes: [
      {
        cause:
          'The text behind it, or the lines before it, name the file or the reason (connection, disk, permission).',
        on: 'standby',
        check: 'df -h <data directory>; wal-g backup-list --detail',
      },
      { cause: 'The backup in the store is itself not complete: "pg_control" is uploaded last.' },
    ],
    todo: 'Empty the target directory (nothing else may be in it) and fetch again, or fetch an older backup by its name.',
  },
  {
    id: 'wal-g-target-not-empty',
    says: ['Directory %s for delta base must be empty'],
    source: 'wal-g, internal/databases/postgres/backup_fetch_handler.go (NonEmptyDBDataDirectoryError)',
    matters: 5,
    elsewhere: true,
    means:
      'wal-g backup-fetch writes into an empty directory only, and there are files in the target. Nothing was changed.',
    causes: [
      {
        cause: 'A data directory of before, or one that initdb of the package or image made, is still there.',
        on: 'standby',
        check: 'ls -la <data directory>',
      },
    ],
    todo: 'Make sure that no server runs on it and that nothing in it is needed, move it aside, make an empty one with mode 0700, and fetch again.',
  },
  {
    id: 'wal-g-overwrite',
    says: ["WAL file '%s' already archived, contents differ, unable to overwrite"],
    source: 'wal-g, internal/databases/postgres/wal_push_handler.go (WALG_PREVENT_WAL_OVERWRITE)',
    matters: 5,
    elsewhere: true,
    means:
      'The archive has another file under this name. Two servers archive under the same prefix, or the history of this server was begun again. WAL-G does not overwrite it, and this server keeps its WAL until that is settled.',
    causes: [
      {
        cause:
          'A restored copy, a promoted standby or a test server archives to the prefix of the original. Give it its own.',
        on: 'primary',
        check: 'psql -Atc "SELECT system_identifier FROM pg_control_system()"; wal-g wal-show',
      },
      { cause: 'After a failover both old and new primary wrote the same .history file.' },
    ],
    todo: 'Do not turn off the check (WALG_PREVENT_WAL_OVERWRITE): the archive of the original would become useless.',
  },
  {
    id: 'wal-g-data-directory',
    says: [
      "Data directory from command line '%s' is not the same as Postgres' one '%s'",
      'It looks like you are trying to backup not pg_data. PgControl file not found: %s',
      'It looks like you are trying to backup not pg_data. PG_VERSION file not found: %s',
    ],
    source: 'wal-g, internal/databases/postgres/backup_push_handler.go',
    matters: 5,
    elsewhere: true,
    means:
      'wal-g backup-push was given another directory than that of the server it is connected to, and makes no backup.',
    causes: [
      {
        cause: 'The path on the command line is wrong, or PGHOST/PGPORT lead to another server on this host.',
        on: 'primary',
        check: 'psql -Atc "SHOW data_directory"',
      },
    ],
  },
  {
    id: 'wal-g-backup-broken',
    says: [
      'Cannot finish backup because of changed timeline.',
      "Uploading failed during '%s' backup.",
      'Finish LSN of backup %s greater than current LSN',
      'Current database and database of base backup are not equal.',
      'Finished backup termination, will now exit',
    ],
    source: 'wal-g, internal/databases/postgres/backup_push_handler.go',
    matters: 4,
    elsewhere: true,
    means: 'The base backup of WAL-G was not finished and cannot be used.',
    causes: [
      { cause: 'Changed timeline: the server was promoted while the backup ran. Start it again.' },
      {
        cause:
          'Finish LSN or database differ: the previous backup under this prefix is of another server or of a history that was given up. Make a full backup (backup-push --full), or use a prefix of its own.',
        on: 'primary',
        check: 'wal-g backup-list --detail',
      },
      { cause: 'Uploading failed: the lines before have the error of the object store.' },
    ],
  },
  {
    id: 'wal-g-arguments',
    says: ["Failed get backup by name: Backup '%s' does not exist.", "Backup 'pg_wal/RECOVERYXLOG' does not exist."],
    source: 'wal-g, internal/backup.go',
    matters: 5,
    elsewhere: true,
    means:
      'restore_command calls wal-g backup-fetch, which fetches base backups: it must call wal-g wal-fetch. Recovery then finds no WAL in the archive and stops at the end of what is in pg_wal.',
    causes: [
      {
        cause: 'restore_command has the wrong subcommand or its arguments in the wrong order.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
    ],
    todo: 'Set restore_command = \'wal-g wal-fetch "%f" "%p"\'. A server that has already been opened at the wrong point must be restored again.',
  },
  {
    id: 'wal-e-crash',
    says: ['An unprocessed exception has avoided all error handling'],
    source: 'wal-e, wal_e/cmd.py',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'WAL-E ended with an error of its own; the last line of the traceback below it is the reason. Most often the store could not be reached or refused the credentials.',
    causes: [
      {
        cause:
          'The store needs what WAL-E does not offer (a newer signature, another endpoint): WAL-E is no longer maintained, use WAL-G. In Spilo: USE_WALG_BACKUP and USE_WALG_RESTORE, for clones CLONE_USE_WALG_RESTORE.',
        on: 'standby',
        check: 'envdir /run/etc/wal-e.d/env wal-g backup-list',
      },
      { cause: 'Credentials, prefix or endpoint are missing in the environment that the command runs with.' },
    ],
  },
];
