import type { Answer } from '../answer.ts';

/** Where recovery begins and what it needs. */
export const answersAboutRecovery: readonly Answer[] = [
  {
    of: ['could-not-locate-required-checkpoint', 'backup-label-could-not-find-redo'],
    kind: 'cause',
    matters: 5,
    means:
      'backup_label says where recovery must begin, and the WAL of that checkpoint is not in pg_wal. What to do depends on what this directory is.',
    causes: [
      {
        cause:
          'A restored copy or base backup without its WAL: NEVER remove backup_label. Copy the WAL into pg_wal, or create standby.signal (with primary_conninfo) or recovery.signal (with restore_command).',
        on: 'standby',
        check: 'cat <data directory>/backup_label; ls <data directory>/pg_wal',
        rule: 'standby/raw-copy',
      },
      {
        cause:
          'The original server itself, never copied, which crashed during an exclusive backup (14 and older): START TIME in the file is of that backup. Only there: move backup_label aside and start.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "state|REDO WAL"',
        until: 14,
      },
      { cause: 'The base backup was taken with -X none.', rule: 'command/wal-not-included' },
    ],
    todo: 'If in doubt, take a new base backup with pg_basebackup -X stream -R: it brings its WAL.',
  },
  {
    of: ['could-not-locate-valid-checkpoint'],
    kind: 'cause',
    matters: 5,
    means: 'The control file points to a checkpoint whose WAL is missing or unreadable in pg_wal.',
    causes: [
      {
        cause:
          'The directory is a raw copy (cp, rsync, snapshot of parts) of a running server without backup_label, or backup_label was removed: take a proper base backup.',
        on: 'standby',
        check: 'ls <data directory>/backup_label*; ls -l <data directory>/pg_wal | tail',
        rule: 'standby/raw-copy',
      },
      {
        cause: 'Files in pg_wal were deleted, or pg_wal is on a disk that is not mounted or was full.',
        after: 'WAL deleted',
        on: 'standby',
        check: 'ls -ld <data directory>/pg_wal; df -h <data directory>/pg_wal',
      },
      { cause: 'The machine crashed and the storage lost writes.' },
    ],
    todo: 'A standby: make a new base backup. A primary without backup: copy the whole directory first. pg_resetwal is the last resort, loses data, and only for dumping what is left.',
  },
  {
    of: [
      'invalid-checkpoint-record',
      'invalid-checkpoint-location',
      'invalid-primary-checkpoint',
      'invalid-rmgr-in-checkpoint',
      'invalid-xlinfo-in-checkpoint',
      'invalid-length-of-checkpoint',
      'could-not-find-redo-panic',
    ],
    says: [
      'invalid secondary checkpoint record',
      'could not open file "pg_xlog/%s" (log file %s, segment %s): No such file or directory',
    ],
    id: 'checkpoint-record',
    // what the server makes of it comes right after
    kind: 'consequence',
    matters: 4,
    means: 'The WAL record of the last checkpoint cannot be read: its segment is missing or damaged.',
    causes: [
      {
        cause: 'A copy of a running server without backup mode, or with backup_label removed.',
        on: 'standby',
        check: 'ls <data directory>/backup_label*; ls -l <data directory>/pg_wal | tail',
        rule: 'standby/raw-copy',
      },
      { cause: 'A base backup whose WAL was not copied.', rule: 'wal/gap' },
      { cause: 'Files were removed from pg_wal, or the storage lost writes in a crash.' },
    ],
    todo: 'A standby: make a new base backup. pg_resetwal loses data and is the last resort on a copy.',
  },
  {
    of: ['wal-ends-before-end-of-backup', 'wal-ends-before-consistent'],
    kind: 'cause',
    matters: 5,
    means:
      'Recovery ran out of WAL before the end of the backup: the data directory is not consistent without the rest.',
    causes: [
      {
        cause:
          'The WAL up to the end of the backup is not in pg_wal and not in the archive (backup without -X stream, archive incomplete).',
        on: 'standby',
        check: 'cat <data directory>/backup_label; ls <data directory>/pg_wal | tail',
        rule: 'standby/raw-copy',
      },
      { cause: 'standby.signal or recovery.signal is missing, so that the server does not look for more.' },
      { cause: 'pg_backup_stop was never called, or the copy was taken before it.' },
    ],
    todo: 'Bring the missing WAL (restore_command, or standby.signal with primary_conninfo), or make a new base backup with -X stream.',
  },
  {
    of: ['min-recovery-past-current'],
    beside: /\brelation \S+_(?:vm|fsm)\b/u,
    kind: 'consequence',
    matters: 3,
    means:
      'A page of a visibility or free space map was written by the primary while the base backup copied it, so it is newer than the WAL that has been replayed so far. Until the standby is consistent, this warning is ordinary: replay goes on, and comes to that point.',
    causes: [
      {
        cause: 'The standby still replays up to the end of its base backup: the position moves.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "Minimum recovery|Backup (start|end)"; ps aux | grep "[s]tartup.*recovering"',
        rule: 'network/server-starting',
      },
      {
        cause:
          'After "consistent recovery state reached" it is not: then the copy was not consistent, or the page is damaged, and a new base backup is needed.',
        rule: 'standby/raw-copy',
      },
    ],
  },
  {
    of: ['min-recovery-past-current', 'wal-invalid-pages', 'page-does-not-exist', 'page-uninitialized'],
    means:
      'Replay met a page that is not in the files as the WAL expects: the data directory is not a consistent copy.',
    causes: [
      {
        cause: 'The copy was made without backup mode, or with tools that skipped or truncated files.',
        rule: 'standby/raw-copy',
      },
      {
        cause: 'Storage damage on the standby, or a bug that a newer minor release fixes.',
        on: 'standby',
        check: 'postgres --version',
      },
      {
        cause:
          'A restore of some databases only (pgbackrest --db-include, --db-exclude): the files of the others are zeros. Drop those databases after recovery, and do not use the copy as a standby.',
      },
    ],
    todo: 'Make a new base backup of the standby.',
  },
  {
    of: ['must-specify-restore-command'],
    means:
      'recovery.signal is there, and restore_command is not set. A standby that follows a primary needs standby.signal instead.',
    causes: [
      {
        cause: 'The wrong signal file was created (or, before 12, standby_mode is not on in recovery.conf).',
        on: 'standby',
        check: 'ls <data directory>/*.signal',
        rule: 'standby/recovery-signal-instead',
      },
    ],
    todo: 'For a standby: create standby.signal and move recovery.signal aside. For a point-in-time recovery: set restore_command.',
  },
  {
    of: ['waiting-for-wal'],
    kind: 'consequence',
    matters: 2,
    means:
      'The standby found no WAL for {lsn|this position} anywhere: not in the archive, not in pg_wal, and no primary that streams it. It tries again every few seconds (wal_retrieve_retry_interval).',
    causes: [
      {
        cause: 'The lines before it say why streaming or restore_command failed.',
        on: 'standby',
        check:
          'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo" -c "SHOW restore_command"',
        rule: 'streaming/not-connected',
      },
    ],
  },
  {
    of: ['neither-conninfo-nor-restore'],
    tool: 'patroni',
    means:
      'Patroni started this server without primary_conninfo: there was no leader to follow at that moment. It writes the setting when there is one.',
    causes: [
      {
        cause:
          'The members find no leader: none that is up has enough of the WAL ("not healthy enough for leader race"), or the DCS had no quorum.',
        on: 'standby',
        check: 'patronictl list',
        rule: 'conninfo/missing',
      },
      {
        cause:
          'After a crash of all nodes: they must all have recovered before one is chosen. The former leader may be down.',
      },
    ],
    todo: 'If it stays like this: bring the former leader back, or, if it is lost, choose the member with the most WAL (patronictl failover).',
  },
  {
    of: ['neither-conninfo-nor-restore'],
    means:
      'The standby has standby.signal but neither primary_conninfo nor restore_command: it does not know where to get WAL and only reads its own pg_wal.',
    causes: [
      {
        cause: 'pg_basebackup was run without -R, or the settings are in a file that is not read.',
        on: 'standby',
        check: 'postgres -C primary_conninfo -D <data directory>',
        rule: 'conninfo/missing',
      },
    ],
  },
];
