import type { Answer } from '../answer.ts';

/** A file could not be written; why is in errno's words. */
const notWritten = [
  'pgbb-write-file',
  'pgrw-write-wal',
  'write-file',
  'extend-file',
  'extend-file-short',
  'extend-file-fallocate',
  'wal-write-panic',
  'walreceiver-write-segment-failed',
  'create-file-xlog',
  'fsync-file',
  'os-edquot',
];

/** Where a base backup is written: the directories, their owner, and the room there. */
export const answersAboutBackupTargets: readonly Answer[] = [
  {
    of: ['pgbb-create-dir'],
    when: /File exists/iu,
    matters: 5,
    means:
      'pg_basebackup met a directory in its target that it had not created: something else writes into {directory} at the same time, or a tablespace directory has old content.',
    causes: [
      {
        cause:
          'Two base backups run into the same directory (two services, or a retry while the first one still runs).',
        on: 'standby',
        check: 'ps aux | grep "[p]g_basebackup"',
      },
      {
        cause: 'A tablespace is inside the data directory of the source, so it is copied twice.',
        after: 'tablespace inside',
        on: 'primary',
        check: 'psql -c "SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace"',
      },
    ],
    todo: 'Make sure that only one base backup runs, and start it again into an empty directory (tablespace directories, too).',
  },
  {
    of: ['pgbb-dir-not-empty', 'bb-target-dir-not-empty'],
    matters: 5,
    means: 'The directory {directory} is not empty, and the program does not write into it. Nothing was changed.',
    causes: [
      {
        cause:
          'A data directory is there already: of an earlier attempt, or made by initdb (packages do so at installation; the image does so on an empty volume at its first start).',
        on: 'standby',
        check: 'ls -la {directory}',
        rule: 'target/not-empty',
      },
      {
        cause:
          'It is the directory of a tablespace. pg_basebackup writes tablespaces to the same paths as on the source (or where -T says), and a failed attempt leaves them filled.',
        on: 'primary',
        check: 'psql -c "\\db"',
      },
      { cause: 'It is a mount point with lost+found: use a directory below it.' },
    ],
    todo: 'Make sure that no server runs on it and that nothing in it is needed. Then move it aside (mv {directory} {directory}.old) and run the command again. In a container, run pg_basebackup before the server starts for the first time, with the entrypoint replaced.',
  },
  {
    of: ['pgbb-dir-not-empty'],
    beside:
      /waiting for (?:the )?(?:primary|master)|\buntil (?:PGPASSWORD=\S+ )?pg_basebackup\b|^[\w.-]+[-_]\d+ +\|.*(?:exists but is not empty)[^]*^[\w.-]+[-_]\d+ +\|.*(?:exists but is not empty)/imu,
    matters: 5,
    means:
      'A script runs pg_basebackup at every start of the replica, and {directory} has its copy already. Nothing was changed; the script tries again without end.',
    causes: [
      {
        cause: 'The first start made the copy, and the volume has kept it. The script must leave out the copy then.',
        on: 'standby',
        check: 'ls -la {directory}; cat {directory}/PG_VERSION; ls {directory}/standby.signal',
        rule: 'target/not-empty',
      },
      {
        cause: 'PG_VERSION is there and standby.signal is not: the image ran initdb first. That directory is no copy.',
      },
      { cause: 'Neither is there: what an interrupted pg_basebackup has left, or lost+found of a mount point.' },
    ],
    todo: 'In the script: [ -s "$PGDATA/PG_VERSION" ] || pg_basebackup …, then start the server in any case. Only where the directory is no good copy: stop the container, move it aside, start again.',
  },
  {
    of: ['pgbb-dir-not-empty', 'bb-target-dir-not-empty'],
    when: /\binitdb\b/u,
    matters: 5,
    means: 'initdb does not write into {directory}: it is not empty.',
    causes: [
      {
        cause: 'A data directory (or the remains of a failed start) is there.',
        on: 'standby',
        check: 'ls -la {directory}',
      },
      {
        cause:
          'It is a mount point with lost+found or a hidden file: set PGDATA to a directory below it (/var/lib/postgresql/data/pgdata).',
        rule: 'target/not-empty',
      },
      {
        cause:
          'In the image: PG_VERSION is missing there, so the entrypoint takes it for a new one. An interrupted pg_basebackup leaves such a directory.',
      },
    ],
    todo: 'Move it aside if nothing in it is needed. For a standby, initdb is wrong anyway: pg_basebackup makes the directory.',
  },
  {
    of: ['pgbb-create-dir', 'pgbb-access-dir', 'pgbb-create-file'],
    when: /Permission denied/iu,
    means: 'The program cannot write to its target {directory}: the operating system refuses it.',
    causes: [
      {
        cause:
          'It runs as another user than the owner of the directory. Run it as the user of the server (usually postgres).',
        on: 'standby',
        check: 'id; ls -ld {directory}; ls -ld "$(dirname {directory})"',
        rule: 'target/not-writable',
      },
      { cause: 'A mounted volume belongs to root or to another user id (containers, NFS), or SELinux forbids it.' },
    ],
  },
  {
    of: notWritten,
    when: /Disk quota exceeded/u,
    kind: 'cause',
    matters: 5,
    means:
      'The file system has room, but the quota of this user, project or directory is used up: the program may not write more.',
    causes: [
      {
        cause:
          'The quota is smaller than the data with its WAL and logs. df shows the file system, not the quota (on NFS, ZFS and cloud shares it may show either).',
        on: 'standby',
        check: 'quota -s; repquota -as 2>/dev/null | grep postgres; df -h <data directory>; du -sh <data directory>',
      },
      {
        cause: 'On a primary, pg_wal grows because archiving fails or because an inactive replication slot holds WAL.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots" -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'wal/disk-full',
      },
    ],
    todo: 'Raise the quota where the storage is managed, then start again. Never delete files from pg_wal.',
  },
  {
    of: [...notWritten, 'os-enospc'],
    when: /No space left on device|disk full|Disk quota exceeded|Check free disk space/iu,
    kind: 'cause',
    matters: 5,
    means: 'A file system is full where this program writes.',
    causes: [
      {
        cause: 'On a primary, pg_wal grows because archiving fails or because an inactive replication slot holds WAL.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots" -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'wal/disk-full',
      },
      {
        cause:
          'The data, a base backup with its WAL, or logs need more room than there is. In containers: /dev/shm or the volume is too small.',
        on: 'standby',
        check: 'df -h; df -i',
      },
      {
        cause: 'On a standby, pg_wal keeps what is not replayed yet, and what slots on the standby itself hold.',
        after: 'on a standby',
        on: 'standby',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
    ],
    todo: 'Make room or enlarge the file system, then start again. Never delete files from pg_wal.',
  },
  {
    of: ['write-file', 'extend-file', 'create-file-xlog', 'os-enospc'],
    when: /pgsql_tmp[^\n]*(?:No space left on device|Disk quota exceeded)/u,
    beside: /pgsql_tmp/u,
    kind: 'cause',
    matters: 5,
    means:
      'A query needed more room for its temporary files (a sort, a hash, a cursor) than the file system has. The query failed, and its files are removed; if pg_wal is on the same file system, the server itself may stop next.',
    causes: [
      {
        cause: 'This query, or several at once, spill to disk.',
        on: 'server',
        check:
          'df -h; psql -c "SELECT datname, temp_files, pg_size_pretty(temp_bytes) FROM pg_stat_database ORDER BY temp_bytes DESC LIMIT 5" -c "SHOW temp_file_limit"',
      },
      {
        cause: 'The file system was nearly full before: pg_wal that grows, logs, data.',
        on: 'server',
        check: 'du -sh <data directory>/pg_wal <data directory>/log <data directory>/base',
      },
    ],
    todo: 'Set temp_file_limit, so that one query fails before the disk is full, or temp_tablespaces on another disk. Never delete files from pg_wal.',
  },
  {
    of: ['dsm-resize', 'pgbb-copy-stream', 'out-of-shared-memory'],
    when: /No space left on device/iu,
    means: 'Shared memory is full: /dev/shm is too small (64 MB in a container).',
    causes: [{ cause: 'The container has the default --shm-size.', on: 'standby', check: 'df -h /dev/shm' }],
    todo: 'Start the container with --shm-size=1g (compose: shm_size: 1gb).',
  },
  {
    of: ['tblspc-already-in-use', 'pgbb-mapping-format'],
    means: 'A tablespace cannot be written to its place.',
    causes: [
      {
        cause:
          'The copy is made on the same machine, or the directory is in use: give --tablespace-mapping=OLDDIR=NEWDIR for each tablespace.',
        on: 'primary',
        check: 'psql -c "SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace"',
      },
    ],
  },
  {
    of: ['extend-file-short', 'write-block-old2', 'bb-target-write'],
    matters: 5,
    means:
      'Only a part of what was to be written to {file} got there: nearly always the file system is full, or a quota is reached.',
    causes: [
      { cause: 'No room, no inodes, or a quota.', on: 'server', check: 'df -h; df -i; quota -s 2>/dev/null' },
      {
        cause: 'On a primary, pg_wal grows because archiving fails or because an inactive replication slot holds WAL.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots" -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'wal/disk-full',
      },
    ],
    todo: 'Make room or enlarge the file system. Never delete files from pg_wal.',
  },
];
