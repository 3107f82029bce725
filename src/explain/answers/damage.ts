import type { Answer } from '../answer.ts';

const lookAtStorage =
  'dmesg -T | grep -iE "i/o error|ecc|nvme|ext4|xfs" | tail; psql -c "SHOW fsync" -c "SHOW data_checksums"';

/** What a server says when its tables, indexes or catalogs contradict themselves. */
export const answersAboutDamage: readonly Answer[] = [
  {
    id: 'index-damaged',
    says: [
      'index "%s" contains unexpected zero page at block %u',
      'index "%s" contains corrupted page at block %u',
      'could not open critical system index %u',
      'failed to re-find parent key in index "%s" for split pages %u/%u',
      'failed to re-find parent key in index "%s" for deletion target page %u',
      'right sibling\'s left-link doesn\'t match: block %u links to %u instead of expected %u in index "%s"',
      'left link changed unexpectedly in block %u of index "%s"',
      'left sibling %u of target %u doesn\'t match in index "%s"',
      'failed to add item to index page in "%s"',
      'could not find left sibling of block %u in index "%s"',
      'table tid from new index tuple (%u,%u) overlaps with invalid duplicate tuple at offset %u of block %u in index "%s"',
      'heap tid from index tuple (%u,%u) points past end of heap page line pointer array at offset %u of block %u in index "%s"',
      'posting list tuple with %d items cannot be split at offset %d',
      'item order invariant violated for index "%s"',
    ],
    source: 'PostgreSQL, src/backend/access/nbtree, index/genam.c; cache/relcache.c; contrib/amcheck',
    matters: 5,
    means: 'An index is damaged, or not in the order in which this server sorts. Its table may well be whole.',
    causes: [
      {
        cause:
          'Another C library or ICU wrote it (another distribution or image): indexes on text are in the wrong order (ldd --version).',
        on: 'server',
        check: 'psql -c "SELECT datname, datcollate, to_jsonb(d)->>\'datcollversion\' AS made_with FROM pg_database d"',
      },
      {
        cause:
          'Only on a standby: its copy is damaged. amcheck tells whether the primary is whole (CREATE EXTENSION amcheck).',
        on: 'primary',
        check: 'psql -d <database> -c "SELECT bt_index_check(\'<index>\')"',
      },
      {
        cause: 'Storage or memory that lost or changed data, or fsync off in a crash.',
        on: 'server',
        check: lookAtStorage,
      },
    ],
    todo: 'On a primary: REINDEX INDEX <index> (a catalog: REINDEX SYSTEM <database>, with ignore_system_indexes). A standby gets the repair with the WAL, or needs a new base backup.',
  },
  {
    id: 'table-damaged',
    says: [
      'missing chunk number %d for toast value %u in %s',
      'unexpected chunk number %d (expected %d) for toast value %u in %s',
      'unexpected chunk size %d (expected %d) in chunk %d of %d for toast value %u in %s',
      'invalid page header in block %u of relation %s',
      'found xmin %u from before relfrozenxid %u',
      'found multixact %u from before relminmxid %u',
      'found update xid %u from before relfrozenxid %u',
      'MultiXactId %u has not been created yet -- apparent wraparound',
      'MultiXactId %u does no longer exist -- apparent wraparound',
      'compressed pglz data is corrupt',
      'compressed lz4 data is corrupt',
      'compressed data is corrupted',
      'catalog is missing %d attribute(s) for relid %u',
      'uncommitted xmin %u from before xid cutoff %u needs to be frozen',
      'could not find pg_class entry for %u',
      'could not find tuple for attrdef %u',
    ],
    source: 'PostgreSQL, src/backend/access/common/toast_internals.c, heap/heapam.c, transam/multixact.c',
    matters: 5,
    means: 'Rows or catalogs of this database contradict each other: data is damaged on the server that printed this.',
    causes: [
      {
        cause:
          'A data directory that was not copied consistently (without backup mode, backup_label removed), a pg_rewind that failed half-way, or pg_resetwal.',
        on: 'server',
        check: 'pg_controldata -D <data directory> | head -20; ls <data directory>/backup_label*',
      },
      {
        cause: 'Storage or memory that lost or changed data, or fsync off in a crash.',
        on: 'server',
        check: lookAtStorage,
      },
      {
        cause: 'A fault of an old minor release that a later one has fixed.',
        on: 'server',
        check: 'postgres --version',
      },
    ],
    todo: 'A standby: make a new base backup if the primary reads the same row without an error. A primary: stop writing, see whether a standby has the data whole, promote that one or restore a backup. Do not run pg_resetwal.',
  },
  {
    id: 'cache-lookup',
    says: ['cache lookup failed for %s %u', 'cache lookup failed for %s %s %u'],
    among: /cache lookup failed for (?:[a-z-]+ ){1,4}\d+/u,
    source: 'PostgreSQL, src/backend, elog of an internal error (XX000)',
    matters: 3,
    means: 'The catalog has a reference to an object that it does not have.',
    causes: [
      { cause: 'The object was dropped by another session at that moment: then it does not come again.' },
      {
        cause: 'At every attempt: the catalog or its indexes are damaged, or the copy is not consistent.',
        on: 'server',
        check: 'grep -c "cache lookup failed" <log of PostgreSQL>; ls <data directory>/backup_label*',
      },
    ],
    todo: 'If it stays, and a standby alone has it: make a new base backup. On a primary: REINDEX SYSTEM <database>, and keep a backup from before.',
  },
  {
    id: 'wraparound-stop',
    says: [
      'database is not accepting commands to avoid wraparound data loss in database "%s"',
      'database is not accepting commands that assign new transaction IDs to avoid wraparound data loss in database "%s"',
      'database is not accepting commands that assign new MultiXactIds to avoid wraparound data loss in database "%s"',
      'database is not accepting commands that generate new MultiXactIds to avoid wraparound data loss in database "%s"',
      'database "%s" must be vacuumed within %u transactions',
    ],
    source: 'PostgreSQL, src/backend/access/transam/varsup.c, multixact.c',
    matters: 5,
    means:
      'The transaction IDs of the primary are nearly used up: it takes no more writes (or soon will not) until old rows are frozen. Replication goes on.',
    causes: [
      {
        cause:
          'Something holds the oldest transaction: a replication slot (xmin, catalog_xmin), a standby with hot_standby_feedback, a prepared or an old transaction.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, xmin, catalog_xmin FROM pg_replication_slots" -c "SELECT application_name, backend_xmin FROM pg_stat_replication" -c "SELECT gid, prepared FROM pg_prepared_xacts" -c "SELECT pid, backend_xmin, xact_start FROM pg_stat_activity ORDER BY xact_start LIMIT 5"',
      },
      {
        cause: 'Vacuum is too slow or off, or fails at a damaged table.',
        on: 'primary',
        check: 'psql -c "SELECT datname, age(datfrozenxid) FROM pg_database ORDER BY 2 DESC"',
      },
    ],
    todo: 'Remove what holds it (ask who uses the slot before it is dropped), then run VACUUM in that database as a superuser. Single-user mode is not needed.',
  },
  {
    id: 'known-xids-out-of-order',
    says: [
      'out-of-order XID insertion in KnownAssignedXids',
      'lock %s on object %u/%u/%u is already held',
      'latestObservedXid is not after nextXid',
      'cannot abort transaction %u, it was already committed',
      'cannot commit transaction %u, it was already committed',
    ],
    source: 'PostgreSQL, src/backend/storage/ipc/procarray.c, lmgr/lock.c',
    matters: 5,
    means:
      'Replay on this standby met a list of transactions or locks that does not fit what it knows: the WAL and its data do not belong together, or this release has a fault there.',
    causes: [
      {
        cause: 'The data directory is not a consistent copy of this primary.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "state|TimeLineID|NextXID"',
      },
      {
        cause: 'A fault of this minor release, above all with prepared transactions.',
        on: 'standby',
        check: 'postgres --version',
      },
    ],
    todo: 'Install the latest minor release on both servers, then make a new base backup.',
  },
  {
    of: ['could-not-read-pg-control'],
    when: /pg_control"?: read \d+ of \d+/u,
    // as many conditions as the answer for a directory that is not there, and more telling
    beside: /read \d+ of \d+/u,
    kind: 'cause',
    matters: 5,
    means:
      'The file global/pg_control is there and too short, often empty: a crash, a power failure or a full disk cut it off. Without it no server starts on this directory.',
    causes: [
      {
        cause: 'The storage lost what was written before the crash, or had no room.',
        on: 'server',
        check: 'df -h; dmesg -T | grep -iE "i/o error|ext4|xfs|nvme" | tail; ls -l <data directory>/global/pg_control',
        rule: 'standby/incomplete-backup',
      },
      { cause: 'A copy of the directory was broken off.', on: 'server', check: 'ls <data directory>/backup_label*' },
    ],
    todo: 'A standby: make a new base backup (Patroni: patronictl reinit). A primary: keep the directory as it is, and promote a standby or restore a backup. Do not use pg_resetwal, and do not copy pg_control from another server.',
  },
];
