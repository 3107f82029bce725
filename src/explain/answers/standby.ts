import type { Answer } from '../answer.ts';

/** A standby at work: conflicts, promotion, lag. */
export const answersAboutStandbys: readonly Answer[] = [
  {
    of: ['conflict-cancel', 'conflict-terminate', 'conflict-detail-snapshot'],
    when: /row versions/iu,
    means:
      'A query on the standby was cancelled: replay had to remove row versions (vacuum on the primary) that the query might still need, and waited for max_standby_streaming_delay (30 s).',
    causes: [
      {
        cause: 'Long queries on the standby meet vacuum on the primary.',
        on: 'standby',
        check: 'psql -c "SELECT datname, confl_snapshot, confl_lock FROM pg_stat_database_conflicts"',
        rule: 'streaming/conflicts',
      },
    ],
    todo: 'Set hot_standby_feedback = on on the standby (bloat on the primary while a query runs), or raise max_standby_streaming_delay (replay lags meanwhile), then reload. Or run the query again.',
  },
  {
    of: ['conflict-cancel', 'conflict-terminate', 'conflict-detail-lock'],
    when: /relation lock|holding a/iu,
    means:
      "A query on the standby was cancelled: replay needed a lock (ALTER, DROP, TRUNCATE or vacuum's truncation on the primary) that the query held, and waited for max_standby_streaming_delay.",
    causes: [
      {
        cause:
          'A statement with an exclusive lock ran on the primary. hot_standby_feedback does not prevent this kind.',
        on: 'standby',
        check: 'psql -c "SELECT datname, confl_lock, confl_snapshot FROM pg_stat_database_conflicts"',
        rule: 'streaming/conflicts',
      },
    ],
    todo: 'Raise max_standby_streaming_delay on the standby, or set vacuum_truncate = off for the table if vacuum causes it. Or run the query again.',
  },
  {
    of: ['conflict-cancel', 'conflict-terminate', 'conflict-detail-tablespace', 'conflict-detail-database'],
    when: /(?:tablespace|database) that must be dropped/iu,
    means:
      'A session on the standby was ended, because the primary dropped the database or the tablespace that it used. Replay does not wait for such a session long.',
    causes: [
      {
        cause: 'DROP DATABASE or DROP TABLESPACE (or a move of tables between tablespaces) was run on the primary.',
        on: 'primary',
        check: 'psql -l; psql -c "\\db"',
      },
    ],
    todo: 'That is meant to be so. Connect to another database, or set temp_tablespaces on the standby to one that stays.',
  },
  {
    of: ['conflict-cancel', 'conflict-terminate', 'conflict-detail-bufferpin', 'conflict-detail-deadlock'],
    when: /buffer (?:deadlock|pin)/iu,
    means:
      'A query on the standby was cancelled: it held a page in memory that replay had to clean up. hot_standby_feedback does not prevent this kind.',
    causes: [
      {
        cause:
          'Scans of tables that are vacuumed or changed much on the primary at that moment; the deadlock kind is rare.',
        on: 'standby',
        check: 'psql -c "SELECT datname, confl_bufferpin, confl_deadlock FROM pg_stat_database_conflicts"',
        rule: 'streaming/conflicts',
      },
    ],
    todo: 'Run the query again. If it is frequent, raise max_standby_streaming_delay on the standby.',
  },
  {
    id: 'replay-waits-for-lock',
    says: ['process %d still waiting for %s on %s after %s ms'],
    among: /(?:WAL|xlog) redo/iu,
    source: 'PostgreSQL, src/backend/storage/lmgr/proc.c, ProcSleep (log_lock_waits)',
    matters: 4,
    means:
      'Replay on this standby waits for a lock: a session here uses the table that the primary altered, dropped or truncated. The standby lags until it ends, or until max_standby_streaming_delay is over.',
    causes: [
      {
        cause: 'A long query, or a session that is idle in a transaction.',
        on: 'standby',
        check:
          'psql -c "SELECT pid, state, xact_start, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 5"',
        rule: 'streaming/replay-stuck',
      },
    ],
    todo: 'End that session if it is not needed (SELECT pg_terminate_backend(<pid>)), or lower max_standby_streaming_delay.',
  },
  {
    of: ['conflict-still-waiting'],
    when: /on snapshot/iu,
    means:
      'Replay is waiting: queries on the standby may still need row versions that vacuum on the primary has removed. The standby lags until they end, or until max_standby_streaming_delay (30 s) cancels them.',
    causes: [
      {
        cause: 'A long query, or a session that is idle in a transaction, on the standby.',
        on: 'standby',
        check:
          'psql -c "SELECT pid, usename, state, xact_start, query FROM pg_stat_activity WHERE backend_xmin IS NOT NULL ORDER BY xact_start"',
        rule: 'streaming/conflicts',
      },
    ],
    todo: 'Set hot_standby_feedback = on on the standby (bloat on the primary while a query runs), or lower max_standby_streaming_delay where the lag matters more than the queries, then reload.',
  },
  {
    of: ['conflict-still-waiting'],
    when: /on lock/iu,
    means:
      "Replay is waiting for a lock (ALTER, DROP, TRUNCATE or vacuum's truncation on the primary) that conflicts with a query on the standby. The standby lags until the query ends, or until max_standby_streaming_delay (30 s) cancels it.",
    causes: [
      {
        cause:
          'A query, or a session that is idle in a transaction, on the standby holds a lock on that table. hot_standby_feedback does not prevent this kind.',
        on: 'standby',
        check:
          'psql -c "SELECT pid, usename, state, xact_start, query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND xact_start IS NOT NULL ORDER BY xact_start"',
        rule: 'streaming/conflicts',
      },
    ],
    todo: 'End that session if it is idle in a transaction, or lower max_standby_streaming_delay where the lag matters more than the queries, then reload.',
  },
  {
    of: ['conflict-cancel', 'conflict-terminate', 'conflict-still-waiting'],
    means:
      'Replay on the standby came into conflict with a query there; after max_standby_streaming_delay (or max_standby_archive_delay) the query is cancelled.',
    causes: [
      {
        cause: 'Row versions that vacuum removed: hot_standby_feedback = on helps.',
        tried: 'feedback on',
        on: 'standby',
        check: 'psql -c "SELECT * FROM pg_stat_database_conflicts"',
        rule: 'streaming/conflicts',
      },
      {
        cause:
          'An exclusive lock on the primary (DDL, TRUNCATE, the truncation at the end of a vacuum: vacuum_truncate = off): hot_standby_feedback does not help, only the delay does.',
        after: 'feedback on',
        on: 'standby',
        check: 'psql -c "SELECT datname, confl_lock, confl_snapshot, confl_bufferpin FROM pg_stat_database_conflicts"',
      },
      {
        cause:
          'Feedback was not in force: the standby was disconnected (without a slot the primary forgets its xmin), follows another standby on which it is off, or was not reloaded.',
        after: 'feedback on',
        only: true,
        on: 'primary',
        check:
          'psql -c "SELECT application_name, backend_xmin FROM pg_stat_replication" -c "SELECT slot_name, active, xmin FROM pg_replication_slots"',
      },
    ],
  },
  {
    of: ['syncrep-wait-canceled-user', 'syncrep-wait-canceled-terminate'],
    means:
      'A commit on the primary waited for a synchronous standby that did not answer, until the wait was canceled. The transaction is committed on the primary, and perhaps not on the standby.',
    causes: [
      {
        cause: 'No standby named in synchronous_standby_names is connected, or its application_name differs.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SELECT application_name, state, sync_state FROM pg_stat_replication"',
        rule: 'primary/synchronous-commit-blocked',
      },
    ],
    todo: "Bring the standby back, or set synchronous_standby_names = '' and reload.",
  },
  {
    of: ['recovery-in-progress'],
    means: 'The function works only on a primary, and this server is in recovery (a standby).',
    causes: [
      {
        cause:
          'For example pg_current_wal_lsn(): on a standby use pg_last_wal_receive_lsn() and pg_last_wal_replay_lsn().',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()"',
      },
      {
        cause:
          'A monitoring program (an exporter, a dashboard) runs a query for primaries on a standby too. The replication is not affected.',
      },
    ],
    todo: 'Run the query on the primary only, or guard it with pg_is_in_recovery(); update the monitoring program.',
  },
  {
    of: ['recovery-not-in-progress'],
    means: 'The function works only on a standby, and this server is a primary.',
    causes: [
      {
        cause: 'The server was promoted, or was started without standby.signal.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
        rule: 'standby/already-primary',
      },
    ],
  },
  {
    of: ['fpw-off-since-restartpoint', 'fpw-off-during-backup'],
    means: 'A base backup from a standby is not possible, because its primary writes WAL with full_page_writes = off.',
    todo: 'Set full_page_writes = on on the primary, reload, wait for a checkpoint there, then take the backup again. Or take it from the primary.',
    causes: [
      { cause: 'full_page_writes is off on the primary.', on: 'primary', check: 'psql -c "SHOW full_page_writes"' },
    ],
  },
  {
    of: ['standby-promoted-during-backup'],
    means:
      'The standby that was being copied was promoted during the backup. What was copied so far is not consistent and cannot be used.',
    causes: [
      {
        cause: 'A failover, or pg_promote().',
        on: 'server',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'Take the backup again into an empty directory. If the promotion was not meant, two servers accept writes now: stop this one first.',
  },
  {
    of: [
      'invalid-page-in-block',
      'invalid-page-in-block-18',
      'page-verification-failed',
      'read-block-short',
      'read-block',
    ],
    means: 'A page of the file in the message is damaged on this server.',
    causes: [
      {
        cause: 'Disk, controller, memory or file system damaged it, or the copy was made without backup mode.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "i/o error|ecc|ext4|xfs"',
      },
    ],
    todo: 'On a standby: make a new base backup. On a primary: check whether a standby still has the page, stop writing, and restore from there or from a backup.',
  },
  {
    of: ['access-status-transaction'],
    when: /pg_commit_ts/u,
    means:
      'The server has no commit timestamp of this transaction: the file in pg_commit_ts that DETAIL names is missing or too short.',
    causes: [
      {
        cause:
          'The data directory is not a consistent copy, or track_commit_timestamp was switched on or off around the copy.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep track_commit; ls -l <data directory>/pg_commit_ts',
        rule: 'standby/raw-copy',
      },
    ],
    todo: 'A standby: install the latest minor release, and make a new base backup.',
  },
  {
    of: ['access-status-transaction'],
    when: /MultiXact\/(?:CREATE_ID|ZERO_\w+|TRUNCATE_ID)|pg_multixact\/offsets[\s\S]*(?:xlog|WAL) redo/u,
    matters: 5,
    means:
      'Replay of a multixact stopped on a page of pg_multixact/offsets that is not there. In 18.2, 17.8, 16.12, 15.16 and 14.21 a fault of the server does that to standbys whose primary runs an older minor release.',
    causes: [
      {
        cause: 'This standby runs one of those releases, and its primary an older one.',
        on: 'standby',
        check: 'postgres --version; psql -h <primary> -c "SHOW server_version"',
      },
      {
        cause: 'Other releases: the data directory is not a consistent copy (made without backup mode).',
        on: 'standby',
        check: 'ls -l <data directory>/pg_multixact/offsets | tail',
        rule: 'standby/raw-copy',
      },
    ],
    todo: 'Install the latest minor release on the standby and start it: it goes on where it stopped. Then update the primary, too. If it stops there again, make a new base backup.',
  },
  {
    id: 'clog-missing',
    of: ['access-status-transaction'],
    means:
      'The server looked for the state of a transaction, and the file that DETAIL names is missing or too short. Either the data directory is incomplete, or the row that names the transaction is damaged.',
    causes: [
      {
        cause: 'The data directory is not a consistent copy: made without backup mode, or backup_label was removed.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_xact <data directory>/pg_subtrans | tail -30',
        rule: 'standby/raw-copy',
      },
      {
        cause:
          'A page is damaged: the transaction number is far beyond those that pg_xact has. Then one table or row is concerned, also on a primary.',
        on: 'server',
        check: 'psql -c "SELECT pg_current_xact_id()"; dmesg -T | grep -iE "i/o error|ecc|ext4|xfs" | tail',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: see whether a standby reads the same rows, and restore the table from there or from a backup. Do not make files in pg_xact by hand.',
  },
  {
    of: ['unexpected-eof-standby'],
    kind: 'consequence',
    matters: 2,
    means:
      'A replication connection to this server ended without a goodbye: the receiver (a standby, pg_basebackup, a subscriber) was stopped, crashed or lost its network. This server has no fault.',
    causes: [
      {
        cause: 'The log of the receiving side at this minute says why. pg_stat_replication shows whether it is back.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state, backend_start FROM pg_stat_replication"',
      },
    ],
  },
  {
    of: ['db-interrupted-in-recovery', 'db-interrupted-in-recovery-logtime'],
    when: /corrupted|choose an earlier recovery target/u,
    kind: 'consequence',
    matters: 2,
    means:
      'The server was stopped or crashed in the middle of recovery and begins it again. Once, that is harmless; at every start, something ends it: a full disk, a damaged file, the memory limit, a start timeout.',
    causes: [
      {
        cause: 'The last lines of the run before this one say what ended it.',
        on: 'standby',
        check:
          'grep -hE "FATAL|PANIC|terminated by signal|shutdown request" <data directory>/log/* /var/log/postgresql/* 2>/dev/null | tail',
      },
      {
        cause: 'The kernel or the container ended it.',
        on: 'standby',
        check: 'dmesg -T | grep -iE "oom|killed process|i/o error" | tail',
      },
    ],
    todo: 'If it always stops at the same position, make a new base backup (a standby) or recover from a backup.',
  },
];
