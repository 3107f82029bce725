import type { Answer } from '../answer.ts';

/** Barman and WAL-G; `source` names the file that prints it. */
export const answersAboutArchives: readonly Answer[] = [
  {
    id: 'barman-check-failed',
    says: [
      'Impossible to start the backup. Check the log for more details, or run %s',
      'Impossible to start the backup',
    ],
    source: 'barman/server.py',
    standing: 'consequence',
    elsewhere: true,
    means: 'Barman refuses to begin a backup because one of its checks fails.',
    causes: [{ cause: 'The check says which.', on: 'client', check: 'barman check <server>' }],
  },
  {
    id: 'barman-wal-archive',
    says: ['WAL archive: FAILED (please make sure WAL shipping is setup)', 'WAL archive: FAILED'],
    source: 'barman/server.py',
    matters: 5,
    elsewhere: true,
    means: 'Barman has not received a complete WAL segment of this server yet.',
    causes: [
      {
        cause: 'The server is new or idle: switch a segment.',
        on: 'client',
        check: 'barman switch-wal --force --archive <server>',
      },
      {
        cause: 'WAL shipping does not work: archive_command, or receive-wal (streaming_archiver) with its slot.',
        on: 'primary',
        check: 'psql -c "SELECT * FROM pg_stat_archiver" -c "SELECT slot_name, active FROM pg_replication_slots"',
      },
    ],
  },
  {
    id: 'barman-slot',
    says: [
      "replication slot: FAILED (replication slot '%s' doesn't exist. %s)",
      'replication slot: FAILED',
      'receive-wal running: FAILED',
      "replication slot: FAILED (slot '%s' not initialised: %s)",
    ],
    source: 'barman/server.py',
    matters: 5,
    elsewhere: true,
    means: "Barman's replication slot or its receive-wal process is missing.",
    causes: [
      {
        cause: 'The slot was not created (or is gone after a failover), or barman cron does not run.',
        on: 'client',
        check: 'barman receive-wal --create-slot <server>; barman cron',
      },
    ],
  },
  {
    id: 'wal-archive-not-empty',
    says: ['WAL archive check failed for server %s: Expected empty archive', 'Expected empty archive'],
    source: 'barman cloud, barman/cloud.py; CloudNativePG',
    matters: 5,
    elsewhere: true,
    means:
      'The archive in the object store already has WAL of another cluster under the same path, and a new cluster must not mix its WAL with it.',
    causes: [
      {
        cause: 'The cluster was made anew (or restored) with the same destinationPath and serverName.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A8 barmanObjectStore',
      },
    ],
    todo: 'Give the new cluster another serverName or path. Keep the old archive as long as its backups are needed.',
  },
  {
    id: 'wal-g',
    says: [
      "Archive '%s' does not exist",
      "Archive '%s' does not exist.",
      'No backups found',
      'Failed to fetch backup: %s',
    ],
    source: 'wal-g, internal/ (ArchiveNonExistenceError)',
    standing: 'consequence',
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
];
