import type { Answer } from '../answer.ts';

/** What WAL-G reports, by what it is about. */
export const linesOfWalG: readonly Answer[] = [
  {
    id: 'wal-g-wrong-server',
    source: 'WAL-G 3.0, internal/databases/postgres/backup_push_handler.go, handleBackupPushLocal',
    matters: 4,
    elsewhere: true,
    means:
      'backup-push was given a data directory, and the server that it connected to has another one. Nothing was uploaded.',
    causes: [
      {
        cause: "PGHOST and PGPORT lead to another server, or the path is a container's.",
        on: 'primary',
        check: 'env | grep -E "^PG(HOST|PORT|DATA)="; psql -c "SHOW data_directory"',
      },
    ],
  },
  {
    id: 'wal-g-backup-lock',
    source: 'WAL-G 3.0, internal/databases/postgres/backup_push_handler.go, startBackup',
    matters: 3,
    elsewhere: true,
    means:
      'Another backup-push runs on this server and holds the lock; with concurrent backups off, WAL-G ends that one.',
    causes: [{ cause: 'What runs.', on: 'primary', check: 'pgrep -af "wal-g .*backup-push"' }],
    todo: 'Schedule them so that one has ended before the next begins.',
  },
  {
    id: 'wal-g-upload-fails',
    source: 'WAL-G 3.0, internal/databases/postgres/backup_push_handler.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'Files of the backup could not be uploaded, so that it is not complete. The error of the object store is in the lines before.',
    causes: [
      {
        cause: 'Credentials, prefix, room or the network.',
        on: 'primary',
        check: 'wal-g st check write; env | grep -E "^(WALG|AWS|GOOGLE|AZURE)" | cut -d= -f1',
      },
    ],
  },
  {
    id: 'wal-g-delta-map',
    source: 'WAL-G 3.0, internal/databases/postgres/backup_push_handler.go, handleDeltaBackup',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'The list of changed blocks (WALG_USE_WAL_DELTA) is not complete, so that WAL-G reads all files for this delta backup. It only takes longer.',
  },
  {
    id: 'wal-g-remote-backup',
    source: 'WAL-G 3.0, internal/databases/postgres/backup_push_handler.go, handleBackupPushRemote',
    matters: 3,
    elsewhere: true,
    means:
      'backup-push was called without a data directory: it then copies over a replication connection, which makes full backups only.',
    todo: 'For delta backups run it on the database host with the directory: wal-g backup-push <data directory>.',
  },
  {
    id: 'wal-g-course',
    source: 'WAL-G 3.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'WAL-G reports what it does. That line needs no attention.',
  },
];
