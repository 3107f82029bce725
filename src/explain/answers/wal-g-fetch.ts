import type { Answer } from '../answer.ts';

/** What WAL-G and WAL-E meet when they fetch. */
export const answersAboutWalGFetches: readonly Answer[] = [
  {
    of: ['recovery-in-progress'],
    tool: 'wal-g',
    matters: 5,
    means:
      'A backup was begun on a standby with a function that only a primary has: an exclusive backup (pg_start_backup) is not possible during recovery.',
    causes: [
      {
        cause: 'WAL-E makes exclusive backups only: run it on the primary. They are gone from PostgreSQL 15 on.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SHOW server_version"',
      },
      {
        cause: 'An old WAL-G: newer ones back up a standby, too (a backup mode of its own session).',
        on: 'standby',
        check: 'wal-g --version',
      },
    ],
    todo: 'Back up the primary, or use a tool that backs up standbys (WAL-G, pgBackRest with backup-standby, pg_basebackup).',
  },
  {
    id: 'wal-g-base-backup',
    says: ['github.com/jackc/pglogrepl.getBaseBackupInfo', 'unexpected response: &{%s replication_yyerror%s'],
    source: 'WAL-G, internal/databases/postgres, by jackc/pglogrepl, getBaseBackupInfo',
    matters: 5,
    elsewhere: true,
    means:
      'WAL-G asked for a base backup over the replication protocol, and the server did not understand the command: from PostgreSQL 15 on, BASE_BACKUP is written in another way.',
    causes: [
      {
        cause: 'This WAL-G is older than the server. A newer release knows the new form.',
        on: 'primary',
        check: 'wal-g --version; psql -c "SHOW server_version"',
      },
      {
        cause:
          'backup-push without a directory takes this way. With the data directory, WAL-G reads the files itself, on the host of the server.',
        on: 'primary',
        check: 'psql -Atc "SHOW data_directory"',
      },
    ],
    todo: 'Install the newest WAL-G, or run wal-g backup-push <data directory> on the host of the server.',
  },

  {
    id: 'wal-e-scheme',
    says: [
      'bad S3, Windows Azure Blob Storage, OpenStack Swift, Google Cloud Storage or File URL scheme passed',
      'The scheme %s was passed when "s3", "wabs", "swift", "gs", or "file" was expected.',
      'The scheme was passed when "s3", "wabs", "swift", "gs", or "file" was expected.',
    ],
    source: 'wal-e, wal_e/storage/storage.py',
    matters: 5,
    elsewhere: true,
    means:
      'The prefix that WAL-E was given is not a valid address: it must begin with s3://, wabs://, swift://, gs:// or file://.',
    causes: [
      {
        cause: 'WALE_S3_PREFIX (or the variable of another store) has the name of the bucket only, or is empty.',
        on: 'primary',
        check: 'envdir <directory of the environment> env | grep -E "_PREFIX="',
      },
    ],
    todo: 'Write it as s3://<bucket>/<path>. archive_command is run again by itself.',
  },
  {
    id: 'wal-e-live-directory',
    says: ['attempting to overwrite a live data directory', 'Found a postmaster.pid lockfile, and aborting'],
    source: 'wal-e, wal_e/operator/backup.py, database_fetch; wal-g prints the same words',
    matters: 5,
    elsewhere: true,
    means:
      'backup-fetch found postmaster.pid in the directory that it was to fill: a server runs there, or did until it was killed. It has written nothing.',
    causes: [
      {
        cause: 'A server runs on it. In a container it is the main process: with it the container ends.',
        on: 'server',
        check: 'head -1 <data directory>/postmaster.pid; ps aux | grep "[p]ostgres -D"',
      },
      { cause: 'The file was left behind by a crash, or came with a copy of the directory.' },
    ],
    todo: 'Fetch into an empty directory, and start the server on that one: in Docker from a second container with the same volumes and another command (docker run … wal-e backup-fetch …), while the first is stopped.',
  },
  {
    id: 'wal-g-copy-cut',
    says: [
      'Interpret: copy failed',
      'extractOne: Interpret failed',
      'DecryptAndDecompressTar: %s decompress failed. Is archive encrypted?',
      'DecompressLz4: lz4 write failed',
    ],
    source: 'wal-g, internal/databases/postgres/tar_interpreter.go, internal/extract.go',
    matters: 4,
    elsewhere: true,
    means:
      'wal-g backup-fetch did not get a part of the backup to its end. The target is incomplete: do not start a server on it.',
    causes: [
      {
        cause:
          'unexpected EOF: the connection to the object store broke off, or the object there is cut off. Once is a broken connection; always the same part is a damaged backup.',
        on: 'standby',
        check: 'wal-g backup-list --detail; wal-g --version',
      },
      { cause: 'The disk of the target filled up.', on: 'standby', check: 'df -h <data directory>' },
      {
        cause: 'decompress failed: the backup is encrypted, and the key of this host is missing or another one.',
        on: 'standby',
        check: 'sudo -u postgres env | grep -E "^WALG_(PGP|LIBSODIUM|CSE)" | cut -d= -f1',
      },
    ],
    todo: 'Move the incomplete directory aside and fetch again into an empty one (WALG_DOWNLOAD_CONCURRENCY=1 helps on a weak link). If the same part fails again, use the backup before it.',
  },
  {
    id: 'wal-g-old-metadata',
    says: [
      'Could not fetch any files metadata. Do you restore old or WAL-E backup? err: %s',
      'Could not fetch any files metadata.',
    ],
    source: 'wal-g, internal/databases/postgres/backup.go',
    kind: 'consequence',
    matters: 1,
    elsewhere: true,
    means:
      'The backup was made by WAL-E or an older WAL-G, which did not record its files one by one. The restore goes on without that list: this is harmless.',
  },
  {
    id: 'wal-g-extract',
    says: [
      'Interpret: failed to create all directories in %s',
      'Interpret: failed to create all directories',
      'Interpret: chmod failed',
      'Interpret: failed to create symlink %s',
      'Interpret: failed to create hardlink %s',
      "Interpret: failed to apply increment for '%s'",
      "failed to create new file: '%s'",
    ],
    tool: 'wal-g',
    source: 'wal-g, internal/databases/postgres/tar_interpreter.go',
    matters: 4,
    elsewhere: true,
    means:
      'wal-g backup-fetch could not write a file or directory of the backup into its target. The target is incomplete: do not start a server on it.',
    causes: [
      {
        cause:
          'Permission denied: it does not run as the owner of the directory, or the volume belongs to another user id.',
        on: 'standby',
        check: 'id -un; ls -ldn <data directory>',
      },
      { cause: 'No space left on device.', on: 'standby', check: 'df -h <data directory>' },
      {
        cause:
          'apply increment: the base of this delta backup in the target is another one, or the target was not empty.',
      },
    ],
    todo: 'Remove the reason, move the incomplete directory aside, and fetch again into an empty one as the user postgres.',
  },
  {
    id: 'wal-g-other-database',
    says: ['unknown flavor: PostgreSQL %s', 'unknown flavor: %s'],
    among: /wal-g|greenplum|storages/iu,
    source: 'WAL-G, internal/databases/greenplum/',
    matters: 5,
    elsewhere: true,
    means: 'This wal-g was built for Greenplum, and the server that it connects to is PostgreSQL.',
    causes: [
      {
        cause: 'The wrong file of the release was installed: wal-g-gp-… is for Greenplum, wal-g-pg-… for PostgreSQL.',
        on: 'server',
        check: 'wal-g --version; ls -l "$(command -v wal-g)"',
      },
    ],
    todo: 'Install wal-g-pg-<system> of the same release in its place.',
  },
  {
    id: 'wal-g-no-storage',
    says: [
      'Failed to find any configured storage',
      'Required variable %s is not set. You can set is using --%s flag or variable %s',
    ],
    source: 'WAL-G, AssertRequiredSettingsSet',
    matters: 5,
    elsewhere: true,
    means:
      'WAL-G was started without its settings: it has no prefix of a storage (WALG_S3_PREFIX, WALG_FILE_PREFIX, …), and has asked none. The network and the passwords have nothing to do with it.',
    causes: [
      {
        cause:
          'archive_command and restore_command run in the environment of the server: what a shell or a profile exports is not there.',
        on: 'server',
        check:
          'psql -c "SHOW archive_command" -c "SHOW restore_command"; sudo -u postgres env | grep -E "^(WALG|AWS|PG)" | cut -d= -f1',
      },
      {
        cause:
          'The file of its settings (~/.walg.json, --config, an envdir) is elsewhere, or this user may not read it.',
        on: 'server',
        check: 'sudo -u postgres namei -l <file of the settings>',
      },
    ],
    todo: 'Name the file in the command itself: wal-g --config <file> wal-push %p.',
  },
];
