import type { Answer } from '../answer.ts';

const withoutFunction = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`function ${name}(%s) does not exist`, `function pg_catalog.${name}(%s) does not exist`]);

/** Functions for backups and replication that other releases have under another name, or not at all. */
export const answersAboutRenamedFunctions: readonly Answer[] = [
  {
    id: 'backup-functions-renamed',
    says: withoutFunction(['pg_start_backup', 'pg_stop_backup', 'pg_is_in_backup', 'pg_backup_start_time']),
    source: 'PostgreSQL 15, release notes; src/include/catalog/pg_proc.dat',
    matters: 5,
    means:
      'The functions for a backup by hand are called pg_backup_start and pg_backup_stop since 15, and the exclusive mode is gone. The script or tool was written for older releases.',
    causes: [
      {
        cause: 'The tool (Barman before 3.0, a script, WAL-G before 2.0) does not know this release.',
        on: 'primary',
        check: 'psql -c "SHOW server_version"',
      },
    ],
    todo: "Update the tool. In a script: keep one session open, SELECT pg_backup_start('label', fast => true), copy, then SELECT * FROM pg_backup_stop() and save its labelfile as backup_label in the copy. pg_basebackup does all of that.",
  },
  {
    id: 'xlog-functions-renamed',
    says: withoutFunction([
      'pg_last_xlog_receive_location',
      'pg_last_xlog_replay_location',
      'pg_current_xlog_location',
      'pg_current_xlog_insert_location',
      'pg_current_xlog_flush_location',
      'pg_xlog_location_diff',
      'pg_switch_xlog',
      'pg_xlogfile_name',
      'pg_xlogfile_name_offset',
      'pg_is_xlog_replay_paused',
      'pg_xlog_replay_pause',
      'pg_xlog_replay_resume',
    ]),
    source: 'PostgreSQL 10, release notes; src/include/catalog/pg_proc.dat',
    matters: 5,
    means:
      'Since 10 these functions have wal instead of xlog and lsn instead of location in their names: pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_current_wal_lsn(), pg_wal_lsn_diff(), pg_switch_wal(). The server and its replication have no fault.',
    causes: [
      {
        cause: 'A monitoring or failover script (or an old pgpool, repmgr or exporter) was written for 9.x.',
        on: 'standby',
        check: 'psql -c "SHOW server_version"',
      },
    ],
    todo: 'Use the new names, or update the tool. The columns of pg_stat_replication have changed as well: sent_lsn, write_lsn, flush_lsn, replay_lsn.',
  },
  {
    id: 'wal-functions-missing',
    says: withoutFunction([
      'pg_last_wal_receive_lsn',
      'pg_last_wal_replay_lsn',
      'pg_current_wal_lsn',
      'pg_wal_lsn_diff',
      'pg_switch_wal',
      'pg_is_wal_replay_paused',
      'pg_wal_replay_resume',
      'pg_wal_replay_pause',
      'pg_promote',
      'pg_get_wal_replay_pause_state',
    ]),
    source: 'PostgreSQL 10, 12 and 14, release notes; src/include/catalog/pg_proc.dat',
    matters: 4,
    means:
      'This release does not have the function: before 10 the names have xlog and location (pg_last_xlog_replay_location), pg_promote() came with 12, and pg_get_wal_replay_pause_state() with 14.',
    causes: [
      {
        cause: 'The server is older than the instructions, or is not PostgreSQL itself (a pooler, another database).',
        on: 'standby',
        check: 'psql -c "SELECT version()"',
      },
    ],
    todo: 'Use the old name, and before 12 pg_ctl promote instead of pg_promote().',
  },
];
