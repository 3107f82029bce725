import type { Answer } from '../answer.ts';

/** What a server says of its own parts: WAL images, prepared transactions, semaphores, the archiver's module. */
export const answersAboutServerInternals: readonly Answer[] = [
  {
    id: 'no-database-in-walsender',
    says: ['cannot read pg_class without having selected a database'],
    source: 'PostgreSQL, src/backend/utils/cache/relcache.c, ScanPgRelation',
    matters: 5,
    means:
      'A replication connection has no database, and something in the server wanted to read the tables of one when it began: a library in shared_preload_libraries does that, not PostgreSQL itself.',
    causes: [
      {
        cause:
          'An extension that is preloaded runs its code in replication connections, too: a fault in that release of it.',
        on: 'primary',
        check: 'psql -c "SHOW shared_preload_libraries" -c "SHOW session_preload_libraries"',
      },
    ],
    todo: 'Update the extension. To find out which one it is: take them out of shared_preload_libraries one by one (each time a restart) and run the base backup again.',
  },
  {
    id: 'relation-by-oid',
    says: ['could not open relation with OID %u'],
    among: /FATAL|ERROR|recovery|standby|replica|postgres/u,
    source: 'PostgreSQL, src/backend/access/common/relation.c',
    matters: 4,
    means:
      'A session looked for a table or index by its number (OID) and the catalog of this database does not have it.',
    causes: [
      {
        cause:
          'It was dropped or rebuilt at that moment (a temporary table, REINDEX CONCURRENTLY): run the statement again.',
      },
      {
        cause:
          'At every login, or for a small OID: the catalog is not that of this server. The data directory was made or upgraded from a fork (BDR, EDB, Greenplum) or another release, or the copy is not consistent.',
        on: 'standby',
        check: 'cat <data directory>/PG_VERSION; postgres --version; pg_controldata <data directory> | grep -i catalog',
      },
    ],
    todo: 'If only a standby has it, and it stays: make a new base backup of the standby.',
  },
  {
    id: 'wal-image-unreadable',
    of: ['restore-image-unknown-method', 'could-not-decompress-image', 'restore-image-compression'],
    says: [
      'could not restore image at %X/%X with invalid state, block %d',
      'could not restore image at %X/%X with invalid block %d specified',
      'could not locate backup block with ID %d in WAL record',
    ],
    source: 'PostgreSQL, src/backend/access/transam/xlogreader.c, RestoreBlockImage',
    matters: 5,
    means: 'Replay cannot unpack a page that is in the WAL (position {lsn|in the message}).',
    causes: [
      {
        cause:
          'The primary compresses with lz4 or zstd (wal_compression), and this server was built without that library.',
        on: 'standby',
        check: 'pg_config --configure | grep -oE "with-(lz4|zstd)"; psql -h <primary> -c "SHOW wal_compression"',
      },
      { cause: 'The WAL is damaged here: move that segment out of pg_wal, so that it is fetched again.' },
    ],
    todo: 'Install a build with the same libraries as the primary (usually the same package), then start the standby again.',
  },
  {
    id: 'prepared-transaction-state',
    of: ['twophase-corrupted'],
    says: [
      'could not recover two-phase state file for transaction %u',
      'could not read two-phase state from WAL at %X/%X',
      'could not read two-phase state from WAL at %X/%X: %s',
      'Two-phase state file has been found in WAL record %X/%X, but this transaction has already been restored from disk.',
      'two-phase state file for transaction %u is corrupt',
      'corrupted two-phase state in memory for transaction %u',
    ],
    source: 'PostgreSQL, src/backend/access/transam/twophase.c',
    matters: 4,
    means:
      'The record of a prepared transaction (PREPARE TRANSACTION) is missing or damaged: the WAL or pg_twophase of this server is not complete.',
    causes: [
      {
        cause:
          'A copy that was not made in backup mode, or files in pg_twophase that were removed or restored by hand.',
      },
      { cause: 'A bug of an older minor release.', on: 'standby', check: 'postgres --version' },
    ],
    todo: 'Install the newest minor release. A standby: make a new base backup. On the primary look at SELECT * FROM pg_prepared_xacts and end those that are not needed.',
  },
  {
    id: 'archive-module',
    of: ['archive-both-set'],
    says: [
      'archive modules have to define the symbol %s',
      'archive modules must register an archive callback',
      'Only one of "archive_command", "archive_library" may be set.',
      'archive command exited with unrecognized status %d',
      'removal of orphan archive status file "%s" failed too many times, will try again later',
    ],
    source: 'PostgreSQL 15 and later, src/backend/postmaster/pgarch.c',
    matters: 4,
    means:
      'Archiving does not work: archive_library and archive_command exclude each other, or the library is not an archive module. WAL is kept in pg_wal meanwhile, and the disk fills up.',
    causes: [
      {
        cause: 'Both are set, or the library has another name or belongs to another release.',
        on: 'primary',
        check:
          'psql -c "SHOW archive_library" -c "SHOW archive_command" -c "SELECT last_failed_wal, last_archived_wal FROM pg_stat_archiver"',
      },
    ],
    todo: 'Set one of them, the other to an empty string, and reload.',
  },
  {
    id: 'kernel-semaphores',
    of: ['semaphores-failed'],
    says: [
      'Failed system call was semget(%lu, %d, 0%o).',
      'could not lock semaphore: error code %lu',
      'giving up after too many tries to reserve shared memory',
      'requested shared memory size overflows size_t',
      'not enough shared memory for data structure "%s" (%zu bytes requested)',
      'huge pages not supported with the current shared_memory_type setting',
    ],
    source: 'PostgreSQL, src/backend/port; storage/ipc/shmem.c',
    matters: 4,
    means:
      'The operating system does not give the server the shared memory or the semaphores that its settings ask for. It does not start.',
    causes: [
      {
        cause: 'max_connections, shared_buffers or huge_pages ask for more than this machine or container has.',
        on: 'standby',
        check: 'sysctl kernel.sem kernel.shmmax kernel.shmall vm.nr_hugepages; free -m',
      },
    ],
    todo: 'Raise the limit of the kernel, or lower shared_buffers. On a standby do not lower max_connections below the value of its primary.',
  },
  {
    id: 'wal-compression-failed',
    says: ['compression failed: Destination buffer is too small uncompressed len %d (%s)', 'compression failed: %s'],
    among: /xloginsert/u,
    source: 'Greenplum and its successors, src/backend/access/transam/xloginsert.c',
    matters: 4,
    means:
      'The server could not compress a page for its WAL and stopped with a PANIC. That is a bug of this release of Greenplum, not of PostgreSQL.',
    todo: 'Set wal_compression = off, reload, and install a release where it is fixed.',
  },
  {
    id: 'server-bug-locks',
    of: ['lock-mode-during-recovery'],
    says: [
      'Only RowExclusiveLock or less can be acquired on database objects during recovery.',
      '%s cannot be executed during recovery.',
      'Recovery control functions can only be executed during recovery.',
      'BRIN control functions cannot be executed during recovery.',
      'GIN pending list cannot be cleaned up during recovery.',
      'Statistics cannot be modified during recovery.',
    ],
    source: 'PostgreSQL, src/backend/storage/lmgr/lock.c; access/transam/xlogfuncs.c',
    matters: 3,
    means:
      'This command does not fit the state of the server: on a standby nothing can be changed or locked against readers, and functions that control replay work on a standby only.',
    causes: [
      {
        cause: 'The connection leads to the other server than meant, or a failover has exchanged the roles.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'Run what changes data on the primary (target_session_attrs=read-write in the connection string), and the functions of replay on the standby.',
  },
  {
    id: 'citus-read-only',
    says: ['writing to worker nodes is not currently allowed'],
    source: 'Citus, src/backend/distributed/utils/resource_lock.c, metadata_utility.c, EnsureModificationsCanRun',
    matters: 4,
    means:
      'Citus was to write to its worker nodes from a server that is a standby, which only a primary may. Some of its functions and views (citus_tables, shard sizes) write as well.',
    causes: [
      {
        cause: 'The query, or the maintenance daemon of an older Citus, runs on the standby.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery()" -c "SELECT extversion FROM pg_extension WHERE extname = \'citus\'"',
      },
    ],
    todo: 'Run it on the primary, and update Citus. Replication is not concerned.',
  },
];
