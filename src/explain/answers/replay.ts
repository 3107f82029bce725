import type { Answer } from '../answer.ts';

/** What ends the replay of WAL, or of a server's other work on its files. */
export const answersAboutReplay: readonly Answer[] = [
  {
    id: 'data-beyond-end',
    says: ['unexpected data beyond EOF in block %u of relation %s'],
    source: 'PostgreSQL, src/backend/storage/buffer/bufmgr.c, ExtendBufferedRelShared',
    matters: 5,
    means:
      'The server made a relation one page longer, and the file already had data there: the file is longer than the server believes.',
    causes: [
      {
        cause:
          'In recovery or on a standby: the data directory is not a consistent copy, or something else (a second server, an earlier restore) wrote into it.',
        on: 'standby',
        check: 'ps aux | grep "[p]ostgres.* -D"; ls -l <data directory>/backup_label*; findmnt -T <data directory>',
        rule: 'standby/raw-copy',
      },
      {
        cause:
          'The file system reports a wrong size: network file systems, faulty kernels, snapshots of a running disk.',
        on: 'standby',
        check: 'uname -r; findmnt -T <data directory>; dmesg -T | grep -iE "i/o error|ext4|xfs|nfs" | tail',
      },
    ],
    todo: 'A standby: make a new base backup, into an empty directory on a local file system. A primary: make sure that one server only uses the directory, keep a copy of it, and look at the storage before you go on.',
  },
  {
    of: ['allocation-impossible'],
    when: /logical|decod|pgoutput|wal2json|publication|slot|repalloc/iu,
    means:
      'Logical decoding on the source server asked for more memory than one piece may have (1 GB). Physical standbys are not concerned.',
    causes: [
      {
        cause:
          'A fault of the minor releases of May 2025 (13.21, 14.18, 15.13, 16.9, 17.5): invalidation messages are passed on again and again. The releases of August 2025 have the fix.',
        on: 'primary',
        check: 'psql -c "SHOW server_version"',
      },
      { cause: 'A single row or a single change is nearly that large (bytea, text, jsonb).' },
    ],
    todo: 'Install the latest minor release on the source server and start the subscriber again.',
  },
  {
    id: 'allocation-impossible',
    of: ['allocation-impossible'],
    says: ['invalid memory alloc request size %zu'],
    among: /\b(?:redo|recovery|standby|WAL|replica|replication|startup|slot|logical)\b/u,
    source: 'PostgreSQL, src/backend/utils/mmgr/mcxt.c',
    matters: 4,
    means:
      'The server read a length from its data or its WAL that cannot be right: a page or a WAL record is damaged. It is not about the memory of the machine.',
    causes: [
      {
        cause: 'In recovery: a WAL record is damaged (disk, memory, a segment that was cut off).',
        on: 'standby',
        check: 'pg_waldump <data directory>/pg_wal/<segment> | tail -3',
      },
      {
        cause: 'In a query: a page of a table is damaged, or the copy was made without backup mode.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "i/o error|ecc|ext4|xfs"',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: find the row and the table that the query was reading, and restore them from a backup.',
  },
  {
    id: 'unknown-wal-record',
    says: ['unknown op code %u'],
    among: /redo\b/u,
    source: 'PostgreSQL, the redo functions of the resource managers',
    matters: 5,
    means:
      'The WAL has a record of a kind that this server does not know. The primary runs a newer minor release than this standby, or the record is damaged.',
    causes: [
      {
        cause: 'The primary was updated before this standby. A standby is always updated first.',
        on: 'standby',
        check: 'postgres --version; psql -h <primary> -c "SHOW server_version"',
      },
      { cause: 'Both run the same release: the segment is damaged.' },
    ],
    todo: 'Install the minor release of the primary, or a later one, on this standby and start it: it goes on where it stopped. If both already run the same one, make a new base backup.',
  },
  {
    of: ['mismatching-overwritten-lsn'],
    matters: 5,
    means:
      'After a crash of the primary, its WAL goes on after an abandoned record. This standby has another record at that place than the primary says.',
    causes: [
      {
        cause:
          'The standby replayed WAL that the primary then lost in its crash (fsync off, storage that loses writes), or it has the WAL of another server.',
        on: 'primary',
        check: 'psql -c "SHOW fsync" -c "SHOW full_page_writes"',
      },
      { cause: 'A fault of older minor releases with records that cross segments: install the latest one on both.' },
    ],
    todo: 'Make a new base backup of the standby.',
  },
  {
    of: ['unexpected-prev-timeline-checkpoint', 'unexpected-timeline-checkpoint', 'unexpected-timeline-before-min'],
    matters: 5,
    means:
      'The WAL that is replayed leads to another timeline than the one that recovery follows: two histories are mixed.',
    causes: [
      {
        cause:
          'Two servers archive into the same directory (an old primary that still runs, a clone with archive_command on).',
        on: 'standby',
        check: 'ls -l <directory of the archive> | tail; ls -l <data directory>/pg_wal/*.history',
      },
      {
        cause:
          'Segments in pg_wal come from another server: copied by hand, or left from an earlier life of this directory.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -iE "timeline|state"',
      },
      { cause: 'recovery_target_timeline names a branch that began before the backup ended.' },
    ],
    todo: 'Make sure that one server only archives there. Make a new base backup into an empty directory; with a restore, choose recovery_target_timeline that holds the backup.',
  },
];
